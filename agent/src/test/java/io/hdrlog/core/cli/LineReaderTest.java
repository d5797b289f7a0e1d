package io.hdrlog.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineReaderTest {
  private static ByteArrayInputStream in(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void linesOfAnyLengthComeWholeAndAHalfOneWaits() throws IOException {
    String longLine = "x".repeat(300_000);
    LineReader reader =
        new LineReader(new SequenceInputStream(in("a\n\n" + longLine + "\nha"), in("lf\nrest")));
    assertThat(reader.next()).asString().isEqualTo("a");
    assertThat(reader.next()).isEmpty();
    assertThat(reader.next()).hasSize(300_000);
    assertThat(reader.next()).asString().isEqualTo("half");
    assertThat(reader.next()).isNull();
  }

  @Test
  void aLineThatIsNoRecordIsReadOver() throws IOException {
    LineReader reader = new LineReader(in("a\n" + "x".repeat(40 << 20) + "\nb\n"));
    assertThat(reader.next()).asString().isEqualTo("a");
    assertThat(reader.next()).asString().isEqualTo("b");
  }
}

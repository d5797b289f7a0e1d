package io.hdrlog.core.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.HeadParser;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.Masker;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderNamesTest {
  private static final int LINES = 200_000;

  private final Masker masker = Records.masker();
  private final HeaderNames names =
      new HeaderNames(
          new Globs(List.of("*")), masker, Ascii.bytes("x-request-id"), new ValueWriter(masker));

  /** Values in turn: they are looked up where they are found, and else hardly ever. */
  @ParameterizedTest
  @ValueSource(ints = {8, 16, 64, 128, 256, 512, 960, 1024, 1100, 2048, 4096, 100_000})
  void aLineIsLookedUpWhereThatPays(int values) {
    Field field = new Field();
    HeaderName name = null;
    int lookedUp = 0;
    int found = 0;
    for (int i = 0; i < LINES; i++) {
      byte[] line = Ascii.bytes(String.format("Cookie: session=%08x\r\n\r\n", i % values));
      assertThat(HeadParser.next(line, 0, line.length, field)).isTrue();
      if (name == null || !HeaderNames.isNameEnough(name)) {
        lookedUp++;
      }
      Hint hint = names.find(line, 0, field);
      name = hint.name;
      if (hint.isLine()) {
        found++;
      }
    }
    if (values <= 16) {
      assertThat(found).isGreaterThan(LINES / 100 * 99);
    }
    if (lookedUp > LINES / 100 * 8) {
      assertThat(found).as("of %d", lookedUp).isGreaterThan(lookedUp / 4);
    }
  }
}

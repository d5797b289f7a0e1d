package io.hdrlog.core.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UtcTimeTest {
  @Test
  void agreesWithTheJdk() {
    DateTimeFormatter iso =
        DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    DateTimeFormatter stamp =
        DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      long ms = (long) (random.nextDouble() * 253_402_300_799_999.0);
      Instant instant = Instant.ofEpochMilli(ms);
      String text = UtcTime.iso(ms);
      assertThat(text).isEqualTo(iso.format(instant));
      assertThat(UtcTime.stamp(ms)).isEqualTo(stamp.format(instant));
      byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
      assertThat(UtcTime.parseIso(bytes, 0, bytes.length)).isEqualTo(ms / 1000 * 1000);
    }
  }

  @Test
  void whatIsNoTimeIsTold() {
    byte[] text = "2026-11-2xT18:00:00Z".getBytes(StandardCharsets.US_ASCII);
    assertThat(UtcTime.parseIso(text, 0, text.length)).isEqualTo(-1);
    assertThat(UtcTime.parseIso(text, 0, 5)).isEqualTo(-1);
  }
}

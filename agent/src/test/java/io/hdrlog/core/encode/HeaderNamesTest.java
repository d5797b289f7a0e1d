package io.hdrlog.core.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.HeadParser;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.MaskMode;
import io.hdrlog.core.mask.Masker;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeaderNamesTest {
  private static final int LINES = 200_000;

  private final Masker masker =
      new Masker(
          Records.MASKED_HEADERS, Records.MASKED_QUERY, true, MaskMode.REDACT, new byte[32], false);
  private final HeaderNames names =
      new HeaderNames(
          new Globs(List.of("*")), masker, Ascii.bytes("x-request-id"), new ValueWriter(masker));

  /**
   * Values in turn: so many that none is worth keeping are hardly looked up, whatever their number,
   * and where few come again and again all are.
   */
  @ParameterizedTest
  @CsvSource({"8, 0.99, 1", "16, 0.99, 1", "512, 0, 0.05", "1024, 0, 0.05", "100000, 0, 0.05"})
  void aLineIsLookedUpWhereThatPays(int values, double least, double most) {
    Field field = new Field();
    HeaderName name = null;
    int lookedUp = 0;
    for (int i = 0; i < LINES; i++) {
      byte[] line = Ascii.bytes(String.format("Cookie: session=%08x\r\n\r\n", i % values));
      assertThat(HeadParser.next(line, 0, line.length, field)).isTrue();
      if (name == null || !HeaderNames.isNameEnough(name)) {
        lookedUp++;
      }
      name = names.find(line, 0, field).name;
    }
    assertThat(lookedUp / (double) LINES).isBetween(least, most);
  }
}

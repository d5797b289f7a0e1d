package io.hdrlog.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WholeLinesTest {
  /** Line ends are given as bars. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "GET /a HTTP/1.1|A: 1|B: 2|; GET /a HTTP/1.1|A: 1|B: 2|",
        "GET /a HTTP/1.1|A: 1|B: 4111 11; GET /a HTTP/1.1|A: 1|",
        "GET /a HTTP/1.1|A: 1|B: 4111| 11| 1; GET /a HTTP/1.1|A: 1|",
        "GET /a HTTP/1.1|A: 1|B; GET /a HTTP/1.1|A: 1|",
        "GET /a HTTP/1.1|A; GET /a HTTP/1.1|",
        "GET /a HTTP/1.1| A?; GET /a HTTP/1.1|",
        "GET /a?card=4111 11; GET /a",
        "GET /a?b=c HTTP/1.; GET /a",
        "GET /a/4111 11; GET_",
        "GE; ''",
        "''; ''"
      })
  void halfALineIsLeftOut(String head, String kept) {
    byte[] bytes = Ascii.bytes(head.replace("|", "\r\n"));
    int length = WholeLines.ofRequest(bytes, bytes.length);
    assertThat(new String(bytes, 0, length, StandardCharsets.US_ASCII))
        .isEqualTo(kept.replace("|", "\r\n").replace('_', ' '));
  }

  @Test
  void ofATrailerNothingMayBeWhole() {
    byte[] trailer = Ascii.bytes("X-Check: 4111 11");
    assertThat(WholeLines.length(trailer, trailer.length)).isZero();
  }
}

package io.hdrlog.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyHeaderTest {
  private static final String BINARY = "\r\n\r\n\0\r\nQUIT\n";

  private static int length(String text) {
    byte[] bytes = ("xx" + text).getBytes(StandardCharsets.ISO_8859_1);
    return ProxyHeader.length(bytes, 2, bytes.length);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n",
        "PROXY TCP6 2001:db8::1 2001:db8::2 40000 80\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN ffff:f...f:ffff 65535 65535\r\n",
        BINARY + "!\u0011\0\u000c" + "abcdabcd1234",
        BINARY + " \0\0\0"
      })
  void isAsLongAsItSays(String header) {
    assertThat(length(header)).isEqualTo(header.length());
    assertThat(length(header + "GET / HTTP/1.1\r\n")).isEqualTo(header.length());
    assertThat(length(header.substring(0, header.length() - 1))).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "P",
        "PROXY / HTTP/1.1\r\n",
        "PROXY TCP4 a\n",
        "PROPFIND / HTTP/1.1\r\n",
        "\r\n\r\nGET / HTTP/1.1\r\n"
      })
  void whatIsNoneIsTheFirstRequests(String text) {
    assertThat(length(text)).isZero();
  }

  @Test
  void aLineHasAnEnd() {
    assertThat(length("PROXY TCP4 " + "1".repeat(94) + "\r\n")).isEqualTo(107);
    assertThat(length("PROXY TCP4 " + "1".repeat(95) + "\r\n")).isZero();
  }
}

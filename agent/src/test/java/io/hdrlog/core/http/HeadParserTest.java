package io.hdrlog.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HeadParserTest {
  private static Head request(String text) {
    byte[] b = Ascii.bytes(text);
    Head head = new Head();
    HeadParser.parseRequest(b, 0, b.length, head);
    return head;
  }

  private static String part(Head head, int offset, int length) {
    return length < 0
        ? null
        : new String(head.bytes, offset, length, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  private static String line(String requestLine) {
    Head h = request(requestLine);
    return part(h, h.methodOffset, h.methodLength)
        + "|"
        + part(h, h.schemeOffset, h.schemeLength)
        + "|"
        + part(h, h.authorityOffset, h.authorityLength)
        + "|"
        + part(h, h.pathOffset, h.pathLength)
        + "|"
        + part(h, h.queryOffset, h.queryLength)
        + "|"
        + part(h, h.versionOffset, h.versionLength);
  }

  @Test
  void requestLinesOfEveryForm() {
    assertThat(line("GET /a/b?c=d HTTP/1.1\r\n")).isEqualTo("GET|null|null|/a/b|c=d|1.1");
    assertThat(line("\r\n\r\nGET /a HTTP/1.0\n")).isEqualTo("GET|null|null|/a|null|1.0");
    assertThat(line("GET http://h:1/p?q HTTP/1.1\r\n")).isEqualTo("GET|http|h:1|/p|q|1.1");
    assertThat(line("GET http://h?q HTTP/1.1\r\n")).isEqualTo("GET|http|h|null|q|1.1");
    assertThat(line("CONNECT h:443 HTTP/1.1\r\n")).isEqualTo("CONNECT|null|h:443|null|null|1.1");
    assertThat(line("OPTIONS * HTTP/1.1\r\n")).isEqualTo("OPTIONS|null|null|*|null|1.1");
    assertThat(line("GET /a?")).isEqualTo("GET|null|null|/a|null|null");
    assertThat(line("GET / HTTP/2\r\n")).isEqualTo("GET|null|null|/|null|2");
    assertThat(line("GET /a b HTTP/1.1\r\n")).isEqualTo("GET|null|null|/a b|null|1.1");
    assertThat(line("GET /a HTTP/x\r\n")).isEqualTo("GET|null|null|/a HTTP/x|null|null");
    assertThat(line("GET ")).isEqualTo("GET|null|null|null|null|null");
    assertThat(line("GET foo HTTP/1.1")).isEqualTo("GET|null|null|null|null|1.1");
    assertThat(line("GET")).isEqualTo("null|null|null|null|null|null");
    assertThat(line("")).isEqualTo("null|null|null|null|null|null");
    assertThat(line("\u0016\u0003\u0001")).isEqualTo("null|null|null|null|null|null");
  }

  @Test
  void statusLines() {
    Head h = new Head();
    byte[] b = Ascii.bytes("HTTP/1.1 404 Not Found\r\nA: b\r\n\r\n");
    HeadParser.parseResponse(b, 0, b.length, h);
    assertThat(h.status).isEqualTo(404);
    assertThat(part(h, h.reasonOffset, h.reasonLength)).isEqualTo("Not Found");
    assertThat(h.headerCount).isEqualTo(1);
    for (String bad : new String[] {"HTTP/1.1 4", "HTTP/1.1 4x4 ", "", "HTTP/1.1 2000", "404"}) {
      byte[] bytes = Ascii.bytes(bad);
      HeadParser.parseResponse(bytes, 0, bytes.length, h);
      assertThat(h.status).as(bad).isZero();
    }
  }

  @Test
  void headerLinesWithFoldsBlanksAndGarbage() {
    Head h =
        request(
            """
            GET / HTTP/1.1
            A:1
            b :\t 2\s
            no colon
             folded onto nothing
            C: x
             y
            \tz
            :path: /p
            : nameless
            two words: v

            D: behind the end
            """);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < h.headerCount; i++) {
      byte[] value = new byte[h.valueLength(i)];
      int n = HeadParser.unfold(h.bytes, h.valueOffset(i), h.valueLength(i), value);
      all.append(part(h, h.nameOffset(i), h.nameLength(i)))
          .append('=')
          .append(new String(value, 0, n, java.nio.charset.StandardCharsets.ISO_8859_1))
          .append('|');
    }
    assertThat(all.toString()).isEqualTo("A=1|b=2|C=x y z|:path=/p|");
    assertThat(part(h, h.headersEnd, h.limit - h.headersEnd)).startsWith("D:");
    assertThat(h.find(Ascii.bytes("c"))).isEqualTo(2);
    assertThat(h.find(Ascii.bytes("d"))).isEqualTo(Head.NONE);
  }

  @Test
  void whatStandsBehindABareCrIsLeftOut() {
    Head h =
        request(
            """
            GET /a\rZ: z HTTP/1.1\r
             folded\r
            A: 1\rB: 2\r\rC: 3\r
             folded\r
            D: 4\r\r
            E: 5\r 6\rF: 7
            G: 8\r
            \r
            """);
    assertThat(part(h, h.targetOffset, h.targetLength)).isEqualTo("/a");
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < h.headerCount; i++) {
      all.append(part(h, h.nameOffset(i), h.nameLength(i))).append('=');
      all.append(part(h, h.valueOffset(i), h.valueLength(i))).append('|');
    }
    assertThat(all.toString()).isEqualTo("A=1|D=4|E=5\r 6|G=8|");
    assertThat(h.headersEnd).isEqualTo(h.limit);
  }

  @Test
  void anyBytesAreReadWithoutLeavingTheirBounds() {
    Random random = new Random(3);
    byte[] signs = Ascii.bytes("\r\n :?/ab\t\0HTTP/1.1 200");
    Head h = new Head();
    for (int i = 0; i < 50_000; i++) {
      byte[] b = new byte[random.nextInt(60)];
      for (int k = 0; k < b.length; k++) {
        b[k] = signs[random.nextInt(signs.length)];
      }
      int offset = b.length == 0 ? 0 : random.nextInt(b.length);
      int length = random.nextInt(b.length - offset + 1);
      HeadParser.parseRequest(b, offset, length, h);
      check(h, offset, offset + length);
      HeadParser.parseResponse(b, offset, length, h);
      check(h, offset, offset + length);
    }
  }

  private static void check(Head h, int from, int to) {
    assertThat(h.headersEnd).isBetween(from, to);
    for (int i = 0; i < h.headerCount; i++) {
      assertThat(h.nameOffset(i)).isBetween(from, to);
      assertThat(h.nameLength(i)).isBetween(1, to - h.nameOffset(i));
      assertThat(h.valueOffset(i)).isBetween(from, to);
      assertThat(h.valueLength(i)).isBetween(0, to - h.valueOffset(i));
    }
  }
}

package io.hdrlog.core.encode;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TrailersTest {
  private static Exchange exchange(String requestTrailer, String responseTrailer) {
    Exchange e = Records.request("POST / HTTP/1.1\r\nHost: a\r\n\r\n");
    byte[] request = Ascii.bytes(requestTrailer);
    byte[] response = Ascii.bytes(responseTrailer);
    e.appendRequestTrailer(request, 0, request.length);
    e.appendResponseTrailer(response, 0, response.length);
    return e;
  }

  @Test
  void trailersStandBehindTheHeaders() {
    Exchange e = exchange("Checksum: 1\r\nchecksum: 2\r\n", "grpc-status: 0\r\n");
    Map<?, ?> r = Records.record(e);
    assertThat(Json.at(r, "http.request.trailer.checksum")).isEqualTo(List.of("1", "2"));
    assertThat(Json.at(r, "http.response.trailer.grpc-status")).isEqualTo(List.of("0"));
    String line = Records.line(new JsonEncoder(Records.settings()), e);
    assertThat(line).contains("\"header\":{\"host\":[\"a\"]},\"trailer\":{\"checksum\"");
  }

  @Test
  void secretsInTrailersAreMaskedLikeThoseInHeaders() {
    JsonEncoder encoder = new JsonEncoder(Records.settings());
    for (int i = 0; i < 4; i++) {
      String line =
          Records.line(
              encoder,
              exchange(
                  "X-Auth-Token: s3cr3t\r\nCookie: a=s3cr3t\r\n",
                  "Set-Cookie: b=s3cr3t; Path=/\r\nx: Bearer s3cr3ts3cr3ts3cr3t\r\nhalf-secret: s3c"));
      assertThat(line).doesNotContain("s3cr3t").contains("x-auth-token", "set-cookie");
      Json.object(line.getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void whatIsNotToBeLoggedIsNotLoggedAsATrailerEither() {
    EncoderSettings settings = Records.settings();
    settings.requestHeaders = List.of("!checksum", "*");
    Map<?, ?> r =
        Records.record(new JsonEncoder(settings), exchange("Checksum: 1\r\nother: 2\r\n", ""));
    assertThat(Json.at(r, "http.request.trailer")).isEqualTo(Map.of("other", List.of("2")));
  }

  @Test
  void aCutTrailerSaysSoAndHasNoHalfLine() {
    Exchange e = exchange("a: 1\r\nb: half", "");
    e.requestTrailerCut = true;
    Map<?, ?> r = Records.record(e);
    assertThat(Json.at(r, "http.request.trailer")).isEqualTo(Map.of("a", List.of("1")));
    assertThat(Json.at(r, "truncated")).isEqualTo(List.of("http.request.trailer"));
  }

  @Test
  void aCountedSizeComesBeforeOneMadeOfPositions() {
    Exchange e = exchange("", "");
    e.rxStart = 100;
    e.rxEnd = 300;
    e.txStart = 10;
    e.txEnd = 60;
    e.requestBytes = 150;
    Map<?, ?> r = Records.record(e);
    assertThat(Json.at(r, "http.request.size")).hasToString("150");
    assertThat(Json.at(r, "http.response.size")).hasToString("50");
  }

  @Test
  void copiesHaveTheTrailersAndReusedOnesDoNot() {
    Exchange e = exchange("a: 1\r\n", "b: 2\r\n");
    e.requestBytes = 7;
    e.rxFloor = 8;
    Exchange copy = new Exchange();
    copy.copyFrom(e);
    copy.copyFrom(e);
    assertThat(copy.requestTrailerLength).isEqualTo(6);
    assertThat(copy.responseTrailerLength).isEqualTo(6);
    assertThat(copy.requestBytes).isEqualTo(7);
    assertThat(copy.rxFloor).isEqualTo(8);
    copy.clear();
    assertThat(copy.requestTrailerLength).isZero();
    assertThat(copy.requestBytes).isEqualTo(Exchange.UNKNOWN);
  }
}

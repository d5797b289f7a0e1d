package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.mask.MaskMode;
import io.hdrlog.core.mask.Masker;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Exchanges, settings as the contract's defaults have them, and records read back. */
final class Records {
  static final List<String> MASKED_HEADERS =
      List.of(
          "authorization",
          "proxy-authorization",
          "cookie",
          "set-cookie",
          "*auth*",
          "*token*",
          "*secret*",
          "*password*",
          "*passwd*",
          "*api-key*",
          "*apikey*",
          "*credential*",
          "*session*",
          "*signature*",
          "x-amz-security-token",
          "x-forwarded-client-cert");
  static final List<String> MASKED_QUERY =
      List.of(
          "*token*",
          "*secret*",
          "*password*",
          "*pwd*",
          "*key*",
          "*auth*",
          "*session*",
          "sig",
          "*signature*",
          "code",
          "AWSAccessKeyId",
          "X-Amz-*",
          "X-Goog-*");

  /** 2026-11-22T18:32:00Z in nanoseconds. */
  static final long WALL_NS = 1_795_372_320_000_000_000L;

  private Records() {}

  static Masker masker() {
    return new Masker(MASKED_HEADERS, MASKED_QUERY, true, MaskMode.REDACT, new byte[32], false);
  }

  static EncoderSettings settings() {
    EncoderSettings settings = new EncoderSettings();
    settings.service = "orders";
    settings.pid = 42;
    settings.maskHeaders = MASKED_HEADERS;
    settings.maskQuery = MASKED_QUERY;
    settings.key = new byte[32];
    settings.requestIds = new RequestIds("x-request-id", WALL_NS);
    return settings;
  }

  static Exchange exchange(String requestHead, String responseHead) {
    Exchange e = new Exchange();
    byte[] request = requestHead.getBytes(StandardCharsets.ISO_8859_1);
    byte[] response = responseHead.getBytes(StandardCharsets.ISO_8859_1);
    e.appendRequestHead(request, 0, request.length);
    e.appendResponseHead(response, 0, response.length);
    e.seenNs = 123_456_789L;
    e.sources = Exchange.FROM_JVM;
    return e;
  }

  static Exchange request(String requestHead) {
    return exchange(requestHead, "HTTP/1.1 200 OK\r\n\r\n");
  }

  static String line(JsonEncoder encoder, Exchange e) {
    Heads heads = new Heads();
    heads.read(e);
    Utf8Buffer out = new Utf8Buffer(64);
    int length = encoder.encode(e, heads, WALL_NS, out);
    String line = new String(Arrays.copyOf(out.array(), length), StandardCharsets.UTF_8);
    if (line.indexOf('\n') != line.length() - 1) {
      throw new IllegalStateException("not one line: " + line);
    }
    return line;
  }

  static Map<?, ?> record(JsonEncoder encoder, Exchange e) {
    return Json.object(line(encoder, e).getBytes(StandardCharsets.UTF_8));
  }

  static Map<?, ?> record(Exchange e) {
    return record(new JsonEncoder(settings()), e);
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;

/** {@code http}: route, request and response. */
final class HttpPart implements Part {
  private static final Fragment HTTP = Fragment.of("\"http\":{");
  private static final Fragment REQUEST = Fragment.of("\"request\":{");
  private static final Fragment RESPONSE = Fragment.of("\"response\":{");
  private static final Fragment METHOD = Fragment.of("\"method\":");
  private static final Fragment STATUS = Fragment.of("\"status_code\":");
  private static final Fragment INFORMATIONAL = Fragment.of("\"informational\":[");
  private static final Fragment HEADER = Fragment.of("\"header\":{");
  private static final Fragment TRAILER = Fragment.of("\"trailer\":{");
  private static final Fragment BODY_SIZE = Fragment.of("\"body\":{\"size\":");
  private static final Fragment SIZE = Fragment.of("\"size\":");

  private final ValueWriter values;
  private final Routes routes;
  private final HeaderBlocks headers;
  private final Truncated truncated;

  HttpPart(ValueWriter values, HeaderBlocks headers, Truncated truncated) {
    this.values = values;
    this.headers = headers;
    this.truncated = truncated;
    routes = new Routes(values);
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    int start = out.length();
    out.put(HTTP);
    if (e.route != null) {
      out.put(routes.json(e.route));
    }
    request(e, heads.request, out);
    response(e, heads.response, out);
    out.closeObject(start);
  }

  private void request(Exchange e, Head head, Utf8Buffer out) {
    int start = out.length();
    out.put(REQUEST);
    if (head.methodLength > 0) {
      out.put(METHOD);
      values.text(head.bytes, head.methodOffset, head.methodLength, out);
      out.put(',');
    }
    lines(HEADER, headers.request, out);
    trailer(
        headers.requestTrailer, e.requestTrailer, e.requestTrailerLength, e.requestTrailerCut, out);
    sizes(e.requestBodyBytes, e.requestBytes, e.rxStart, e.rxEnd, out);
    out.closeObject(start);
  }

  private void response(Exchange e, Head head, Utf8Buffer out) {
    int start = out.length();
    out.put(RESPONSE);
    if (head.status > 0) {
      out.field(STATUS, head.status);
    }
    if (e.informationalCount() > 0) {
      out.put(INFORMATIONAL);
      for (int i = 0; i < e.informationalCount(); i++) {
        out.number(e.informational(i));
        out.put(',');
      }
      out.closeArray();
    }
    lines(HEADER, headers.response, out);
    trailer(
        headers.responseTrailer,
        e.responseTrailer,
        e.responseTrailerLength,
        e.responseTrailerCut,
        out);
    sizes(e.responseBodyBytes, e.responseBytes, e.txStart, e.txEnd, out);
    out.closeObject(start);
  }

  private void trailer(HeaderBlock block, byte[] bytes, int length, boolean cut, Utf8Buffer out) {
    if (length > 0) {
      block.read(bytes, 0, length, cut);
      lines(TRAILER, block, out);
    }
  }

  private void lines(Fragment opening, HeaderBlock block, Utf8Buffer out) {
    int start = out.length();
    out.put(opening);
    out.put(block.json().array(), 0, block.json().length());
    out.closeObject(start);
    truncated.addAll(block.truncated());
    if (block.isCut()) {
      truncated.add(block.path());
    }
  }

  /** The message's size as it was counted, or else what it took of the stream. */
  private static void sizes(
      long body, long message, long streamStart, long streamEnd, Utf8Buffer out) {
    if (body >= 0) {
      out.put(BODY_SIZE);
      out.number(body);
      out.put(Fragment.END_OBJECT);
    }
    if (message >= 0) {
      out.field(SIZE, message);
    } else if (streamStart >= 0 && streamEnd > streamStart) {
      out.field(SIZE, streamEnd - streamStart);
    }
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;

/** One stream of HTTP/2: one request and its response. */
final class Http2Stream {
  final int id;
  final Exchange exchange;

  /** The request came as HTTP/1 and is answered here. */
  boolean upgraded;

  boolean requestDone;
  boolean responseHead;
  boolean responseDone;
  boolean malformed;
  boolean connect;
  int status;
  long requestBodyBytes;
  long responseBodyBytes;
  long requestBytes;
  long responseBytes;

  Http2Stream(int id, Exchange exchange) {
    this.id = id;
    this.exchange = exchange;
  }
}

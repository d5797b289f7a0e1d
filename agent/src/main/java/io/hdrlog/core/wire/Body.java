package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;

/** A message's body, passed over and counted; nothing of it but its trailer is kept. */
final class Body {
  private enum Kind {
    NONE,
    LENGTH,
    CHUNKED,
    UNTIL_CLOSE
  }

  /** Not needed to the end of the connection, but counted. */
  static final long SKIP_REST = Long.MAX_VALUE - 1;

  private final boolean request;
  private final ChunkedBody chunked = new ChunkedBody();
  private Kind kind = Kind.NONE;
  private long left;
  private long passed;

  Body(boolean request) {
    this.request = request;
  }

  void none() {
    kind = Kind.NONE;
    passed = 0;
  }

  void length(long length) {
    kind = length == 0 ? Kind.NONE : Kind.LENGTH;
    left = length;
    passed = 0;
  }

  void chunked() {
    kind = Kind.CHUNKED;
    chunked.begin();
  }

  void untilClose() {
    kind = Kind.UNTIL_CLOSE;
    passed = 0;
  }

  /** Reads on and returns how far; trailers go to the exchange. */
  int consume(byte[] b, int from, int to, Exchange x) {
    return switch (kind) {
      case NONE -> from;
      case CHUNKED -> chunked.consume(b, from, to, x, request);
      case LENGTH -> {
        int n = (int) Math.min(left, to - from);
        skip(n);
        yield from + n;
      }
      case UNTIL_CLOSE -> {
        passed += to - from;
        yield to;
      }
    };
  }

  /** How many of the next bytes need not be seen. */
  long skippable() {
    return switch (kind) {
      case NONE -> 0;
      case LENGTH -> left;
      case CHUNKED -> chunked.skippable();
      case UNTIL_CLOSE -> SKIP_REST;
    };
  }

  /** Passes over bytes unseen, at most {@link #skippable}. */
  void skip(long n) {
    switch (kind) {
      case NONE -> {}
      case CHUNKED -> chunked.skip(n);
      case LENGTH -> {
        left -= n;
        passed += n;
      }
      case UNTIL_CLOSE -> passed += n;
    }
  }

  boolean done() {
    return switch (kind) {
      case NONE -> true;
      case LENGTH -> left == 0;
      case CHUNKED -> chunked.done();
      case UNTIL_CLOSE -> false;
    };
  }

  boolean endsWithConnection() {
    return kind == Kind.UNTIL_CLOSE;
  }

  /** True if the framing is broken: nobody knows where the next message begins. */
  boolean bad() {
    return kind == Kind.CHUNKED && chunked.bad();
  }

  /** Content without framing. */
  long bytes() {
    return kind == Kind.CHUNKED ? chunked.decoded() : passed;
  }
}

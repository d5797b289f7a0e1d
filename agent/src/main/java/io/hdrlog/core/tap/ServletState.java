package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import java.util.concurrent.atomic.AtomicBoolean;

/** One request seen through the Servlet API. Kept as an attribute of the request. */
final class ServletState {
  final Exchange exchange;
  final AtomicBoolean ended = new AtomicBoolean();

  /** A thread is inside the outermost filter or servlet. */
  volatile boolean inside = true;

  /** A listener waits for the end. */
  volatile boolean listening;

  volatile boolean failed;

  /** The application did not complete an asynchronous request in its time. */
  volatile boolean asyncTimedOut;

  /** What the container calls the request; HTTP/2's stream if it is one. */
  long stream = Exchange.UNKNOWN;

  /** The header name that was told last, and whether it is one told before in other letters. */
  String name;

  boolean told;

  String requestId;
  Mdc mdc;
  String mdcBefore;

  ServletState(Exchange exchange) {
    this.exchange = exchange;
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;

/** An exchange that waits for the other streams' parts of its record. */
final class Pending {
  /** Swapped when two streams' views of one request become one. */
  Exchange exchange = new Exchange();

  /** When it came to the correlator. */
  long sinceNs;

  long deadlineNs;

  /** The same request, as another stream saw it, may still come. */
  boolean lacksTwin;

  /** Another record has what this would say. */
  boolean superfluous;

  /** Until when it is waited for. */
  long twinNs;

  Connection connection;

  /**
   * Streams of HTTP/2 are in no order among each other: one that waits for its other view holds
   * nobody up.
   */
  boolean mayBeOvertaken() {
    return lacksTwin && exchange.protocolVersion != null;
  }

  /** The next one on the same connection. */
  Pending nextOnConnection;

  // All that wait, in the order in which they came and so of their deadlines.
  Pending older;
  Pending newer;
}

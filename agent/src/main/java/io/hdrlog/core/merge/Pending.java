package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;

/** An exchange of the JVM stream that waits for the kernel's part of its record. */
final class Pending {
  final Exchange exchange = new Exchange();

  /** When it came to the correlator. */
  long sinceNs;

  long deadlineNs;
  Connection connection;

  /** The next one on the same connection. */
  Pending nextOnConnection;

  // All that wait, in the order in which they came and so of their deadlines.
  Pending older;
  Pending newer;
}

package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;

/**
 * What the tap knows of one of Tomcat's processors: the exchange it is busy with. Kept as a note of
 * the processor's request object, so it lives and dies with the processor.
 *
 * <p>Tomcat lets one thread at a time work on a connection and hands it over under a lock.
 */
final class CoyoteState {
  final Exchange exchange = new Exchange();

  CoyoteConnection connection;

  /** Between the first byte of a request and its end. */
  boolean open;

  /** Refused before any handler. */
  boolean rejected;

  /** The connection leaves HTTP/1.1. */
  boolean upgraded;

  /** The adapter was entered. */
  boolean entered;

  /** The response had no head, as in HTTP/0.9. */
  boolean headless;

  /** Where in the input buffer the staged head begins. */
  int stageStart;

  /** Length of a body that the kernel sends from a file. */
  long sendfile;

  /** The application did not complete an asynchronous request in its time. */
  boolean asyncTimedOut;

  /** How the transport failed; null if it did not. */
  Outcome failure;

  /** When AsyncContext.complete() was called. */
  long completedNs;

  /** When the thread that began an asynchronous request left it. */
  long leftNs;

  /** The id, once somebody asked for it. */
  String requestId;

  /** What to restore when the thread leaves the request; null if nothing was put. */
  Mdc mdc;

  /** The id stands in the map of the thread that is in the adapter now. */
  boolean mdcEntered;

  String mdcBefore;

  void begin() {
    open = true;
    rejected = false;
    entered = false;
    stageStart = 0;
    sendfile = 0;
    asyncTimedOut = false;
    headless = false;
    failure = null;
    completedNs = Timing.ABSENT;
    leftNs = Timing.ABSENT;
    requestId = null;
    exchange.clear();
  }
}

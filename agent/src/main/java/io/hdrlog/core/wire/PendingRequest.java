package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;

/** A request of HTTP/1 on its way, or its response; places in the queue are used again. */
final class PendingRequest {
  Exchange exchange;

  /** The first byte can begin a method, so that even a piece of a line is a request. */
  boolean plausible;

  boolean lineRead;
  boolean headRead;
  boolean requestDone;
  boolean responseStarted;

  /** The final response's head is complete. */
  boolean answered;

  boolean responseDone;
  boolean malformed;
  boolean zeroNine;
  boolean preface;
  boolean head;
  boolean connect;
  boolean offersH2c;
  boolean upgraded;

  /** A response that no request asked for: framed, and then forgotten. */
  boolean orphan;

  int status;
  long requestEndNs;
  long responseEndNs;

  void begin(Exchange x) {
    exchange = x;
    plausible = false;
    lineRead = false;
    headRead = false;
    requestDone = false;
    responseStarted = false;
    answered = false;
    responseDone = false;
    malformed = false;
    zeroNine = false;
    preface = false;
    head = false;
    connect = false;
    offersH2c = false;
    upgraded = false;
    orphan = false;
    status = 0;
    requestEndNs = x.endNs;
    responseEndNs = x.endNs;
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;

/**
 * The newest requests of a connection that are in a record as the wire showed them, because the
 * JVM's part did not come in time: if it comes yet, it must not make a second record.
 */
final class Widows {
  private static final int KEPT = 8;

  /** Of HTTP/2, where a hundred may be open at a time. */
  private static final int STREAMS_KEPT = 256;

  private final long[] headNs;
  private final long[] endNs;
  private int count;

  /** For the connection of this exchange. */
  Widows(Exchange exchange) {
    boolean streams =
        exchange.connectionStream != Exchange.UNKNOWN || exchange.protocolVersion != null;
    headNs = new long[streams ? STREAMS_KEPT : KEPT];
    endNs = new long[headNs.length];
  }

  void add(Exchange exchange) {
    int at = count++ % headNs.length;
    headNs[at] = Twins.readable(exchange);
    endNs[at] = exchange.endNs;
  }

  /** The other way round: one that is in a record as the JVM showed it. */
  void addEntered(Exchange jvm) {
    int at = count++ % headNs.length;
    headNs[at] = Twins.entered(jvm);
    endNs[at] = headNs[at];
  }

  /** Whether what the wire shows is of one of these; that one is then forgotten. */
  boolean removeWithin(Exchange wire) {
    for (int i = 0; i < Math.min(count, headNs.length); i++) {
      if (headNs[i] != Timing.ABSENT
          && headNs[i] - Twins.readable(wire) >= 0
          && (wire.endNs == Timing.ABSENT || headNs[i] - wire.endNs <= 0)) {
        headNs[i] = Timing.ABSENT;
        return true;
      }
    }
    return false;
  }

  /** Whether what the JVM tells is of one of them; that one is then forgotten. */
  boolean remove(Exchange jvm) {
    long entered = Twins.entered(jvm);
    for (int i = 0; i < Math.min(count, headNs.length); i++) {
      if (headNs[i] != Timing.ABSENT
          && entered - headNs[i] >= 0
          && (endNs[i] == Timing.ABSENT || entered - endNs[i] <= 0)) {
        headNs[i] = Timing.ABSENT;
        return true;
      }
    }
    return false;
  }
}

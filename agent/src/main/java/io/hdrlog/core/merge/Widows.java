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

  private final long[] streams;
  private final long[] headNs;
  private final long[] endNs;
  private int count;

  /** For the connection of this exchange. */
  Widows(Exchange exchange) {
    boolean http2 =
        exchange.connectionStream != Exchange.UNKNOWN || exchange.protocolVersion != null;
    streams = new long[http2 ? STREAMS_KEPT : KEPT];
    headNs = new long[streams.length];
    endNs = new long[streams.length];
  }

  void add(Exchange wire) {
    add(wire.connectionStream, Twins.readable(wire), wire.endNs);
  }

  /** The other way round: one that is in a record as the JVM showed it. */
  void addEntered(Exchange jvm) {
    long entered = Twins.entered(jvm);
    add(jvm.connectionStream, entered, entered);
  }

  private void add(long stream, long head, long end) {
    int at = count++ % headNs.length;
    streams[at] = stream;
    headNs[at] = head;
    endNs[at] = end;
  }

  /** Whether what the wire shows is of one of these; that one is then forgotten. */
  boolean removeWithin(Exchange wire) {
    for (int i = 0; i < Math.min(count, headNs.length); i++) {
      if (headNs[i] != Timing.ABSENT
          && (known(wire, i)
              ? isStream(wire, i)
              : within(headNs[i], Twins.readable(wire), wire.endNs))) {
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
          && (known(jvm, i) ? isStream(jvm, i) : within(entered, headNs[i], endNs[i]))) {
        headNs[i] = Timing.ABSENT;
        return true;
      }
    }
    return false;
  }

  private boolean known(Exchange exchange, int i) {
    return exchange.connectionStream != Exchange.UNKNOWN && streams[i] != Exchange.UNKNOWN;
  }

  private boolean isStream(Exchange exchange, int i) {
    return exchange.connectionStream == streams[i];
  }

  private static boolean within(long ns, long from, long to) {
    return ns - from >= 0 && (to == Timing.ABSENT || ns - to <= 0);
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.kernel.SocketJournal;

/**
 * The two ends of a connection, as a key. Mutable so that a look-up allocates nothing; an instance
 * that is in a map must not be changed.
 */
final class Ends {
  private long remoteHigh;
  private long remoteLow;
  private long localHigh;
  private long localLow;
  private int ports;

  Ends set(Exchange exchange) {
    remoteHigh = exchange.remoteHigh;
    remoteLow = exchange.remoteLow;
    localHigh = exchange.localHigh;
    localLow = exchange.localLow;
    ports = exchange.remotePort << 16 | exchange.localPort;
    return this;
  }

  Ends set(SocketJournal journal) {
    remoteHigh = journal.remoteHigh();
    remoteLow = journal.remoteLow();
    localHigh = journal.localHigh();
    localLow = journal.localLow();
    ports = journal.remotePort() << 16 | journal.localPort();
    return this;
  }

  Ends copy() {
    Ends copy = new Ends();
    copy.remoteHigh = remoteHigh;
    copy.remoteLow = remoteLow;
    copy.localHigh = localHigh;
    copy.localLow = localLow;
    copy.ports = ports;
    return copy;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ends that
        && ports == that.ports
        && remoteLow == that.remoteLow
        && remoteHigh == that.remoteHigh
        && localLow == that.localLow
        && localHigh == that.localHigh;
  }

  @Override
  public int hashCode() {
    // Clients differ in port and low address; the multiplication spreads both over all bits.
    long mixed = (remoteLow * 31 + remoteHigh * 17 + ports) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32);
  }
}

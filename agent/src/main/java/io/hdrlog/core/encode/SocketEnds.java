package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.IpAddress;

/**
 * Writes {@code network.peer} and {@code network.local}. What a connection's are is remembered in
 * fixed slots, since most requests come on a connection that has had some.
 */
final class SocketEnds {
  private static final int SLOTS = 256;
  private static final int KEY_LONGS = 5;
  private static final int JSON_MAX = 256;
  private static final Fragment PEER = Fragment.of("\"peer\":{\"address\":\"");
  private static final Fragment LOCAL = Fragment.of("\"local\":{\"address\":\"");
  private static final Fragment PORT = Fragment.of("\",\"port\":");
  private static final Fragment END = Fragment.of("},");

  private final boolean maskIp;

  /** The one that is being written. */
  private final byte[] address = new byte[16];

  /** Of each slot the two addresses and the two ports. */
  private final long[] keys = new long[SLOTS * KEY_LONGS];

  private final byte[] json = new byte[SLOTS * JSON_MAX];
  private final int[] lengths = new int[SLOTS];

  /**
   * @param maskIp whether the client's address is cut
   */
  SocketEnds(boolean maskIp) {
    this.maskIp = maskIp;
  }

  void write(Exchange e, Utf8Buffer out) {
    long ports = (long) e.remotePort << 32 | (long) e.localPort << 8 | (e.outbound ? 1 : 0);
    int slot = (int) (e.remotePort * 31L + e.remoteLow * 7) & (SLOTS - 1);
    int at = slot * KEY_LONGS;
    if (lengths[slot] > 0
        && keys[at] == ports
        && keys[at + 1] == e.remoteLow
        && keys[at + 2] == e.localLow
        && keys[at + 3] == e.remoteHigh
        && keys[at + 4] == e.localHigh) {
      out.put(json, slot * JSON_MAX, lengths[slot]);
      return;
    }
    int start = out.length();
    end(PEER, e.remoteHigh, e.remoteLow, e.remotePort, maskIp && !e.outbound, out);
    end(LOCAL, e.localHigh, e.localLow, e.localPort, false, out);
    int length = out.length() - start;
    System.arraycopy(out.array(), start, json, slot * JSON_MAX, length);
    keys[at] = ports;
    keys[at + 1] = e.remoteLow;
    keys[at + 2] = e.localLow;
    keys[at + 3] = e.remoteHigh;
    keys[at + 4] = e.localHigh;
    lengths[slot] = length;
  }

  private void end(Fragment opening, long high, long low, int port, boolean cut, Utf8Buffer out) {
    out.put(opening);
    IpAddress.put(high, low, address);
    text(cut, out);
    out.put(PORT);
    out.number(port);
    out.put(END);
  }

  /** Writes an address, cut to its network where {@code cut} says so. */
  void address(byte[] ip, boolean cut, Utf8Buffer out) {
    System.arraycopy(ip, 0, address, 0, address.length);
    text(cut, out);
  }

  private void text(boolean cut, Utf8Buffer out) {
    if (cut) {
      IpAddress.cut(address);
    }
    int at = out.claim(IpAddress.TEXT_MAX);
    out.truncate(IpAddress.format(address, out.array(), at));
  }
}

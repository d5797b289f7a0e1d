package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.IpAddress;
import java.util.Arrays;

/**
 * Writes {@code network.peer} and {@code network.local}. What a connection's are is remembered in
 * fixed slots, since most requests come on a connection that has had some.
 */
final class SocketEnds {
  private static final int SLOTS = 256;
  private static final int JSON_MAX = 256;
  private static final Fragment PEER = Fragment.of("\"peer\":{\"address\":\"");
  private static final Fragment LOCAL = Fragment.of("\"local\":{\"address\":\"");
  private static final Fragment PORT = Fragment.of("\",\"port\":");
  private static final Fragment END = Fragment.of("},");

  private final boolean maskIp;
  private final byte[] address = new byte[16];
  private final byte[] remotes = new byte[SLOTS * 16];
  private final byte[] locals = new byte[SLOTS * 16];
  private final long[] ports = new long[SLOTS];
  private final byte[] json = new byte[SLOTS * JSON_MAX];
  private final int[] lengths = new int[SLOTS];

  /**
   * @param maskIp whether the client's address is cut
   */
  SocketEnds(boolean maskIp) {
    this.maskIp = maskIp;
  }

  void write(Exchange e, Utf8Buffer out) {
    long key = (long) e.remotePort << 32 | (long) e.localPort << 8 | (e.outbound ? 1 : 0);
    int slot = (e.remotePort * 31 + e.remoteAddress[15] * 7 + e.remoteAddress[14]) & (SLOTS - 1);
    int at = slot * 16;
    if (ports[slot] != key
        || !Arrays.equals(remotes, at, at + 16, e.remoteAddress, 0, 16)
        || !Arrays.equals(locals, at, at + 16, e.localAddress, 0, 16)) {
      int start = out.length();
      end(PEER, e.remoteAddress, e.remotePort, maskIp && !e.outbound, out);
      end(LOCAL, e.localAddress, e.localPort, false, out);
      int length = out.length() - start;
      System.arraycopy(out.array(), start, json, slot * JSON_MAX, length);
      System.arraycopy(e.remoteAddress, 0, remotes, at, 16);
      System.arraycopy(e.localAddress, 0, locals, at, 16);
      ports[slot] = key;
      lengths[slot] = length;
      return;
    }
    if (lengths[slot] > 0) {
      out.put(json, slot * JSON_MAX, lengths[slot]);
      return;
    }
    // Only where both addresses and ports are zero, as the slots are at first.
    end(PEER, e.remoteAddress, e.remotePort, maskIp && !e.outbound, out);
    end(LOCAL, e.localAddress, e.localPort, false, out);
  }

  private void end(Fragment opening, byte[] ip, int port, boolean cut, Utf8Buffer out) {
    out.put(opening);
    address(ip, cut, out);
    out.put(PORT);
    out.number(port);
    out.put(END);
  }

  /** Writes an address, cut to its network where {@code cut} says so. */
  void address(byte[] ip, boolean cut, Utf8Buffer out) {
    byte[] shown = ip;
    if (cut) {
      System.arraycopy(ip, 0, address, 0, address.length);
      IpAddress.cut(address);
      shown = address;
    }
    int at = out.claim(IpAddress.TEXT_MAX);
    out.truncate(IpAddress.format(shown, out.array(), at));
  }
}

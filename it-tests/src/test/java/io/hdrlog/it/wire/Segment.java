package io.hdrlog.it.wire;

import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * One TCP segment over IPv4 as it was on the wire.
 *
 * @param ns when, on the clock of whoever saw it
 * @param window as in the header, not scaled
 * @param scale the window scale that a SYN offers, otherwise 0
 * @param payload how many bytes it carries
 */
public record Segment(
    long ns,
    int source,
    int target,
    int sequence,
    int acknowledged,
    int flags,
    int window,
    int scale,
    int payload) {
  private static final int FIN = 1;
  private static final int SYN = 2;
  private static final int RST = 4;
  private static final int ACK = 16;
  private static final int TCP = 6;
  private static final int IPV4_HEADER_MIN = 20;
  private static final int TCP_HEADER_MIN = 20;
  private static final int OPTION_SCALE = 3;

  /** Reads an IP packet; empty if it is none of TCP over IPv4. */
  public static Optional<Segment> of(long ns, ByteBuffer packet) {
    int at = packet.position();
    if (packet.remaining() < IPV4_HEADER_MIN || packet.get(at) >>> 4 != 4) {
      return Optional.empty();
    }
    int ip = (packet.get(at) & 0xf) * 4;
    if (packet.get(at + 9) != TCP || packet.remaining() < ip + TCP_HEADER_MIN) {
      return Optional.empty();
    }
    int total = packet.getShort(at + 2) & 0xffff;
    int tcp = at + ip;
    int header = (packet.get(tcp + 12) >>> 4 & 0xf) * 4;
    int flags = packet.get(tcp + 13) & 0xff;
    return Optional.of(
        new Segment(
            ns,
            packet.getShort(tcp) & 0xffff,
            packet.getShort(tcp + 2) & 0xffff,
            packet.getInt(tcp + 4),
            packet.getInt(tcp + 8),
            flags,
            packet.getShort(tcp + 14) & 0xffff,
            (flags & SYN) == 0 ? 0 : scale(packet, tcp + TCP_HEADER_MIN, tcp + header),
            total - ip - header));
  }

  private static int scale(ByteBuffer packet, int from, int to) {
    for (int at = from; at < to && packet.get(at) != 0; ) {
      if (packet.get(at) == OPTION_SCALE) {
        return packet.get(at + 2);
      }
      at += packet.get(at) == 1 ? 1 : packet.get(at + 1);
    }
    return 0;
  }

  public boolean syn() {
    return (flags & SYN) != 0;
  }

  public boolean fin() {
    return (flags & FIN) != 0;
  }

  public boolean rst() {
    return (flags & RST) != 0;
  }

  public boolean ack() {
    return (flags & ACK) != 0;
  }
}

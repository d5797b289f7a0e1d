package io.hdrlog.core.kernel;

/**
 * What the kernel side noted on one TCP socket since it last reported it: a flyweight over the
 * ring, valid only inside {@link KernelEvents#onJournal}.
 *
 * <p>For every {@link MarkKind} the socket keeps a small circular array of marks and a running
 * count. A report carries the newest marks that no earlier one has told, {@link #capacity} of them
 * at most, so a report that was lost costs nothing as long as the kernel keeps what it carried, and
 * a reader takes each mark exactly once by remembering the count it has seen.
 *
 * <p>Positions count the bytes of one direction of the connection, from 0, modulo 2^32. Times are
 * CLOCK_MONOTONIC nanoseconds, comparable with {@link System#nanoTime()}.
 */
public interface SocketJournal {
  /** The first byte of the connection was seen: positions count from its very start. */
  int OPENED = 1;

  /** The socket is closed: no further report will come for it. */
  int CLOSED = 1 << 1;

  /** The peer sent RST. */
  int RESET_BY_PEER = 1 << 2;

  /** This side sent RST. */
  int RESET_BY_US = 1 << 3;

  /** This side opened the connection. */
  int OUTBOUND = 1 << 4;

  /** The peer sent FIN. */
  int FIN_BY_PEER = 1 << 5;

  /** The time of a mark whose bytes came while the kernel skipped the hook that times them. */
  long UNTIMED = 0;

  /** The kernel's socket cookie ({@code SO_COOKIE}), unique for the life of the machine. */
  long cookie();

  /** The flags above. */
  int flags();

  /**
   * The first eight bytes of the local address as a number, the first one highest. IPv4 is
   * v4-mapped IPv6 (RFC 4291 section 2.5.5.2).
   */
  long localHigh();

  /** The other eight. */
  long localLow();

  /** The peer's address, as {@link #localHigh}. */
  long remoteHigh();

  /** The other eight. */
  long remoteLow();

  /** The local port. */
  int localPort();

  /** The peer's port. */
  int remotePort();

  /** When the handshake was done, 0 if it was not seen or an earlier report told it. */
  long establishedNs();

  /** When accept() returned the socket, 0 if it was not seen or an earlier report told it. */
  long acceptedNs();

  /** Smoothed round-trip time when bytes were last sent, microseconds, 0 if unknown. */
  int srttUs();

  /** How many marks of the kind were made since the socket was first seen, modulo 2^32. */
  int count(MarkKind kind);

  /** How many of the newest marks of the kind a report carries. */
  int capacity(MarkKind kind);

  /**
   * The time of the mark with the given running number, which is below {@link #count}, or {@link
   * #UNTIMED}.
   */
  long markNs(MarkKind kind, int number);

  /** The position of the mark with the given running number: the bytes before it are covered. */
  int markPosition(MarkKind kind, int number);

  /**
   * How many segments the socket had sent again with the retransmission of that running number; the
   * bytes of one may be many.
   */
  int markSegments(int number);
}

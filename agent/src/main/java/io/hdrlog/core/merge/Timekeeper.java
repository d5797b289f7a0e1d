package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.kernel.SocketJournal;

/**
 * Reads an exchange's instants off its connection's marks. The letters A, H, R, W, Z, K, E, X are
 * those of docs/architecture.md.
 *
 * <p>Where the JVM side knows the exchange's place in the byte streams, every instant is the mark
 * that reached a byte of it. Where it does not (TLS, or a connection older than the agent), the
 * instants are found by time on that same socket, which is exact as long as the peer waits for each
 * response before it sends the next request.
 */
final class Timekeeper {
  private final Pauses pauses;

  Timekeeper(Pauses pauses) {
    this.pauses = pauses;
  }

  /**
   * As a rule a client sends its first request right behind the handshake: so much may be taken for
   * a part of it.
   */
  private static final long FINISHED_NS_MAX = 100_000_000;

  /**
   * How long after its handler a container may take to send what is left. It flushes at once, so
   * this is for its thread to be scheduled; what the peer holds up is seen by its acknowledgements.
   */
  static final long FLUSH_NS_MAX = 250_000_000;

  private static final int TLS_RECORD_MAX = 16_384;

  /** A TLS record's header and its tag: no suite adds less. */
  private static final int TLS_RECORD_ADDS_MIN = 5 + 16;

  /** True when no mark that is still to come could add to the exchange. */
  static boolean isSettled(Connection connection, Exchange exchange, long nowNs) {
    if (connection.closed()) {
      return true;
    }
    if (exchange.entry == Exchange.Entry.SERVLET) {
      return isFlushed(connection, exchange, nowNs);
    }
    if (exchange.rxHeadEnd != Exchange.UNKNOWN
        && connection.reads.reaching(exchange.rxHeadEnd) == Marks.NOT_YET) {
      return false;
    }
    if (isResponseUnplaced(exchange)) {
      return true;
    }
    long sent = exchange.txEnd;
    if (sent == Exchange.UNKNOWN) {
      int last = lastSend(connection, exchange);
      if (last < 0) {
        // What was lost does not come with time.
        return exchange.responseHeadLength == 0 || last == Marks.LOST;
      }
      sent = connection.sends.position(last);
    } else if (sent <= exchange.txStart) {
      return exchange.responseHeadLength == 0;
    }
    // On loopback the acknowledgement is noted while the call that sends is still in the kernel.
    return connection.acks.reaching(sent) != Marks.NOT_YET
        && connection.sends.reaching(sent) != Marks.NOT_YET;
  }

  /**
   * A stream of HTTP/2 whose response has no place, on a connection that was joined: by time it
   * would be given another stream's.
   */
  private static boolean isResponseUnplaced(Exchange exchange) {
    return exchange.protocolVersion != null && exchange.txEnd == Exchange.UNKNOWN;
  }

  /**
   * The Servlet API does not tell when the response has left. It has when all that was sent is
   * acknowledged and the container went on to the next request, or had time to send more.
   */
  private static boolean isFlushed(Connection connection, Exchange exchange, long nowNs) {
    if (exchange.responseNs == Timing.ABSENT) {
      return connection.reads.lastUntil(exchange.headNs) >= 0;
    }
    return connection.sends.firstSince(exchange.responseNs) >= 0
        && connection.acks.newest() >= connection.sends.newest()
        && (nowNs - exchange.endNs > FLUSH_NS_MAX
            || connection.reads.firstSince(exchange.endNs) >= 0);
  }

  /** Z by time: a container flushes before it is done, an event loop may flush after. */
  static int lastSend(Connection connection, Exchange exchange) {
    Marks sends = connection.sends;
    if (exchange.responseNs == Timing.ABSENT || exchange.endNs == Timing.ABSENT) {
      return Marks.NOT_YET;
    }
    int first = sends.firstSince(exchange.responseNs);
    if (first < 0) {
      return Marks.NOT_YET;
    }
    if (exchange.entry == Exchange.Entry.SERVLET) {
      int next = connection.reads.firstSince(exchange.endNs);
      int last = next < 0 ? sends.size() - 1 : sends.lastUntil(connection.reads.ns(next));
      return Math.max(first, last);
    }
    int last = Math.max(first, sends.lastUntil(exchange.endNs));
    if (exchange.handedOverNs != Timing.ABSENT) {
      // The last bytes were sent after they were handed over, however many went before.
      int flushed = sends.firstSince(exchange.handedOverNs);
      if (flushed < 0 || !sends.isExact(flushed)) {
        return flushed < 0 ? flushed : Marks.LOST;
      }
      last = Math.max(last, flushed);
    }
    if (!exchange.secure || exchange.entry != Exchange.Entry.NETTY || !sends.isExact(first)) {
      return last;
    }
    // An event loop goes on writing long after it was given the last of a response.
    int reached = sends.reaching(sends.floor(first) + leastCiphertext(exchange));
    return reached < 0 ? reached : Math.max(last, reached);
  }

  /** No ciphertext is shorter than what is in it and what each full TLS record adds. */
  private static long leastCiphertext(Exchange exchange) {
    long plain = exchange.responseHeadLength + Math.max(0, exchange.responseBodyBytes);
    long tlsRecords = (plain + TLS_RECORD_MAX - 1) / TLS_RECORD_MAX;
    return plain + tlsRecords * TLS_RECORD_ADDS_MIN;
  }

  /** Completes the exchange with all that the connection's marks tell of it. */
  void apply(Connection connection, Exchange exchange) {
    exchange.sources |= Exchange.FROM_KERNEL;
    exchange.cookie = connection.cookie;

    long a = Timing.ABSENT;
    long h = Timing.ABSENT;
    long r = Timing.ABSENT;
    if (exchange.rxStart != Exchange.UNKNOWN) {
      a = ns(connection.arrivals, connection.arrivals.reaching(exchange.rxStart + 1));
      if (exchange.rxHeadEnd != Exchange.UNKNOWN) {
        h = ns(connection.arrivals, connection.arrivals.reaching(exchange.rxHeadEnd));
        r = ns(connection.reads, connection.reads.reaching(exchange.rxHeadEnd));
        if (exchange.secure && exchange.protocolVersion != null && a != h) {
          // Of several streams in what was deciphered at once, any may have come with any part.
          a = Timing.ABSENT;
          h = Timing.ABSENT;
          r = isOneRead(connection, exchange) ? r : Timing.ABSENT;
        }
      }
    } else if (exchange.headNs != Timing.ABSENT) {
      int read = connection.reads.lastUntil(exchange.headNs);
      if (read >= 0 && connection.isNew(connection.reads.ns(read))) {
        r = connection.reads.ns(read);
        h = ns(connection.arrivals, connection.arrivals.reaching(connection.reads.position(read)));
        a = firstArrivalOfTurn(connection, h);
        if (h - a > FINISHED_NS_MAX && isBehindTls13Handshake(exchange)) {
          a = Timing.ABSENT;
        }
      }
    }

    int first;
    int last;
    if (exchange.txEnd != Exchange.UNKNOWN) {
      boolean any = exchange.txEnd > exchange.txStart;
      first = any ? connection.sends.reaching(exchange.txStart + 1) : Marks.NOT_YET;
      last = any ? connection.sends.reaching(exchange.txEnd) : Marks.NOT_YET;
    } else if (isResponseUnplaced(exchange)) {
      first = Marks.LOST;
      last = Marks.LOST;
    } else {
      first =
          exchange.responseNs == Timing.ABSENT
              ? Marks.NOT_YET
              : connection.sends.firstSince(exchange.responseNs);
      last = lastSend(connection, exchange);
    }
    long w = ns(connection.sends, first);
    long z = ns(connection.sends, last);
    long k = Timing.ABSENT;
    if (last >= 0) {
      long end =
          exchange.txEnd != Exchange.UNKNOWN ? exchange.txEnd : connection.sends.position(last);
      k = ns(connection.acks, connection.acks.reaching(end));
      if (k != Timing.ABSENT && z != Timing.ABSENT && k - z < 0) {
        // The acknowledgement was processed while the call that sent was still in the kernel, as
        // on loopback: once the bytes were accepted there was nothing left to wait for.
        k = z;
      }
      exchange.rttUs = connection.srttUs > 0 ? connection.srttUs : Exchange.UNKNOWN;
      exchange.retransmits =
          exchange.txEnd != Exchange.UNKNOWN
              ? connection.retransmits.within(exchange.txStart, exchange.txEnd)
              : Exchange.UNKNOWN;
    }

    Timing timing = exchange.timing;
    if (a != Timing.ABSENT) {
      timing.startNs = a;
    }
    if (exchange.connectionRequest == 1 && connection.acceptNs > 0) {
      timing.acceptNs = connection.acceptNs;
    }
    timing.receiveNs = between(a, h);
    timing.queueNs = between(h, r);
    timing.dispatchNs = between(r, exchange.enterNs);
    timing.firstByteNs = between(h, w);
    timing.sendNs = between(w, z);
    timing.ackNs = between(z, k);
    timing.totalNs = between(a, k != Timing.ABSENT ? k : z);
    timing.pauseNs = pauses.within(a, z);

    cutToWhatWasSent(connection, exchange);
    // The wire showed the whole of it go; without a mark of its end nothing says that it was lost.
    boolean placed =
        exchange.entry != Exchange.Entry.WIRE
            || (z != Timing.ABSENT && connection.acks.newest() < exchange.txEnd);
    if (placed && exchange.outcome == Outcome.COMPLETE && k == Timing.ABSENT) {
      if ((connection.flags & SocketJournal.RESET_BY_PEER) != 0) {
        exchange.outcome = Outcome.CLIENT_RESET;
      } else if ((connection.flags & SocketJournal.RESET_BY_US) != 0) {
        exchange.outcome = Outcome.SERVER_RESET;
      }
    }
    if (exchange.txEnd == Exchange.UNKNOWN && last < 0) {
      forgetUnsent(exchange);
      if (first == Marks.NOT_YET
          && connection.closeTold()
          && exchange.outcome == Outcome.CLIENT_RESET) {
        forgetResponse(exchange);
      }
    }
  }

  private static boolean isOneRead(Connection connection, Exchange exchange) {
    return connection.reads.reaching(exchange.rxStart + 1)
        == connection.reads.reaching(exchange.rxHeadEnd);
  }

  /**
   * A by time: what arrived since this side last sent anything, be it the previous response or its
   * part of the TLS handshake.
   */
  private static long firstArrivalOfTurn(Connection connection, long h) {
    if (h == Timing.ABSENT) {
      return Timing.ABSENT;
    }
    int sent = connection.sends.lastUntil(h);
    int first = sent < 0 ? 0 : connection.arrivals.firstSince(connection.sends.ns(sent));
    return connection.arrivals.size() == 0 ? h : ns(connection.arrivals, first);
  }

  /**
   * In TLS 1.3 (RFC 8446, section 2) the client's last message of the handshake may come in the
   * turn of its first request: which arrival begins that is not told.
   */
  private static boolean isBehindTls13Handshake(Exchange exchange) {
    return exchange.secure
        && exchange.connectionRequest == 1
        && (exchange.tlsVersion == null || exchange.tlsVersion.equals("TLSv1.3"));
  }

  /** A transport may have taken more from its application than the kernel took from it. */
  private static void cutToWhatWasSent(Connection connection, Exchange exchange) {
    // A reset may close the socket while the call that sends is still in the kernel: what the peer
    // has acknowledged was sent, whether or not that call was noted.
    long noted = Math.max(connection.sends.newest(), connection.acks.newest());
    long sent = Math.max(noted, exchange.txStart);
    if (exchange.txEnd == Exchange.UNKNOWN || !connection.closeTold() || sent >= exchange.txEnd) {
      return;
    }
    exchange.txEnd = sent;
    // A writer whose first write failed may encrypt the same once more: as plaintext that is no
    // response, and none of it was sent.
    boolean twice = Exchange.MALFORMED_RESPONSE.equals(exchange.errorType);
    if (exchange.outcome == Outcome.COMPLETE || twice) {
      exchange.errorType = twice ? null : exchange.errorType;
      exchange.outcome =
          (connection.flags & SocketJournal.RESET_BY_US) != 0
              ? Outcome.SERVER_RESET
              : Outcome.CLIENT_RESET;
    }
    if (sent == exchange.txStart) {
      // Made, and never sent: the wire has seen no response.
      forgetResponse(exchange);
      return;
    }
    // A message that was counted was counted as it was written.
    exchange.responseBytes =
        exchange.responseBytes == Exchange.UNKNOWN || exchange.secure
            ? Exchange.UNKNOWN
            : Math.min(exchange.responseBytes, sent - exchange.txStart);
    if (exchange.protocolVersion != null) {
      // How much of what was sent is of HTTP/2's own frames, and of a compressed head, is not
      // known.
      exchange.responseBodyBytes = Exchange.UNKNOWN;
    } else if (exchange.responseBodyBytes != Exchange.UNKNOWN) {
      long left = Math.max(0, sent - exchange.txStart - exchange.responseHeadLength);
      exchange.responseBodyBytes = Math.min(exchange.responseBodyBytes, left);
    }
  }

  private static void forgetResponse(Exchange exchange) {
    exchange.responseHeadLength = 0;
    exchange.responseHeadCut = false;
    exchange.responseBodyBytes = Exchange.UNKNOWN;
    exchange.responseBytes = Exchange.UNKNOWN;
    exchange.txEnd = Exchange.UNKNOWN;
  }

  /** How much of a response that broke off was sent is only known by the kernel stream. */
  static void forgetUnsent(Exchange exchange) {
    if (exchange.outcome == Outcome.CLIENT_RESET || exchange.outcome == Outcome.TIMEOUT) {
      exchange.responseBodyBytes = Exchange.UNKNOWN;
      exchange.responseBytes = Exchange.UNKNOWN;
      exchange.txEnd = Exchange.UNKNOWN;
    }
  }

  private static long ns(Marks marks, int index) {
    return index < 0 ? Timing.ABSENT : marks.ns(index);
  }

  /** What the two instants are apart; absent unless both were measured, in this order. */
  static long between(long from, long to) {
    if (from == Timing.ABSENT || to == Timing.ABSENT || to - from < 0) {
      return Timing.ABSENT;
    }
    return to - from;
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;

/** What both streams have said of one TCP connection and is not yet in a record. */
final class Connection {
  /** So long a container may take over a request before it is held to be no HTTP server. */
  private static final long UNTOLD_NS = 5_000_000_000L;

  private static final MarkKind[] KINDS = MarkKind.values();

  /** So long after its beginning its plaintext may still be on its way through the ring. */
  private static final long UNREAD_NS = 5_000_000_000L;

  final Ends ends;

  /** 0 until the kernel stream has named it. */
  long cookie;

  long acceptNs;
  int flags;
  int srttUs;
  final Marks arrivals;
  final Marks reads;
  final Marks sends;
  final Marks acks;

  /** The four of them, by their kind's ordinal. */
  private final Marks[] marks;

  final Retransmits retransmits = new Retransmits();

  /** The receive stream up to here is in records. */
  long received;

  /** When the JVM was done with the newest exchange that is in a record. */
  long doneNs = Timing.ABSENT;

  /**
   * The connection that had the same two ends before; null once it cannot be asked for any more.
   */
  Connection previous;

  /** When the kernel first noted anything of it. */
  long bornNs = Timing.ABSENT;

  /** When the kernel stream last brought anything of it, by the correlator's clock. */
  long newsNs = Timing.ABSENT;

  /** Exchanges that wait, oldest first. */
  Pending first;

  Pending last;

  // All connections, least recently active first.
  Connection colder;
  Connection warmer;

  /** When the close was noticed, {@link Timing#ABSENT} before. */
  long closedNs = Timing.ABSENT;

  /** Another connection has its two ends now: its own end was told, or the report of it lost. */
  boolean replaced;

  /** No longer in the table. */
  boolean dropped;

  /** Its plaintext is watched. */
  boolean wired;

  /** Who reads it; null if nobody does, or it has come to an end. */
  Plaintext plaintext;

  /** Its plaintext is HTTP/2. */
  boolean upgraded;

  /** The wire's part is not wanted: a server's own connector tells as much. */
  boolean claimed;

  /** When the requests were handled that went on without the JVM's part. */
  Widows widows;

  /** How many requests in a row went on so. */
  int untold;

  /** Requests that are in a record without what the wire showed of them. */
  Widows bereft;

  Connection(Ends ends, MarkRoom room) {
    this.ends = ends;
    arrivals = new Marks(room);
    reads = new Marks(room);
    sends = new Marks(room);
    acks = new Marks(room);
    marks = new Marks[] {arrivals, reads, sends, acks};
  }

  /** Little more will be asked of it: the room for its marks is others'. */
  void giveBack() {
    for (Marks kind : marks) {
      kind.giveBack();
    }
  }

  /**
   * @param mayBeWatched whether its marks may be wanted by plaintext that is yet to be read
   */
  void take(SocketJournal journal, boolean mayBeWatched) {
    boolean watched = wired || mayBeWatched;
    cookie = journal.cookie();
    flags |= journal.flags();
    if (journal.acceptedNs() != 0 && journal.establishedNs() != 0) {
      acceptNs = journal.acceptedNs() - journal.establishedNs();
    }
    if (journal.srttUs() != 0) {
      srttUs = journal.srttUs();
    }
    // One call compiled for all: four took the compiler 10 MB more, which malloc keeps.
    for (int kind = 0; kind < marks.length; kind++) {
      marks[kind].take(journal, KINDS[kind], watched);
    }
    retransmits.take(journal, sends.newest());
    if (bornNs == Timing.ABSENT) {
      bornNs = journal.establishedNs();
      if (bornNs == 0) {
        bornNs = arrivals.size() > 0 ? arrivals.ns(0) : Timing.ABSENT;
      }
    }
  }

  boolean known() {
    return cookie != 0;
  }

  /** The kernel's news of a connection come before the first of its plaintext is read. */
  boolean isYoung(long nowNs) {
    return (flags & SocketJournal.OUTBOUND) == 0
        && (bornNs == Timing.ABSENT || nowNs - bornNs < UNREAD_NS);
  }

  /** Nothing more will come for it. */
  boolean closed() {
    return replaced || closeTold();
  }

  /** The kernel has told of its end, and with it of all that was sent and acknowledged. */
  boolean closeTold() {
    return (flags & SocketJournal.CLOSED) != 0;
  }

  boolean resetByPeer() {
    return (flags & SocketJournal.RESET_BY_PEER) != 0;
  }

  /** The kernel closed it: what is open ends, should nobody in the JVM have closed it. */
  void endPlaintext() {
    if (plaintext != null && closeTold()) {
      Plaintext of = plaintext;
      plaintext = null;
      boolean byUs =
          (flags & (SocketJournal.RESET_BY_US | SocketJournal.RESET_BY_PEER))
              == SocketJournal.RESET_BY_US;
      of.gone(byUs, closedNs);
    }
  }

  /** Whether questions were answered on it for some time, and no stream told of an exchange. */
  boolean isUntold(long nowNs) {
    return first == null
        && doneNs == Timing.ABSENT
        && bornNs != Timing.ABSENT
        && nowNs - bornNs > UNTOLD_NS
        && reads.size() > 0
        && sends.size() > 0
        && (flags & SocketJournal.OUTBOUND) == 0;
  }

  /** Whether the instant is later than all that is in a record. */
  boolean isNew(long ns) {
    return doneNs == Timing.ABSENT || ns - doneNs > 0;
  }

  /** Nothing that is still to come from the JVM stream can need this connection. */
  boolean spent() {
    return closed() && !wired && first == null && arrivals.newest() <= received;
  }

  void append(Pending pending) {
    pending.connection = this;
    if (last == null) {
      first = pending;
    } else {
      last.nextOnConnection = pending;
    }
    last = pending;
  }

  /** Removes the one behind {@code before}, or the first if that is null. */
  Pending removeAfter(Pending before) {
    Pending pending = before == null ? first : before.nextOnConnection;
    if (before == null) {
      first = pending.nextOnConnection;
    } else {
      before.nextOnConnection = pending.nextOnConnection;
    }
    if (last == pending) {
      last = before;
    }
    pending.nextOnConnection = null;
    pending.connection = null;
    return pending;
  }

  /** The exchange is in a record: what timed it and nothing after it can go. */
  void forget(Exchange exchange) {
    if (exchange.rxFloor != Exchange.UNKNOWN) {
      received = Math.max(received, needed(exchange.rxFloor, false));
    } else if (exchange.rxEnd != Exchange.UNKNOWN) {
      received = Math.max(received, exchange.rxEnd);
    } else if (exchange.endNs != Timing.ABSENT) {
      int index = reads.lastUntil(exchange.endNs);
      if (index >= 0) {
        received = Math.max(received, reads.position(index));
      }
    }
    if (exchange.endNs != Timing.ABSENT) {
      doneNs = exchange.endNs;
    }
    arrivals.forgetUntil(received);
    reads.forgetUntil(received);
    long answered =
        exchange.txFloor != Exchange.UNKNOWN ? needed(exchange.txFloor, true) : exchange.txEnd;
    if (answered != Exchange.UNKNOWN) {
      sends.forgetUntil(answered);
      acks.forgetUntil(answered);
      retransmits.forgetUntil(answered);
    } else {
      // No further: the next exchange may have been answered meanwhile.
      int last = Timekeeper.lastSend(this, exchange);
      long sent = last < 0 ? 0 : sends.position(last);
      sends.forgetUntil(sent);
      acks.forgetUntil(sent);
      retransmits.forgetUntil(sent);
    }
  }

  /**
   * The floor says what streams need that were open when the exchange was finished. Those that were
   * finished before, and wait, may need more.
   */
  private long needed(long floor, boolean sent) {
    long lowest = floor;
    for (Pending p = upgraded ? first : null; p != null; p = p.nextOnConnection) {
      long start = sent ? p.exchange.txStart : p.exchange.rxStart;
      if (start != Exchange.UNKNOWN && start < lowest) {
        lowest = start;
      }
    }
    return lowest;
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.kernel.KernelEvents;
import io.hdrlog.core.kernel.SocketJournal;
import io.hdrlog.core.ring.ExchangeReceiver;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Joins the two streams: an exchange from the JVM waits on its connection until the kernel's marks
 * cover it, then goes on as one record. Connections are found by their two ends, exchanges on them
 * by byte position; threads play no part.
 *
 * <p>Everything is bounded. Of connections, the one least recently heard of is given up; of waiting
 * exchanges, the oldest goes on without what is missing. One thread calls all methods; the clock is
 * the caller's.
 */
public final class Correlator implements KernelEvents, ExchangeReceiver {
  /** How long an exchange waits for the kernel to name its connection at all. */
  static final long NAMELESS_MS_MAX = 3_000;

  /** How long it waits for the rest: a slow reader's last acknowledgement takes its time. */
  static final long PENDING_MS_MAX = 30_000;

  /** How long it waits without any news, once it is known that reports were dropped. */
  static final long SILENT_MS_MAX = 1_000;

  /** How long a closed connection is kept for exchanges that the JVM has yet to publish. */
  static final long CLOSED_MS_MAX = 10_000;

  /**
   * How long the JVM may take to close what the kernel has closed. An application that has lost its
   * socket never does; one whose handler is slow does in the end, and its client is gone as well.
   */
  static final long LEAKED_MS = CLOSED_MS_MAX / 2;

  /**
   * How long the wire's and the JVM's view of one request wait for each other. The JVM tells of a
   * request when its handler is done, which is about when the response has gone.
   */
  static final long TWIN_MS_MAX = 1_000;

  /** The same on a connection of which the JVM has not told before, after so many requests. */
  static final long UNTOLD_MS_MAX = 100;

  private static final int UNTOLD_MAX = 4;

  /**
   * How long the JVM's view waits where the connection's bytes are watched: a container may write
   * long after the handler is done, and what it writes will be seen.
   */
  static final long WIRE_MS_MAX = 5_000;

  /** What is no older when the JVM ends is not said to have been cut off. */
  static final long YOUNG_NS = 100_000_000;

  static final int CONNECTIONS_MAX = 65_536;
  static final int PENDING_MAX = 16_384;

  /** What a finished exchange that waits to be written is taken to weigh besides its heads. */
  private static final int FINISHED_BYTES = 512;

  private static final int POOLED_MAX = 512;
  private static final int POOLED_HEAD_BYTES_MAX = 8 * 1024;
  private static final long NS_PER_MS = 1_000_000;

  private final boolean kernel;
  private final WireView wire;
  private final Consumer<Exchange> records;
  private final Counters counters;
  private final Pauses pauses = new Pauses();
  private final Timekeeper timekeeper = new Timekeeper(pauses);
  private final Twins twins = new Twins();
  private final MarkRoom markRoom;
  private final int connectionsMax;
  private final int pendingMax;

  private final Map<Ends, Connection> connections = new HashMap<>();
  private final Ends probe = new Ends();
  private Connection coldest;
  private Connection warmest;

  /** Closed, but perhaps not yet done with by the JVM; in the order in which they were closed. */
  private final ArrayDeque<Connection> closed = new ArrayDeque<>();

  /** Those of them that the JVM has had {@link #LEAKED_MS} to close. */
  private final ArrayDeque<Connection> leaving = new ArrayDeque<>();

  /** Local ports whose requests the JVM stream tells of: 8 KiB at most. */
  private final BitSet toldPorts = new BitSet();

  private Pending oldest;
  private Pending newest;
  private int pendingCount;
  private final Pending[] pool = new Pending[POOLED_MAX];
  private int pooled;
  private Pending claimed;
  private long nowNs;
  private long reportsDropped;

  /** Since when the JVM ends. */
  private long endingNs = Timing.ABSENT;

  /** When it was last seen that reports were dropped. */
  private long dropSeenNs = Timing.ABSENT;

  // Finished, to be written. A burst, or a consumer that is not compiled yet, empties the ring
  // into this queue rather than let it overflow: taking over costs a tenth of writing.
  private final long finishedBytesMax;
  private long finishedBytes;
  private Pending finishedFirst;
  private Pending finishedLast;

  /**
   * @param kernel whether the kernel stream is there; without it nothing waits
   * @param wire what is known of the stream of plaintext
   * @param records takes the finished exchanges; must not keep them, nor throw
   * @param finishedBytesMax the memory for finished exchanges that {@link #write} has yet to pass
   *     on
   */
  public Correlator(
      boolean kernel,
      WireView wire,
      Consumer<Exchange> records,
      Counters counters,
      long finishedBytesMax) {
    this(kernel, wire, records, counters, finishedBytesMax, CONNECTIONS_MAX, PENDING_MAX);
  }

  Correlator(
      boolean kernel,
      WireView wire,
      Consumer<Exchange> records,
      Counters counters,
      long finishedBytesMax,
      int connectionsMax,
      int pendingMax) {
    this.kernel = kernel;
    this.wire = wire;
    this.records = records;
    this.counters = counters;
    markRoom = new MarkRoom(counters);
    this.finishedBytesMax = finishedBytesMax;
    this.connectionsMax = connectionsMax;
    this.pendingMax = pendingMax;
  }

  /** Pauses are reported from this instant on. */
  public void pausesWatchedSince(long ns) {
    pauses.watchedSince(ns);
  }

  /**
   * So many reports have been dropped inside the kernel since the start. On an idle connection no
   * other will bring what one of them carried, and its last exchange would wait in vain.
   */
  public void reportsDropped(long total) {
    if (total != reportsDropped) {
      reportsDropped = total;
      dropSeenNs = nowNs;
    }
  }

  /** Sets the clock; called once before each batch. */
  public void now(long ns) {
    nowNs = ns;
  }

  @Override
  public Exchange claim() {
    claimed = pooled > 0 ? pool[--pooled] : new Pending();
    claimed.exchange.clear();
    return claimed.exchange;
  }

  @Override
  public void accept(Exchange exchange) {
    Pending pending = claimed;
    claimed = null;
    boolean ofWire = exchange.entry == Exchange.Entry.WIRE;
    if (exchange.entry == Exchange.Entry.TOMCAT && twins.isUpgradeToHttp2(exchange)) {
      // Its HTTP/2 tells of the same request again, as its first stream, and of the answer.
      recycle(pending);
      return;
    }
    exchange.sources |= ofWire ? Exchange.FROM_WIRE : Exchange.FROM_JVM;
    exchange.timing.startNs = exchange.seenNs;
    exchange.timing.handlerNs = Timekeeper.between(exchange.enterNs, exchange.exitNs);
    if (!ofWire && exchange.addressed && exchange.entry != Exchange.Entry.SERVLET) {
      toldPorts.set(exchange.localPort);
    }
    if (!exchange.addressed || (!kernel && !wire.isOn())) {
      if (!ofWire) {
        Timekeeper.forgetUnsent(exchange);
      }
      deliver(pending);
      return;
    }
    Connection connection = connectionOf(exchange);
    if (connection == null) {
      deliver(pending);
      return;
    }
    if (wire.isOn() && isJoined(connection, pending, ofWire)) {
      return;
    }
    if (!pending.lacksTwin && (!kernel || isUnplaced(exchange))) {
      name(connection, exchange);
      deliver(pending);
      return;
    }
    connection.append(pending);
    enqueue(pending, connection.known() ? PENDING_MS_MAX : NAMELESS_MS_MAX);
    settle(connection);
  }

  /** HTTP/2 as a container shows it: whose bytes a mark covers is not known. */
  private static boolean isUnplaced(Exchange exchange) {
    return exchange.protocolVersion != null && exchange.rxStart == Exchange.UNKNOWN;
  }

  /** A connection's plaintext is watched from now on. */
  public void watched(Exchange ends, Plaintext plaintext) {
    if (ends.addressed) {
      Connection connection = connectionOf(ends);
      if (connection != null) {
        // The two ends are another connection's by now if they were one's that nobody closed.
        endPlaintext(connection);
        connection.wired = true;
        connection.plaintext = plaintext;
      }
    }
  }

  /** Its plaintext cannot be read any further, though the connection goes on. */
  public void unreadable(Exchange ends) {
    Connection connection = ends.addressed ? connections.get(probe.set(ends)) : null;
    if (connection != null) {
      connection.wired = false;
      for (Pending p = connection.first; p != null; p = p.nextOnConnection) {
        if (p.exchange.entry != Exchange.Entry.WIRE) {
          p.twinNs = nowNs;
        }
      }
    }
  }

  /** Its plaintext has come to an end. */
  public void unwatched(Exchange ends, Plaintext plaintext) {
    Connection connection = ends.addressed ? connections.get(probe.set(ends)) : null;
    if (connection != null && plaintext.equals(connection.plaintext)) {
      connection.plaintext = null;
    }
    if (!kernel && connection != null && connection.closedNs == Timing.ABSENT) {
      // With the kernel stream it is the kernel that says so.
      connection.closedNs = nowNs;
      closed.addLast(connection);
    }
  }

  /** Whether the wire's view of this connection is not wanted. */
  public boolean isClaimed(Exchange ends) {
    Connection connection = connections.get(probe.set(ends));
    return connection != null && connection.claimed;
  }

  /** True if nothing is left to do: the exchange became part of another, or is no record. */
  private boolean isJoined(Connection connection, Pending pending, boolean ofWire) {
    Exchange exchange = pending.exchange;
    if (!ofWire
        && !wire.isAlways()
        && exchange.entry != Exchange.Entry.SERVLET
        && exchange.outcome != Outcome.UPGRADED) {
      // After an upgrade the connection is somebody else's, HTTP/2's perhaps.
      connection.claimed = true;
    }
    connection.upgraded |= ofWire && exchange.connectionStream != Exchange.UNKNOWN;
    if (!ofWire && connection.wired && twins.isUpgradeToHttp2(exchange)) {
      // Its answer is its first stream's, however long that takes, and that is what the wire shows.
      recycle(pending);
      return true;
    }
    for (Pending p = connection.first; p != null; p = p.nextOnConnection) {
      boolean other = (p.exchange.entry == Exchange.Entry.WIRE) != ofWire;
      if (p.lacksTwin && other && areSame(p.exchange, exchange, ofWire)) {
        if (Twins.isUpgraded(ofWire ? exchange : p.exchange, ofWire ? p.exchange : exchange)) {
          // A connector's view of the same before the upgrade; the stream's own is still to come.
          if (!ofWire) {
            recycle(pending);
            return true;
          }
          p.lacksTwin = false;
          p.superfluous = true;
          continue;
        }
        join(p, pending, ofWire, connection.claimed);
        settle(connection);
        return true;
      }
    }
    if (ofWire) {
      if (connection.claimed
          || (connection.bereft != null && connection.bereft.removeWithin(exchange))) {
        recycle(pending);
        return true;
      }
      connection.wired = true;
      pending.lacksTwin = wire.isJvmExpected();
    } else {
      if (connection.upgraded && exchange.protocolVersion == null) {
        // HTTP/1's view of what its first stream's record has told already.
        recycle(pending);
        return true;
      }
      if (connection.widows != null && connection.widows.remove(exchange)) {
        // The JVM does tell of this connection: late, because the machine is busy.
        connection.untold = 0;
        recycle(pending);
        return true;
      }
      pending.lacksTwin = connection.wired && !connection.claimed;
      connection.untold = 0;
    }
    pending.twinNs = nowNs + patienceMs(connection, exchange, ofWire) * NS_PER_MS;
    return false;
  }

  private static long patienceMs(Connection connection, Exchange exchange, boolean ofWire) {
    if (!ofWire) {
      // The wire tells of a stream when all of it has gone, which the peer may hold up.
      return exchange.connectionStream != Exchange.UNKNOWN ? PENDING_MS_MAX : WIRE_MS_MAX;
    }
    return connection.untold < UNTOLD_MAX ? TWIN_MS_MAX : UNTOLD_MS_MAX;
  }

  private boolean areSame(Exchange waiting, Exchange coming, boolean ofWire) {
    return ofWire ? twins.same(coming, waiting) : twins.same(waiting, coming);
  }

  /** Makes one of the two, in the place of the one that waits. */
  private void join(Pending waiting, Pending coming, boolean ofWire, boolean claimed) {
    Exchange fromWire = ofWire ? coming.exchange : waiting.exchange;
    Exchange fromJvm = ofWire ? waiting.exchange : coming.exchange;
    if (!claimed) {
      twins.join(fromWire, fromJvm);
    }
    coming.exchange = claimed ? fromWire : fromJvm;
    waiting.exchange = claimed ? fromJvm : fromWire;
    waiting.lacksTwin = false;
    recycle(coming);
  }

  /** What is true of the whole connection. */
  private static void name(Connection connection, Exchange exchange) {
    if (connection.known()) {
      exchange.sources |= Exchange.FROM_KERNEL;
      exchange.cookie = connection.cookie;
    }
  }

  @Override
  public void onJournal(SocketJournal journal) {
    probe.set(journal);
    Connection connection = connections.get(probe);
    if (connection != null && connection.known() && connection.cookie != journal.cookie()) {
      connection = replace(connection);
    }
    if (connection == null) {
      connection = open();
    } else {
      warm(connection);
    }
    boolean wasKnown = connection.known();
    connection.newsNs = nowNs;
    connection.take(journal, wire.isOn() && !connection.claimed && connection.isYoung(nowNs));
    if (!wasKnown) {
      for (Pending p = connection.first; p != null; p = p.nextOnConnection) {
        p.deadlineNs += (PENDING_MS_MAX - NAMELESS_MS_MAX) * NS_PER_MS;
      }
    }
    // A slow handler or an idle client is no stranger where a connector tells of the others.
    if (!wire.isOn() && connection.isUntold(nowNs) && !toldPorts.get(journal.localPort())) {
      wire.unclaimed();
    }
    settle(connection);
    if (connection.closed() && connection.closedNs == Timing.ABSENT && !connection.dropped) {
      connection.closedNs = nowNs;
      closed.addLast(connection);
    }
  }

  /** Its report may be among the dropped ones, and nothing was heard since. */
  private boolean isForsaken(Pending pending) {
    if (dropSeenNs == Timing.ABSENT) {
      return false;
    }
    long silent = SILENT_MS_MAX * NS_PER_MS;
    long newsNs = pending.connection.newsNs;
    return pending.sinceNs - dropSeenNs <= silent
        && nowNs - pending.sinceNs >= silent
        && (newsNs == Timing.ABSENT || nowNs - newsNs >= silent);
  }

  @Override
  public void onPause(long beginNs, long endNs) {
    pauses.note(beginNs, endNs);
  }

  /** Sends on what has waited long enough; called about every 100 ms. */
  public void tick() {
    for (Pending pending = oldest; pending != null; ) {
      Pending next = pending.newer;
      if (pending.lacksTwin) {
        if (pending.twinNs - nowNs <= 0) {
          alone(pending);
        }
      } else if (pending.deadlineNs - nowNs <= 0 || isForsaken(pending)) {
        giveUp(pending.connection, pending);
      } else if (pending.exchange.entry == Exchange.Entry.SERVLET) {
        // Here it is time, too, that settles an exchange.
        settle(pending.connection);
      }
      // One that is sent on may take the next along, if that is on its connection.
      pending = next == null || next.connection != null ? next : oldest;
    }
    while (isClosedFor(LEAKED_MS, closed.peekFirst())) {
      Connection connection = closed.pollFirst();
      leaving.addLast(connection);
      endPlaintext(connection);
    }
    while (isClosedFor(CLOSED_MS_MAX, leaving.peekFirst())) {
      drop(leaving.pollFirst());
    }
  }

  private boolean isClosedFor(long ms, Connection connection) {
    return connection != null && nowNs - connection.closedNs > ms * NS_PER_MS;
  }

  /**
   * Where handlers are watched, one tells of its request when it is done, however late, and by then
   * nobody would know that the record is there.
   */
  private void endPlaintext(Connection connection) {
    if (!wire.isJvmExpected()) {
      connection.endPlaintext();
    }
  }

  /** What ends from now on is cut off by the JVM's end, or was by its client before. */
  public void ending(long ns) {
    endingNs = ns;
  }

  /** As {@link #tick} does in time; the JVM ends, and will close nothing any more. */
  public void endClosed() {
    for (Connection connection : closed) {
      connection.endPlaintext();
    }
    for (Connection connection : leaving) {
      connection.endPlaintext();
    }
  }

  /**
   * Sends on everything that waits, as it is; the agent is about to stop. What is left when it is
   * too late is counted.
   */
  public void drain(BooleanSupplier late) {
    while (oldest != null) {
      giveUp(oldest.connection, oldest);
    }
    while (finishedFirst != null) {
      if (late.getAsBoolean()) {
        counters.lost(LossReason.SHUTDOWN);
        removeFirst();
      } else {
        writeFirst();
      }
    }
  }

  /** How many exchanges wait for the kernel's part. */
  public int pendingCount() {
    return pendingCount;
  }

  /** How many connections are known. */
  public int connectionCount() {
    return connections.size();
  }

  private Connection connectionOf(Exchange exchange) {
    probe.set(exchange);
    Connection connection = connections.get(probe);
    if (connection == null) {
      return open();
    }
    // The JVM may publish the last exchange of a connection after the kernel has seen the next
    // connection with the same ends.
    if (connection.bornNs != Timing.ABSENT
        && exchange.seenNs != Timing.ABSENT
        && exchange.seenNs - connection.bornNs < 0) {
      return connection.previous;
    }
    warm(connection);
    return connection;
  }

  private Connection open() {
    if (connections.size() >= connectionsMax) {
      Connection evicted = coldest;
      while (evicted.first != null) {
        deliverAfter(evicted, null, evicted.known());
        counters.lost(LossReason.KERNEL_TABLE_FULL);
      }
      drop(evicted);
    }
    Connection connection = new Connection(probe.copy(), markRoom);
    connections.put(connection.ends, connection);
    link(connection);
    return connection;
  }

  private Connection replace(Connection old) {
    old.replaced = true;
    settle(old);
    drop(old);
    Connection connection = open();
    old.previous = null;
    connection.previous = old;
    connection.wired = old.wired;
    connection.plaintext = old.plaintext;
    old.plaintext = null;
    return connection;
  }

  private void alone(Pending pending) {
    Connection connection = pending.connection;
    waitNoLonger(connection, pending);
    settle(connection);
  }

  /** The other view did not come: this one is all there is, and that one will be one too many. */
  private static void waitNoLonger(Connection connection, Pending pending) {
    pending.lacksTwin = false;
    if (pending.exchange.entry == Exchange.Entry.WIRE) {
      if (connection.widows == null) {
        connection.widows = new Widows(pending.exchange);
      }
      connection.widows.add(pending.exchange);
      connection.untold++;
    } else if (isAmbiguous(connection, pending.exchange)) {
      pending.superfluous = true;
    } else {
      if (connection.bereft == null) {
        connection.bereft = new Widows(pending.exchange);
      }
      connection.bereft.addEntered(pending.exchange);
    }
  }

  /**
   * The wire shows every stream; where the container does not say which of several alike it means,
   * this view was taken for another's. The record is there.
   */
  private static boolean isAmbiguous(Connection connection, Exchange jvm) {
    return jvm.protocolVersion != null
        && jvm.connectionStream == Exchange.UNKNOWN
        && connection.wired;
  }

  private boolean isSettled(Connection connection, Pending pending) {
    if (pending.lacksTwin) {
      return false;
    }
    return !kernel
        || pending.superfluous
        || isUnplaced(pending.exchange)
        || (connection.known() && Timekeeper.isSettled(connection, pending.exchange, nowNs));
  }

  private void settle(Connection connection) {
    Pending before = null;
    Pending next = connection.first;
    while (next != null) {
      if (isSettled(connection, next)) {
        deliverAfter(connection, before, connection.known());
      } else if (next.mayBeOvertaken()) {
        before = next;
      } else {
        break;
      }
      next = before == null ? connection.first : before.nextOnConnection;
    }
    if (connection.spent()) {
      drop(connection);
    }
  }

  private void giveUp(Connection connection, Pending until) {
    Pending before = null;
    Pending next = connection.first;
    while (next != until) {
      if (next.mayBeOvertaken()) {
        before = next;
      } else {
        giveUpAfter(connection, before);
      }
      next = before == null ? connection.first : before.nextOnConnection;
    }
    giveUpAfter(connection, before);
  }

  private void giveUpAfter(Connection connection, Pending before) {
    Pending pending = before == null ? connection.first : before.nextOnConnection;
    if (pending.lacksTwin) {
      waitNoLonger(connection, pending);
    }
    if (kernel && !connection.known()) {
      counters.lost(LossReason.KERNEL_LATE);
    }
    deliverAfter(connection, before, connection.known());
  }

  private void deliverAfter(Connection connection, Pending before, boolean timed) {
    Pending pending = connection.removeAfter(before);
    dequeue(pending);
    if (pending.superfluous) {
      recycle(pending);
      return;
    }
    boolean unplaced = isUnplaced(pending.exchange);
    if (timed && unplaced) {
      name(connection, pending.exchange);
    } else if (timed) {
      timekeeper.apply(connection, pending.exchange);
      if (isCutOff(pending.exchange) && connection.resetByPeer()) {
        // A thread in a handler noticed nothing of it.
        pending.exchange.outcome = Outcome.CLIENT_RESET;
        pending.exchange.errorType = null;
      }
    }
    if (!unplaced || !connection.wired) {
      // Of what is not placed nobody knows which marks were its own, and others are still to come.
      connection.forget(pending.exchange);
    }
    deliver(pending);
  }

  private boolean isCutOff(Exchange exchange) {
    return endingNs != Timing.ABSENT
        && exchange.outcome == Outcome.SERVER_RESET
        && exchange.endNs != Timing.ABSENT
        && exchange.endNs - endingNs >= 0;
  }

  /** It may have been answered yet, in the moment that was left. */
  private boolean isYoung(Exchange exchange) {
    return exchange.seenNs != Timing.ABSENT && exchange.endNs - exchange.seenNs < YOUNG_NS;
  }

  private void deliver(Pending pending) {
    if (isCutOff(pending.exchange) && isYoung(pending.exchange)) {
      counters.lost(LossReason.SHUTDOWN);
      recycle(pending);
      return;
    }
    pending.newer = null;
    if (finishedLast == null) {
      finishedFirst = pending;
    } else {
      finishedLast.newer = pending;
    }
    finishedLast = pending;
    finishedBytes += weight(pending.exchange);
    while (finishedBytes > finishedBytesMax) {
      writeFirst();
    }
  }

  /** Passes on at most {@code limit} finished exchanges; false if none is left. */
  public boolean write(int limit) {
    for (int i = 0; i < limit && finishedFirst != null; i++) {
      writeFirst();
    }
    return finishedFirst != null;
  }

  private Pending removeFirst() {
    Pending pending = finishedFirst;
    finishedFirst = pending.newer;
    if (finishedFirst == null) {
      finishedLast = null;
    }
    pending.newer = null;
    finishedBytes -= weight(pending.exchange);
    return pending;
  }

  private void writeFirst() {
    Pending pending = removeFirst();
    records.accept(pending.exchange);
    recycle(pending);
  }

  private void recycle(Pending pending) {
    Exchange exchange = pending.exchange;
    exchange.clearReferences();
    pending.lacksTwin = false;
    pending.superfluous = false;
    if (pooled < POOLED_MAX
        && exchange.requestHead.length <= POOLED_HEAD_BYTES_MAX
        && exchange.responseHead.length <= POOLED_HEAD_BYTES_MAX) {
      pool[pooled++] = pending;
    }
  }

  private static long weight(Exchange exchange) {
    return (long) FINISHED_BYTES + exchange.requestHead.length + exchange.responseHead.length;
  }

  private void enqueue(Pending pending, long waitMs) {
    if (pendingCount >= pendingMax) {
      counters.lost(LossReason.KERNEL_TABLE_FULL);
      giveUp(oldest.connection, oldest);
    }
    pending.sinceNs = nowNs;
    pending.deadlineNs = nowNs + waitMs * NS_PER_MS;
    pending.older = newest;
    pending.newer = null;
    if (newest == null) {
      oldest = pending;
    } else {
      newest.newer = pending;
    }
    newest = pending;
    pendingCount++;
  }

  private void dequeue(Pending pending) {
    if (pending.older == null) {
      oldest = pending.newer;
    } else {
      pending.older.newer = pending.newer;
    }
    if (pending.newer == null) {
      newest = pending.older;
    } else {
      pending.newer.older = pending.older;
    }
    pending.older = null;
    pending.newer = null;
    pendingCount--;
  }

  private void link(Connection connection) {
    connection.colder = warmest;
    connection.warmer = null;
    if (warmest == null) {
      coldest = connection;
    } else {
      warmest.warmer = connection;
    }
    warmest = connection;
  }

  private void unlink(Connection connection) {
    if (connection.colder == null) {
      coldest = connection.warmer;
    } else {
      connection.colder.warmer = connection.warmer;
    }
    if (connection.warmer == null) {
      warmest = connection.colder;
    } else {
      connection.warmer.colder = connection.colder;
    }
  }

  private void warm(Connection connection) {
    if (connection != warmest) {
      unlink(connection);
      link(connection);
    }
  }

  private void drop(Connection connection) {
    if (!connection.dropped) {
      connection.dropped = true;
      connection.giveBack();
      connections.remove(connection.ends);
      unlink(connection);
    }
  }
}

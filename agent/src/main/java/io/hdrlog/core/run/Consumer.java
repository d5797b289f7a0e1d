package io.hdrlog.core.run;

import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.ring.ExchangeRing;
import io.hdrlog.core.ring.WireRing;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread behind the ring: polls both streams, lets the correlator join them, keeps the
 * files in order. Nobody wakes it but for a ring that fills, so that no producer pays for a signal:
 * it sleeps a few milliseconds between batches ({@link Pace}), and longer the longer nothing came.
 */
final class Consumer implements Runnable {
  private static final long IDLE_SLEEP_NS = 500_000_000;

  /** So much quiet before the sleep grows: a pause between two requests is not idleness. */
  private static final long BUSY_NS = 100_000_000;

  private static final long TICK_NS = 100_000_000;

  /** After so much quiet, with nothing waiting, there is little to look after. */
  private static final long QUIET_NS = 5_000_000_000L;

  private static final long QUIET_TICK_NS = 5_000_000_000L;
  private static final int KERNEL_BATCH = 4_096;

  /** Reports read between two looks at the ring: not yet compiled, one may take 100 us. */
  private static final int KERNEL_PIECE = 128;

  /**
   * After so long a service that nobody asks has started all the same: the ring gets the memory,
   * and the JVM's end the hook, that the start did without.
   */
  private static final long STARTED_NS = 1_000_000_000;

  /** Slots read between two looks at the ring: reading plaintext takes longer than taking over. */
  private static final int WIRE_BATCH = 256;

  /** Written between two looks at the ring, which fills while records are written. */
  private static final int WRITE_BATCH = 64;

  /** How long an exchange may wait for its last acknowledgement once the JVM is on its way down. */
  private static final long DRAIN_NS = 300_000_000;

  /** So long after that the rest is counted instead of written, while there is time to say so. */
  private static final long WRITE_NS = 1_500_000_000;

  /** How long the JVM's end waits for {@link #endOpen} at most. */
  private static final long END_MS_MAX = 1_000;

  /** As {@link #WRITE_NS}, for what was open when the service had ended. */
  private static final long LAST_WRITE_NS = 500_000_000;

  /** So long threads that are inside the tap when it is silenced have to leave it. */
  private static final long SILENCE_NS = 100_000;

  /** Between two tries to begin. */
  private static final long AGAIN_NS = 1_000_000_000;

  private static final long UNSEEN = Long.MIN_VALUE;

  private final ExchangeRing ring;
  private final WireStream wire;
  private final WireReader wireReader;
  private final StreamOpener opener;
  private final Housekeeping housekeeping;
  private final Urgency urgency;
  private final Pace pace = new Pace();
  private final CountDownLatch drained = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);

  private volatile boolean stopping;
  private volatile boolean ending;
  private volatile Thread thread;
  private KernelSource kernel;
  private Correlator correlator;

  /** Reports of the kernel and slots of both rings since the last sleep. */
  private long taken;

  /** The rings' newest slots before it. */
  private long slotsBefore = -1;

  private boolean used;
  private boolean endAsked;
  private boolean endsLast;
  private long lastSlot = UNSEEN;
  private long lastWireSlot = UNSEEN;
  private long begunNs;
  private long lastWorkNs;
  private long lastTickNs;
  private long stopSeenNs;

  Consumer(
      ExchangeRing ring,
      WireStream wire,
      WireReader wireReader,
      StreamOpener opener,
      Housekeeping housekeeping,
      Urgency urgency) {
    this.ring = ring;
    this.wire = wire;
    this.wireReader = wireReader;
    this.opener = opener;
    this.housekeeping = housekeeping;
    this.urgency = urgency;
  }

  @Override
  public void run() {
    thread = Thread.currentThread();
    if (!opened()) {
      return;
    }
    wireReader.to(correlator);
    begunNs = System.nanoTime();
    lastWorkNs = begunNs;
    lastTickNs = lastWorkNs;
    while (ended.getCount() > 0) {
      try {
        turn(System.nanoTime());
      } catch (RuntimeException | Error e) {
        // The service may have filled the heap, and may yet recover: this thread is not to end.
        housekeeping.failed(e);
        LockSupport.parkNanos(Pace.SHORTEST_NS);
      }
    }
  }

  /** False if the JVM ends before there was the memory for it. */
  private boolean opened() {
    boolean asked = false;
    while (true) {
      try {
        if (!asked) {
          asked = true;
          kernel = opener.openKernel();
        }
        correlator = opener.newCorrelator(kernel);
        return true;
      } catch (RuntimeException | Error e) {
        housekeeping.failed(e);
      }
      if (stopping) {
        housekeeping.stopped();
        ended.countDown();
        drained.countDown();
        return false;
      }
      LockSupport.parkNanos(AGAIN_NS);
    }
  }

  private void turn(long now) {
    boolean last = ending;
    urgency.look(now, ring.isQuarterFull(), now - lastWorkNs < BUSY_NS);
    if (poll(now)) {
      lastWorkNs = now;
    }
    boolean quiet = now - lastWorkNs > QUIET_NS && correlator.pendingCount() == 0;
    boolean due = stopping || now - lastTickNs >= (quiet ? QUIET_TICK_NS : TICK_NS) || isFirstUse();
    if (due) {
      lastTickNs = now;
      tick(now);
    }
    boolean more = write();
    if (!more && (due || !quiet)) {
      housekeeping.idle();
    }
    if (stopping) {
      windUp(now);
    }
    if (last) {
      endOpen(now);
    }
    if (!more) {
      sleep(last ? SILENCE_NS : sleepNs(now - lastWorkNs));
    }
  }

  /** The ring needs all of its memory from now on, which {@link #tick} sees to. */
  private boolean isFirstUse() {
    boolean first = !used && ring.wasUsed();
    used |= first;
    return first;
  }

  private void windUp(long now) {
    stopSeenNs = stopSeenNs == 0 ? now : stopSeenNs;
    if (correlator.pendingCount() > 0 && now - stopSeenNs <= DRAIN_NS) {
      return;
    }
    long late = stopSeenNs + WRITE_NS;
    correlator.drain(() -> drained.getCount() > 0 && System.nanoTime() - late > 0);
    if (drained.getCount() > 0) {
      housekeeping.stopped();
      drained.countDown();
    }
    // The service's own hooks may take long, and answer requests meanwhile: those as ever, where
    // there is an end to come.
    stopping = !endsLast;
    housekeeping.idle();
  }

  /** Up to what was newest when the end was first seen: other threads may still be running. */
  private boolean isAllRead() {
    WireRing plaintext = wire.ring();
    if (lastSlot == UNSEEN) {
      lastSlot = ring.newest();
      lastWireSlot = plaintext == null ? UNSEEN : plaintext.newest();
    }
    return ring.isPolled(lastSlot) && (plaintext == null || plaintext.isPolled(lastWireSlot));
  }

  /** Both streams were read after the last of the service was done. */
  private void endOpen(long now) {
    if (lastSlot == UNSEEN) {
      housekeeping.silence();
      correlator.ending(now);
      // The JVM goes on answering until it has come to its end: what that takes, nobody writes.
      LockSupport.parkNanos(SILENCE_NS);
      try {
        housekeeping.endOpen();
      } catch (RuntimeException | Error e) {
        // A thread may be inside all the same, one that was preempted; what waits is to be written.
        housekeeping.failed(e);
      }
    }
    if (!isAllRead()) {
      return;
    }
    // Who reset a connection is known best by the kernel.
    correlator.endClosed();
    wire.eachConnection(channel -> wireReader.ended(channel, now));
    long late = now + LAST_WRITE_NS;
    correlator.drain(() -> System.nanoTime() - late > 0);
    housekeeping.stopped();
    ended.countDown();
  }

  /**
   * After twelve quiet seconds half a second at a time. A wake-up of code that was never hot enough
   * to be compiled takes 0.4 ms where it finds its caches empty: five a second were 0.19 % of a
   * core (IdleIT).
   */
  private long sleepNs(long quietNs) {
    WireRing plaintext = wire.ring();
    long slots = ring.newest() + (plaintext == null ? 0 : plaintext.newest());
    long busyNs = pace.sleepNs(taken + slots - slotsBefore);
    slotsBefore = slots;
    taken = 0;
    return quietNs < BUSY_NS ? busyNs : Math.max(busyNs, Math.min(IDLE_SLEEP_NS, quietNs / 25));
  }

  private void sleep(long ns) {
    wakeWhenFilling(Thread.currentThread());
    LockSupport.parkNanos(ns);
    wakeWhenFilling(null);
  }

  private void wakeWhenFilling(Thread sleeping) {
    ring.wakeWhenFilling(sleeping);
    WireRing plaintext = wire.ring();
    if (plaintext != null) {
      plaintext.wakeWhenFilling(sleeping);
    }
  }

  private boolean poll(long now) {
    boolean worked = false;
    try {
      correlator.now(now);
      // The kernel first: what it noted of an exchange was before the JVM was done with it.
      worked = pollKernel();
      worked |= pollRings(wire.ring());
    } catch (RuntimeException | Error e) {
      housekeeping.failed(e);
    }
    return worked;
  }

  private boolean pollKernel() {
    if (kernel == null) {
      return false;
    }
    int read = 0;
    int piece;
    do {
      piece = kernel.poll(correlator, KERNEL_PIECE);
      read += piece;
      if (ring.isFilling() && correlator.pendingCount() < ring.slots()) {
        // A record can wait for its reports, in the correlator; in a full ring there is no record.
        ring.poll(correlator, ring.newest());
      }
    } while (piece == KERNEL_PIECE && read < KERNEL_BATCH);
    taken += read;
    return read > 0;
  }

  /**
   * The bytes of a request first, then what the JVM tells of it: by its bytes a connection is known
   * to be watched, and that its requests have a second view to wait for.
   */
  private boolean pollRings(WireRing plaintext) {
    if (plaintext == null) {
      return ring.poll(correlator);
    }
    long told = ring.newest();
    long moved = plaintext.newest();
    boolean worked = false;
    while (!plaintext.isPolled(moved) && plaintext.poll(wireReader, WIRE_BATCH)) {
      worked = true;
      if (ring.isFilling()) {
        // Taking over is quick, and what is dropped there is a record for certain.
        break;
      }
    }
    // A thread that was stopped while it copied holds up what is behind it for a moment.
    if (plaintext.isPolled(moved) || ring.isFilling()) {
      worked |= ring.poll(correlator, told);
    }
    return worked;
  }

  private boolean write() {
    try {
      return correlator.write(WRITE_BATCH);
    } catch (RuntimeException | Error e) {
      housekeeping.failed(e);
      return true;
    }
  }

  private void tick(long now) {
    try {
      if (kernel != null) {
        correlator.reportsDropped(kernel.reportsDropped());
      }
      correlator.tick();
      housekeeping.tick(now);
      if (!endAsked && (wire.isOn() || ring.wasUsed() || isStarted(now))) {
        endAsked = true;
        endsLast = housekeeping.runLast(() -> end(END_MS_MAX));
      }
      if (!ring.hasAllParcels() && (ring.wasUsed() || isStarted(now))) {
        ring.makeAllParcels();
      }
    } catch (RuntimeException | Error e) {
      housekeeping.failed(e);
    }
  }

  private boolean isStarted(long now) {
    return now - begunNs > STARTED_NS;
  }

  /** Has everything that waits written, within {@code withinMs}; called as the JVM goes down. */
  void stop(long withinMs) {
    stopping = true;
    LockSupport.unpark(thread);
    try {
      if (!drained.await(withinMs, TimeUnit.MILLISECONDS)) {
        housekeeping.failed(new IllegalStateException("not drained in ms=" + withinMs));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Gives what is still open its record, within {@code withinMs}, and ends the thread; called when
   * nothing of the service runs on to close it. Nothing if {@link #stop} was in vain.
   */
  void end(long withinMs) {
    if (drained.getCount() > 0) {
      return;
    }
    ending = true;
    LockSupport.unpark(thread);
    try {
      if (!ended.await(withinMs, TimeUnit.MILLISECONDS)) {
        housekeeping.failed(new IllegalStateException("not ended in ms=" + withinMs));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

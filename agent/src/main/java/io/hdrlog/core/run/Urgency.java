package io.hdrlog.core.run;

import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.file.SystemCalls;
import java.util.function.Supplier;

/**
 * Sees to it that the consumer's thread gets its turn. On a core that has more to do than it can,
 * the kernel gives each thread that wants it the same share: beside thirty busy workers the
 * consumer waited 40 ms for 3 ms, while the ring filled (docs/performance.md). So until the service
 * is warm and when the ring fills, it goes before the service's threads.
 *
 * <p>Where that does not help, because the records are more than a core can take, it gives up for a
 * while: then records are dropped, and the service keeps its core. It needs CAP_SYS_NICE, as root
 * has it; without, all threads stay equal. Belongs to the consumer's thread.
 */
final class Urgency {
  /** Nine times the share of a thread of the service: sched(7). */
  static final int AHEAD = 10;

  /**
   * So long with something to do and without a ring that fills. Less than a busy JVM needs to be
   * compiled was too little: with two seconds each second JVM lost records where the consumer had
   * just gone back to the others. A service that waits half a minute for its first load is no
   * warmer then, so while there is nothing to do no time passes.
   */
  static final long CALM_NS = 30_000_000_000L;

  /** A ring that fills at every look for so long, though the consumer goes first. */
  static final long IN_VAIN_NS = 3_000_000_000L;

  /** How long it is left at that. */
  static final long REST_NS = 60_000_000_000L;

  /**
   * Where nothing else needs the JDK's linker at the start it is left until then: it takes 50 to 70
   * ms of CPU at its first use. Beside busy threads those are seconds in which the ring is not
   * read, so the first moment after that without work is taken, and not the one in which the ring
   * fills.
   */
  static final long STARTED_NS = 2_000_000_000L;

  private final Supplier<SystemCalls> system;
  private SystemCalls calls;
  private boolean refused;
  private boolean ahead;
  private int usual;
  private long calmNs;
  private long lookedNs;

  /** Since when each look found it filling; absent if the last one did not. */
  private long fillingSinceNs = Timing.ABSENT;

  private long restSinceNs = Timing.ABSENT;

  private long bornNs = Timing.ABSENT;

  Urgency(Supplier<SystemCalls> system) {
    this.system = system;
  }

  /** The agent starts: until that is done the ring is not looked at. */
  void start(long nowNs) {
    lookedNs = nowNs;
    goAhead();
  }

  /**
   * Called between two batches.
   *
   * @param busy whether there was anything to do lately
   */
  void look(long nowNs, boolean nowFilling, boolean busy) {
    if (refused) {
      return;
    }
    long sinceNs = nowNs - lookedNs;
    lookedNs = nowNs;
    if (calls == null && isStarted(nowNs) && !busy) {
      goAhead();
    }
    if (!nowFilling) {
      fillingSinceNs = Timing.ABSENT;
      calmNs += busy ? sinceNs : 0;
      if (ahead && calmNs >= CALM_NS) {
        goWithTheOthers();
      }
      return;
    }
    calmNs = 0;
    if (fillingSinceNs == Timing.ABSENT) {
      fillingSinceNs = nowNs;
    }
    if (ahead && nowNs - fillingSinceNs >= IN_VAIN_NS) {
      restSinceNs = nowNs;
      goWithTheOthers();
    } else if (!ahead && (restSinceNs == Timing.ABSENT || nowNs - restSinceNs >= REST_NS)) {
      fillingSinceNs = nowNs;
      goAhead();
    }
  }

  private boolean isStarted(long nowNs) {
    if (bornNs == Timing.ABSENT) {
      bornNs = nowNs;
    }
    return nowNs - bornNs >= STARTED_NS;
  }

  private void goAhead() {
    if (calls == null) {
      calls = system.get();
      if (calls == null) {
        refused = true;
        return;
      }
      // What whoever started the service wanted for it stays the measure.
      usual = calls.niceOfProcess();
    }
    calmNs = 0;
    ahead = calls.nice(usual - AHEAD);
    refused = !ahead;
  }

  private void goWithTheOthers() {
    ahead = false;
    boolean unused = calls.nice(usual);
  }
}

package io.hdrlog.core.health;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Says in the agent's log what was lost: changes only, and while a loss goes on at most once a
 * minute. When it has been quiet for a while the last line has the true total; so has the summary
 * at the end. Called by the consumer, and by whoever ends the JVM when the consumer cannot.
 */
public final class HealthReporter {
  private static final int REPORT_MS = 60_000;
  private static final int LOOK_MS = 1000;

  /** A loss that has not grown for so long is over. */
  private static final int QUIET_MS = 5_000;

  private static final LossReason[] REASONS = LossReason.values();

  private final Counters counters;
  private final AgentLog log;
  private final Supplier<Map<String, Long>> kernelLosses;
  private final InstantSource clock;

  private final long[] reported = new long[REASONS.length];
  private final Map<String, Long> kernelReported = new HashMap<>();
  private long lookedMs = Long.MIN_VALUE / 2;
  private long reportedMs = Long.MIN_VALUE / 2;
  private long changedMs = Long.MIN_VALUE / 2;
  private long sum;
  private long sumReported;
  private String said;

  /** {@code kernelLosses} gives running totals by reason; an empty map where there is no kernel. */
  public HealthReporter(
      Counters counters,
      AgentLog log,
      Supplier<Map<String, Long>> kernelLosses,
      InstantSource clock) {
    this.counters = counters;
    this.log = log;
    this.kernelLosses = kernelLosses;
    this.clock = clock;
  }

  /** May be called as often as one likes. */
  public synchronized void tick() {
    long now = clock.millis();
    if (now < lookedMs) {
      // The clock was set back.
      lookedMs = now;
      reportedMs = Math.min(reportedMs, now);
      changedMs = Math.min(changedMs, now);
    }
    if (now - lookedMs < LOOK_MS) {
      return;
    }
    lookedMs = now;
    long total = total();
    if (total != sum) {
      sum = total;
      changedMs = now;
    }
    boolean over = now - changedMs >= QUIET_MS;
    if (sum != sumReported && (over || now - reportedMs >= REPORT_MS)) {
      report();
      reportedMs = now;
    }
  }

  private long total() {
    long total = 0;
    for (LossReason reason : REASONS) {
      total += counters.losses(reason);
    }
    for (long count : kernelLosses.get().values()) {
      total += count;
    }
    return total;
  }

  /** At the end; once more where the last is not true any more. */
  public synchronized void summary() {
    report();
    StringBuilder line = new StringBuilder("summary written=").append(counters.written());
    line.append(" sampled_out=").append(counters.sampledOutTotal());
    for (LossReason reason : REASONS) {
      long total = counters.losses(reason);
      if (total > 0) {
        line.append(" lost.").append(reason.text()).append('=').append(total);
      }
    }
    for (Map.Entry<String, Long> entry : new TreeMap<>(kernelLosses.get()).entrySet()) {
      if (entry.getValue() > 0) {
        line.append(" lost.").append(kernelName(entry.getKey()));
        line.append('=').append(entry.getValue());
      }
    }
    String summary = line.toString();
    if (!summary.equals(said)) {
      said = summary;
      log.info(summary);
    }
  }

  private void report() {
    sumReported = 0;
    for (int i = 0; i < REASONS.length; i++) {
      long total = counters.losses(REASONS[i]);
      report(REASONS[i].text(), total, reported[i]);
      reported[i] = total;
      sumReported += total;
    }
    for (Map.Entry<String, Long> entry : kernelLosses.get().entrySet()) {
      Long before = kernelReported.put(entry.getKey(), entry.getValue());
      report(kernelName(entry.getKey()), entry.getValue(), before == null ? 0 : before);
      sumReported += entry.getValue();
    }
  }

  private void report(String reason, long total, long before) {
    if (total > before) {
      log.warn("lost reason=" + reason + " count=" + (total - before) + " total=" + total);
    }
  }

  private static String kernelName(String reason) {
    return reason.startsWith("kernel_") ? reason : "kernel_" + reason;
  }
}

package io.hdrlog.core.select;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import java.util.function.DoubleSupplier;

/** Logs a share of the requests, and always those that went wrong or were slow. */
public final class Sampler {
  private final long slowNs;
  private final DoubleSupplier random;

  /**
   * @param slowNs a request that took longer is always logged
   * @param random numbers from 0 (inclusive) to 1 (exclusive)
   */
  public Sampler(long slowNs, DoubleSupplier random) {
    this.slowNs = slowNs;
    this.random = random;
  }

  /** {@code status} is 0 where there is none. */
  public boolean keep(double share, Exchange exchange, int status) {
    if (share >= 1.0
        || status >= 500
        || exchange.outcome != Outcome.COMPLETE
        || tookNs(exchange) > slowNs) {
      return true;
    }
    return share > 0 && random.getAsDouble() < share;
  }

  /** The whole exchange; without the kernel stream, as far as the JVM saw it. */
  private static long tookNs(Exchange exchange) {
    if (exchange.timing.totalNs != Timing.ABSENT) {
      return exchange.timing.totalNs;
    }
    return exchange.seenNs == Timing.ABSENT || exchange.endNs == Timing.ABSENT
        ? 0
        : exchange.endNs - exchange.seenNs;
  }
}

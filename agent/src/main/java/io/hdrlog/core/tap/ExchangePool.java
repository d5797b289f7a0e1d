package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Exchanges for those who have no place of their own to keep one, so that idle connections hold
 * none. Neither taking nor giving back ever waits: a thread tries a few slots that its id points
 * to, and where they are empty, or full, makes a new one, or leaves it to the collector.
 */
final class ExchangePool {
  private static final int SLOTS = 256;
  private static final int TRIES = 4;

  private final AtomicReferenceArray<Exchange> slots = new AtomicReferenceArray<>(SLOTS);

  Exchange take() {
    int first = first();
    for (int i = 0; i < TRIES; i++) {
      int slot = (first + i) & (SLOTS - 1);
      if (slots.getPlain(slot) != null) {
        Exchange exchange = slots.getAndSet(slot, null);
        if (exchange != null) {
          return exchange;
        }
      }
    }
    return new Exchange();
  }

  void give(Exchange exchange) {
    int first = first();
    for (int i = 0; i < TRIES; i++) {
      int slot = (first + i) & (SLOTS - 1);
      if (slots.getPlain(slot) == null && slots.compareAndSet(slot, null, exchange)) {
        return;
      }
    }
  }

  @SuppressWarnings("deprecation") // Thread.threadId() is newer than 17
  private static int first() {
    return (int) Thread.currentThread().getId() * TRIES;
  }
}

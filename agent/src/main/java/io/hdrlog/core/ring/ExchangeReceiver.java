package io.hdrlog.core.ring;

import io.hdrlog.core.exchange.Exchange;

/**
 * Takes exchanges out of the ring, on the consumer's thread. Each claim is followed by its
 * acceptance before the next claim. Throwing ends that exchange alone.
 */
public interface ExchangeReceiver {
  /** A cleared exchange to copy into. */
  Exchange claim();

  /** The exchange claimed before, now complete. */
  void accept(Exchange exchange);
}

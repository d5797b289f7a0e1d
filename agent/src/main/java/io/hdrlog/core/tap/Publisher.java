package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;

/** Takes finished exchanges from application threads. */
public interface Publisher {
  /**
   * Copies the exchange, which the caller reuses at once. Never waits, never throws; false if it
   * was dropped, which the publisher has then counted.
   */
  boolean publish(Exchange exchange);
}

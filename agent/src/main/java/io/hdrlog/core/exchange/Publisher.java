package io.hdrlog.core.exchange;

/** Where finished exchanges go from the application's threads. */
public interface Publisher {
  /**
   * Copies the exchange and returns at once; the caller may reuse it. False if it was dropped (and
   * counted). Any thread; never blocks, never throws.
   */
  boolean publish(Exchange exchange);
}

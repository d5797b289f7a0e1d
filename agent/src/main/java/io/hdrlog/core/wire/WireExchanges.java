package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;

/**
 * Takes what a {@link WireSession} finds. All calls come from the thread that feeds the session.
 */
public interface WireExchanges {
  /** A cleared exchange for the session to fill. It comes back by one of the other two calls. */
  Exchange claim();

  /** The exchange is not needed after all. */
  void abandon(Exchange exchange);

  /** Request and response are complete, or the connection ended. */
  void finished(Exchange exchange);
}

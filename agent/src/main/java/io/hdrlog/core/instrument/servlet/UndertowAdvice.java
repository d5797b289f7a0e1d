package io.hdrlog.core.instrument.servlet;

import io.hdrlog.tap.Tap;
import net.bytebuddy.asm.Advice;

/** Advice for Undertow, where it bears on what the Servlet API's advice may believe. */
final class UndertowAdvice {
  private UndertowAdvice() {}

  /** A constructor of {@code ProxyProtocolReadListener}: the ends will be those in the header. */
  static final class Proxied {
    private Proxied() {}

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit() {
      Tap.servletProxied();
    }
  }
}

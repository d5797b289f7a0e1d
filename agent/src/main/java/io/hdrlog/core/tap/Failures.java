package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Outcome;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.InterruptedByTimeoutException;

/** What an exception that ended an exchange says about how it ended. */
final class Failures {
  /** {@code error.type} where the container answered, because the application did not in time. */
  static final String ASYNC_TIMEOUT = "async_timeout";

  private Failures() {}

  /** The outcome for a failure of the transport, or null if it was none. */
  static Outcome ofTransport(Throwable failure) {
    if (failure instanceof InterruptedIOException
        || failure instanceof InterruptedByTimeoutException) {
      return Outcome.TIMEOUT;
    }
    if (!(failure instanceof IOException)) {
      return null;
    }
    // A malformed chunk is an IOException to Tomcat and Netty, but the connection is well. Netty's
    // native transports have exceptions of their own, shaded ones below other names.
    String name = failure.getClass().getName();
    return name.startsWith("java.")
            || name.startsWith("sun.")
            || name.contains("netty.channel.")
            || name.endsWith("CloseNowException")
        ? Outcome.CLIENT_RESET
        : Outcome.ERROR;
  }

  /** A ServletException tells nothing; what it wraps does. */
  static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getClass().getName().endsWith("ServletException") && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** For {@code error.type}; null for null. */
  static String type(Throwable failure) {
    return failure == null ? null : failure.getClass().getName();
  }
}

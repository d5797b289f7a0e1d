package io.hdrlog.core.kernel;

/** The kernel stream cannot be had; the message says what failed and what would mend it. */
public final class KernelUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  public KernelUnavailableException(String message) {
    super(message);
  }

  public KernelUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}

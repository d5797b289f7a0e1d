package io.hdrlog.core.kernel;

/** Receives what a {@link KernelSource} reads, on the consumer's thread. */
public interface KernelEvents {
  /** A socket reports; the journal must not be kept. */
  void onJournal(SocketJournal journal);

  /** The JVM stood at a safepoint from {@code beginNs} to {@code endNs} (CLOCK_MONOTONIC). */
  void onPause(long beginNs, long endNs);
}

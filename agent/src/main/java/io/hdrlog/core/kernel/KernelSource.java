package io.hdrlog.core.kernel;

import java.util.List;
import java.util.Map;

/**
 * The kernel stream. Opened by a {@link KernelSourceProvider}; polled by the one consumer thread
 * and by no other.
 */
public interface KernelSource extends AutoCloseable {
  /**
   * Hands over at most {@code limit} waiting events and returns how many there were. Never blocks,
   * never throws.
   */
  int poll(KernelEvents events, int limit);

  /** Whether every safepoint of this JVM is handed over, from the opening on. */
  boolean reportsPauses();

  /** One line for each hook: the point in time, what serves it, and what was refused and why. */
  List<String> describe();

  /** Grows whenever {@link #describe} has more lines than before; cheap to ask. */
  int news();

  /**
   * How many reports did not fit into the ring. What they carried goes with the next report of the
   * same socket, which on an idle one does not come.
   */
  long reportsDropped();

  /** Events lost inside the kernel or at its border, by reason; running totals. */
  Map<String, Long> losses();

  /** Detaches every hook and frees the maps. */
  @Override
  void close();
}

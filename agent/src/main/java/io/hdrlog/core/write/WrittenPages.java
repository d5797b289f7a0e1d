package io.hdrlog.core.write;

import io.hdrlog.core.file.ClaimedFile;
import io.hdrlog.core.file.SystemCalls;
import io.hdrlog.core.health.AgentLog;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Keeps the log from filling the page cache: what was written some time ago goes to the disk and
 * its pages back to the kernel, which gives them out again for what is written next. A busy
 * service's log would otherwise push the application's own files out of memory; and where the
 * machine is a virtual one, a page that its host has not backed yet costs more than the record on
 * it (docs/performance.md).
 *
 * <p>The consumer only says how far a file has grown. The calls block as long as the disk takes,
 * and are made by a thread that is there while files grow by {@link #STEP_BYTES} every few seconds.
 */
final class WrittenPages {
  /**
   * So much at a time: the kernel lets a thread that has begun run on for a time slice, and
   * requests that arrive on its core wait. 8 MB took it 1.7 ms. On a busy core, where it has to
   * wait for its turn itself, more has come together by then and is seen to in one go.
   */
  static final long STEP_BYTES = 2L << 20;

  /** The end of the file stays, for who follows it. */
  static final long KEPT_BYTES = 16L << 20;

  /** What was not on the disk yet when its turn came is tried again with the next steps. */
  private static final long AGAIN_BYTES = 32L << 20;

  /** Files with something to do; there is one that grows, and now and then one that is left. */
  private static final int GROWING_MAX = 8;

  private static final long LINGER_NS = 5_000_000_000L;

  private final Supplier<SystemCalls> system;
  private final AgentLog log;
  private final Deque<Growing> waiting = new ArrayDeque<>();
  private boolean running;
  private boolean off;
  private boolean told;

  // The consumer's.
  private ClaimedFile file;
  private Growing growing;
  private long askedSize;

  /** A file, and how far its pages were seen to; guarded by the outer object but for the thread. */
  private static final class Growing {
    private final ClaimedFile file;
    private long size;
    private boolean left;
    private boolean queued;

    // The thread's.
    private int descriptor = -1;
    private long writtenBack;
    private long dropped;

    Growing(ClaimedFile file, long from) {
      this.file = file;
      this.writtenBack = from;
      this.dropped = from;
    }
  }

  WrittenPages(Supplier<SystemCalls> system, AgentLog log) {
    this.system = system;
    this.log = log;
  }

  /** Records were appended to the file, which has grown to this size. */
  void grown(ClaimedFile appended, long from, long size) {
    if (appended != file) {
      left();
      file = appended;
      askedSize = from;
    }
    if (size - askedSize >= STEP_BYTES) {
      ask(size);
    } else if (size < askedSize) {
      // Somebody has cut it.
      askedSize = size;
    }
  }

  private synchronized void ask(long size) {
    if (growing == null) {
      growing = new Growing(file, askedSize);
    }
    askedSize = size;
    growing.size = size;
    queue(growing);
  }

  /** Nothing is appended to the file any more; its path may be another file's soon. */
  synchronized void left() {
    file = null;
    if (growing != null) {
      growing.left = true;
      queue(growing);
      growing = null;
    }
  }

  private void queue(Growing of) {
    if (off) {
      return;
    }
    if (!of.queued && waiting.size() < GROWING_MAX) {
      of.queued = true;
      waiting.add(of);
    }
    if (running) {
      notifyAll();
    } else {
      start();
    }
  }

  private void start() {
    Thread thread = new Thread(this::run, "hdrlog-pages");
    thread.setDaemon(true);
    try {
      thread.start();
      running = true;
    } catch (OutOfMemoryError e) {
      // No thread is to be had, of which there may be a limit: the next step tries again.
      running = false;
    }
  }

  private void run() {
    SystemCalls calls = system.get();
    if (calls != null) {
      // The consumer started it, and may have been before the service just then.
      boolean unused = calls.nice(calls.niceOfProcess());
    }
    try {
      for (Growing next = next(calls); next != null; next = next(calls)) {
        step(calls, next);
      }
    } catch (IOException | RuntimeException e) {
      tell(e);
      stop();
    }
  }

  private void tell(Exception e) {
    if (!told) {
      told = true;
      log.info("written pages stay in the page cache: reason=\"" + e + "\"");
    }
  }

  /** Waits for the next file; null where the thread is to end. */
  private synchronized Growing next(SystemCalls calls) {
    if (calls == null) {
      stop();
      return null;
    }
    long untilNs = System.nanoTime() + LINGER_NS;
    try {
      for (long left = LINGER_NS;
          waiting.isEmpty() && left > 0;
          left = untilNs - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Growing next = waiting.poll();
    if (next == null) {
      running = false;
    } else {
      next.queued = false;
    }
    return next;
  }

  private synchronized void stop() {
    off = true;
    running = false;
    waiting.clear();
  }

  private void step(SystemCalls calls, Growing of) throws IOException {
    long size;
    boolean over;
    synchronized (this) {
      size = of.size;
      over = of.left;
      if (of.descriptor < 0 && !over) {
        // While left() waits: after it the path may be that of a file whose lock is in use, and
        // closing a descriptor of that would end the lock.
        of.descriptor = open(calls, of.file);
      }
    }
    if (of.descriptor < 0) {
      return;
    }
    if (over) {
      calls.close(of.descriptor);
      return;
    }
    if (size > of.writtenBack) {
      calls.writeBack(of.descriptor, of.writtenBack, size - of.writtenBack);
      of.writtenBack = size;
    }
    if (size - KEPT_BYTES > of.dropped) {
      long from = Math.max(0, of.dropped - AGAIN_BYTES);
      of.dropped = size - KEPT_BYTES;
      calls.dropPages(of.descriptor, from, of.dropped - from);
    }
  }

  /** Below zero where it cannot be opened now: as it grows on, it is tried again. */
  private int open(SystemCalls calls, ClaimedFile of) {
    try {
      return calls.open(of.path());
    } catch (IOException e) {
      tell(e);
      return -1;
    }
  }
}

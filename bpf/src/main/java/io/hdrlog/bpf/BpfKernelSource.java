package io.hdrlog.bpf;

import io.hdrlog.core.kernel.KernelEvents;
import io.hdrlog.core.kernel.KernelSource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The hooks in the kernel, and the ring they report through. */
final class BpfKernelSource implements KernelSource, RingReader.Records {
  /** As in {@code entry.h}. */
  static final long RING_BYTES = 1L << 22;

  private static final int RING_FULL = EventLayout.LOSSES_NAMES.indexOf("ring_full");

  /** How often it is looked whether the JVM has loaded a library: a call of some 100 ns. */
  private static final long LIBRARIES_EVERY_NS = 10_000_000L;

  private final Libbpf libbpf;
  private final BpfLoader.Loaded loaded;
  private final Arena arena;
  private final RingReader ring;
  private final JournalView journal = new JournalView();

  private KernelEvents events;
  private long librariesLoaded;
  private long librariesCheckedNs;
  private final AtomicLong eventsFailed = new AtomicLong();
  private final AtomicLong recordsUnknown = new AtomicLong();
  private volatile boolean closed;

  /** The arena is the library's, and closed with the source. */
  BpfKernelSource(Libbpf libbpf, BpfLoader.Loaded loaded, Arena arena) {
    this.libbpf = libbpf;
    this.loaded = loaded;
    this.arena = arena;
    this.ring = loaded.object().ring();
    this.librariesLoaded = loaded.librariesLoaded();
    this.librariesCheckedNs = System.nanoTime();
  }

  @Override
  public int poll(KernelEvents to, int limit) {
    if (closed) {
      return 0;
    }
    try {
      long now = System.nanoTime();
      if (now - librariesCheckedNs >= LIBRARIES_EVERY_NS) {
        librariesCheckedNs = now;
        attachToNewLibraries();
      }
      events = to;
      return ring.read(this, limit);
    } catch (IllegalStateException closedMeanwhile) {
      return 0;
    }
  }

  @Override
  public void onRecord(ByteBuffer memory, int offset, int length) {
    int type = memory.getShort(offset);
    try {
      if (type == EventLayout.TYPE_PAUSE && length == EventLayout.PAUSE_BYTES) {
        events.onPause(
            memory.getLong(offset + EventLayout.PAUSE_BEGIN_NS),
            memory.getLong(offset + EventLayout.PAUSE_END_NS));
      } else if ((type == EventLayout.TYPE_EXCHANGE || type == EventLayout.TYPE_JOURNAL)
          && journal.moveTo(memory, offset, length, type)) {
        events.onJournal(journal);
      } else {
        recordsUnknown.getAndIncrement();
      }
    } catch (RuntimeException e) {
      eventsFailed.getAndIncrement();
    }
  }

  /** One cheap question; the work only when the answer has changed. */
  private void attachToNewLibraries() {
    long now = libbpf.librariesLoaded();
    if (now == librariesLoaded) {
      return;
    }
    librariesLoaded = now;
    try {
      loaded.calls().attach(MappedLibrary.parse(MappedLibrary.maps()));
    } catch (ErrnoException | IOException e) {
      loaded.calls().refused("a library loaded later, reason=" + e.getMessage());
    }
  }

  @Override
  public boolean reportsPauses() {
    return loaded.calls().watchesPauses();
  }

  @Override
  public List<String> describe() {
    return loaded.describe();
  }

  @Override
  public int news() {
    return loaded.calls().said();
  }

  @Override
  public synchronized long reportsDropped() {
    long[] values = closed ? null : loaded.object().losses();
    return values == null ? 0 : values[RING_FULL];
  }

  @Override
  public synchronized Map<String, Long> losses() {
    Map<String, Long> losses = new LinkedHashMap<>();
    if (closed) {
      return losses;
    }
    long[] values = loaded.object().losses();
    for (int i = 0; values != null && i < values.length; i++) {
      losses.put(EventLayout.LOSSES_NAMES.get(i), values[i]);
    }
    losses.put("events_failed", eventsFailed.get());
    losses.put("records_unknown", recordsUnknown.get());
    return losses;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    loaded.object().close();
    arena.close();
  }
}

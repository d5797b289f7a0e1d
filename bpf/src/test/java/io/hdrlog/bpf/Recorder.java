package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.http.IpAddress;
import io.hdrlog.core.kernel.KernelEvents;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Takes each mark once, as the correlator does, and keeps them by connection. */
final class Recorder implements KernelEvents {
  record Mark(long ns, long position) {}

  record Pause(long beginNs, long endNs) {}

  static final class Connection {
    long cookie;
    int flags;
    int localPort;
    int remotePort;
    byte[] localAddress = new byte[16];
    byte[] remoteAddress = new byte[16];
    long establishedNs;
    long acceptedNs;
    int reports;
    long missed;
    final Map<MarkKind, List<Mark>> marks = new EnumMap<>(MarkKind.class);
    final Map<MarkKind, Integer> seen = new EnumMap<>(MarkKind.class);

    Connection() {
      for (MarkKind kind : MarkKind.values()) {
        marks.put(kind, new ArrayList<>());
        seen.put(kind, 0);
      }
    }

    List<Mark> marks(MarkKind kind) {
      return marks.get(kind);
    }

    long position(MarkKind kind) {
      List<Mark> of = marks.get(kind);
      return of.isEmpty() ? 0 : of.get(of.size() - 1).position;
    }

    boolean has(int flag) {
      return (flags & flag) != 0;
    }
  }

  final Map<Integer, Connection> byRemotePort = new HashMap<>();
  final List<Pause> pauses = new ArrayList<>();

  /** Takes what the kernel tells until the condition holds, for five seconds at most. */
  void await(KernelSource source, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (true) {
      source.poll(this, 64);
      if (condition.getAsBoolean()) {
        return;
      }
      assertThat(System.nanoTime()).as("timeout, hooks=" + source.describe()).isLessThan(deadline);
      Thread.sleep(1);
    }
  }

  @Override
  public void onJournal(SocketJournal journal) {
    Connection c = byRemotePort.computeIfAbsent(journal.remotePort(), p -> new Connection());
    if (c.cookie != 0 && c.cookie != journal.cookie()) {
      // Another connection that was given the same port.
      c = new Connection();
      byRemotePort.put(journal.remotePort(), c);
    }
    c.reports++;
    c.cookie = journal.cookie();
    c.flags = journal.flags();
    c.localPort = journal.localPort();
    c.remotePort = journal.remotePort();
    IpAddress.put(journal.localHigh(), journal.localLow(), c.localAddress);
    IpAddress.put(journal.remoteHigh(), journal.remoteLow(), c.remoteAddress);
    if (journal.establishedNs() != 0) {
      c.establishedNs = journal.establishedNs();
    }
    if (journal.acceptedNs() != 0) {
      c.acceptedNs = journal.acceptedNs();
    }
    for (MarkKind kind : MarkKind.values()) {
      int from = c.seen.get(kind);
      int to = journal.count(kind);
      if (to - from > journal.capacity(kind)) {
        c.missed += to - from - journal.capacity(kind);
        from = to - journal.capacity(kind);
      }
      for (int number = from; number < to; number++) {
        c.marks(kind)
            .add(
                new Mark(
                    journal.markNs(kind, number),
                    Integer.toUnsignedLong(journal.markPosition(kind, number))));
      }
      c.seen.put(kind, Math.max(to, c.seen.get(kind)));
    }
  }

  @Override
  public void onPause(long beginNs, long endNs) {
    pauses.add(new Pause(beginNs, endNs));
  }
}

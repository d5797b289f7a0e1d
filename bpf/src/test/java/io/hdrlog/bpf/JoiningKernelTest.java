package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.bpf.Recorder.Connection;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the hooks make of a process that was running before them, and what they cost it. */
class JoiningKernelTest {
  /** The first rounds are those of class loading and of the interpreter. */
  private static final int ROUNDS_MAX = 20;

  @TempDir Path natives;

  @BeforeAll
  static void rights() throws Exception {
    KernelRights.require();
  }

  private static void exchange(Socket from, Socket to, int bytes) throws IOException {
    from.getOutputStream().write(new byte[bytes]);
    assertThat(to.getInputStream().readNBytes(bytes)).hasSize(bytes);
  }

  private static void drain(KernelSource source, Recorder recorder) throws InterruptedException {
    for (int i = 0; i < 100; i++) {
      source.poll(recorder, 64);
      Thread.sleep(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "UPROBE"})
  void positionsCountFromTheStartOfConnectionsThatWereThereBefore(KernelOptions.Probes probes)
      throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      exchange(client, server, 1234);
      exchange(server, client, 4321);
      Recorder recorder = new Recorder();
      try (KernelSource source =
              new BpfKernelSourceProvider().open(new KernelOptions(probes, false), natives);
          Socket late = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
          Socket lateServer = listener.accept()) {
        exchange(client, server, 10);
        exchange(server, client, 20);
        exchange(client, server, 10);
        exchange(server, client, 20);
        exchange(late, lateServer, 30);
        exchange(lateServer, late, 40);
        drain(source, recorder);
        Connection joined = recorder.byRemotePort.get(client.getLocalPort());
        assertThat(joined.marks(MarkKind.READ))
            .extracting(Recorder.Mark::position)
            .containsExactly(1244L, 1254L);
        assertThat(joined.marks(MarkKind.SEND))
            .extracting(Recorder.Mark::position)
            .containsExactly(4341L, 4361L);
        assertThat(joined.position(MarkKind.ARRIVAL)).isEqualTo(1254L);
        assertThat(joined.establishedNs).isZero();
        assertThat(joined.cookie).isNotZero();
        // The listener was there before the hooks: its new connections are known all the same.
        Connection fresh = recorder.byRemotePort.get(late.getLocalPort());
        assertThat(fresh.establishedNs).isNotZero();
        assertThat(fresh.position(MarkKind.ARRIVAL)).isEqualTo(30);
        assertThat(fresh.position(MarkKind.SEND)).isEqualTo(40);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"AUTO", "UPROBE"})
  void outboundPositionsAreExactForNewAndForJoinedConnections(KernelOptions.Probes probes)
      throws Exception {
    try (ServerSocket first = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        ServerSocket second = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Socket before = new Socket(InetAddress.getLoopbackAddress(), first.getLocalPort());
        Socket beforeServer = first.accept()) {
      exchange(before, beforeServer, 7);
      exchange(beforeServer, before, 9);
      Recorder recorder = new Recorder();
      try (KernelSource source =
              new BpfKernelSourceProvider().open(new KernelOptions(probes, true), natives);
          Socket client = new Socket(InetAddress.getLoopbackAddress(), second.getLocalPort());
          Socket server = second.accept()) {
        exchange(client, server, 100);
        exchange(server, client, 200);
        exchange(client, server, 100);
        exchange(before, beforeServer, 10);
        exchange(beforeServer, before, 10);
        exchange(before, beforeServer, 10);
        drain(source, recorder);
        Connection opened = recorder.byRemotePort.get(second.getLocalPort());
        assertThat(opened.has(SocketJournal.OUTBOUND)).isTrue();
        assertThat(opened.marks(MarkKind.SEND))
            .extracting(Recorder.Mark::position)
            .containsExactly(100L, 200L);
        assertThat(opened.marks(MarkKind.ARRIVAL))
            .extracting(Recorder.Mark::position)
            .containsExactly(200L);
        Connection joined = recorder.byRemotePort.get(first.getLocalPort());
        assertThat(joined.has(SocketJournal.OUTBOUND)).isTrue();
        assertThat(joined.marks(MarkKind.SEND))
            .extracting(Recorder.Mark::position)
            .containsExactly(17L, 27L);
        assertThat(joined.position(MarkKind.READ)).isEqualTo(19);
      }
    }
  }

  @Test
  void pollingAllocatesNothing() throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    AllocationProbe probe = new AllocationProbe();
    try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        KernelSource source =
            new BpfKernelSourceProvider()
                .open(new KernelOptions(KernelOptions.Probes.AUTO, false), natives);
        Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      long allocated = Long.MAX_VALUE;
      for (int round = 0; round < ROUNDS_MAX && allocated > 0; round++) {
        for (int i = 0; i < 1000; i++) {
          exchange(client, server, 10);
          exchange(server, client, 10);
        }
        allocated = allocatedBy(source, probe, threads);
      }
      assertThat(allocated).isZero();
      assertThat(probe.sum).isNotZero();
      assertThat(((InetSocketAddress) server.getRemoteSocketAddress()).getPort())
          .isEqualTo(probe.port);
    }
  }

  private static long allocatedBy(
      KernelSource source, AllocationProbe probe, com.sun.management.ThreadMXBean threads) {
    long thread = Thread.currentThread().threadId();
    long before = threads.getThreadAllocatedBytes(thread);
    long floor = threads.getThreadAllocatedBytes(thread) - before;
    long from = threads.getThreadAllocatedBytes(thread);
    int events = 0;
    for (int i = 0; i < 10_000; i++) {
      events += source.poll(probe, 16);
    }
    long allocated = threads.getThreadAllocatedBytes(thread) - from - floor;
    assertThat(events).isGreaterThan(900);
    return allocated;
  }

  /** Looks at everything, keeps one number. */
  private static final class AllocationProbe implements io.hdrlog.core.kernel.KernelEvents {
    private static final MarkKind[] KINDS = MarkKind.values();
    private int port;
    private long sum;

    @Override
    public void onJournal(SocketJournal journal) {
      port = journal.remotePort();
      sum += journal.localHigh() + journal.localLow();
      sum += journal.remoteHigh() + journal.remoteLow();
      sum += journal.cookie() + journal.flags() + journal.srttUs() + journal.establishedNs();
      for (MarkKind kind : KINDS) {
        int count = journal.count(kind);
        if (count > 0 && journal.capacity(kind) > 0) {
          sum += journal.markNs(kind, count - 1) + journal.markPosition(kind, count - 1);
        }
      }
    }

    @Override
    public void onPause(long beginNs, long endNs) {
      sum += endNs - beginNs;
    }
  }
}

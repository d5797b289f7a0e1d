package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.bpf.KernelContract.Pair;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.MarkKind;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ring that nobody reads for a while. */
class RingFullKernelTest {
  private static final int EXCHANGES_MAX = 60_000;

  /** A peer may put its acknowledgement off for 40 ms. */
  private static final long PATIENCE_NS = 5_000_000_000L;

  @Test
  void droppedReportsAreCountedAndTheNextOneCarriesTheirMarks(@TempDir Path natives)
      throws Exception {
    KernelRights.require();
    try (KernelSource source =
            new BpfKernelSourceProvider()
                .open(new KernelOptions(KernelOptions.Probes.AUTO, false), natives);
        Pair pair = new Pair("127.0.0.1")) {
      assertThat(source.reportsDropped()).isZero();
      int exchanges = 0;
      while (source.reportsDropped() < 3 && exchanges < EXCHANGES_MAX) {
        exchange(pair);
        exchanges++;
      }
      assertThat(source.reportsDropped()).isEqualTo(source.losses().get("ring_full")).isPositive();

      Recorder recorder = new Recorder();
      while (source.poll(recorder, 4_096) > 0) {}
      Recorder.Connection before = recorder.byRemotePort.get(pair.port);
      // What the dropped reports carried comes with the next one, and on an idle connection there
      // is none, unless a late acknowledgement makes one.
      assertThat(before.position(MarkKind.ACK)).isLessThanOrEqualTo(exchanges * 600L);

      exchange(pair);
      long patience = System.nanoTime() + PATIENCE_NS;
      while (before.position(MarkKind.ACK) < (exchanges + 1) * 600L
          && System.nanoTime() < patience) {
        source.poll(recorder, 4_096);
      }
      assertThat(before.position(MarkKind.SEND)).isEqualTo((exchanges + 1) * 600L);
      assertThat(before.missed).isZero();
    }
  }

  private static void exchange(Pair pair) throws Exception {
    transfer(pair.client, pair.server, 100);
    transfer(pair.server, pair.client, 600);
  }

  private static void transfer(SocketChannel from, SocketChannel to, int bytes) throws Exception {
    from.write(ByteBuffer.allocate(bytes));
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining() && to.read(buffer) >= 0) {
      // Until all is there.
    }
  }
}

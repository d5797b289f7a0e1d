package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.KernelOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Reads noted when they return, where the tracepoint inside them is refused. */
class ReturnedReadKernelTest extends KernelContract {
  ReturnedReadKernelTest() {
    super(KernelOptions.Probes.AUTO, Map.of("tp_btf/tcp_rcv_space_adjust", "not here"));
  }

  @Test
  void theNextBestHookWasTaken() {
    assertThat(source().describe())
        .contains("read: tp_btf/sock_recv_length", "journals: in the socket");
  }
}

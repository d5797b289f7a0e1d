package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.KernelOptions;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What takes over on kernels without the tracepoints of 6.3 and the uprobes of 6.6. */
class OlderKernelTest extends KernelContract {
  OlderKernelTest() {
    super(
        KernelOptions.Probes.AUTO,
        Map.of(
            "tp_btf/sock_recv_length",
            "6.3",
            "tp_btf/sock_send_length",
            "6.3",
            LoadPlan.UPROBE_MULTI,
            "6.6",
            LoadPlan.COOKIE_HELPER,
            "5.12"));
  }

  @Test
  void theNextBestHooksWereTaken() {
    assertThat(source().describe())
        .contains(
            "fields absent: none",
            "read: tp_btf/tcp_rcv_space_adjust",
            "send: uprobes on native writes",
            "journals: by hash",
            "refused uprobe.multi reason=6.6")
        .anyMatch(line -> line.startsWith("uprobe library=libnio.so"))
        .noneMatch(line -> line.startsWith("uprobe.multi"));
  }
}

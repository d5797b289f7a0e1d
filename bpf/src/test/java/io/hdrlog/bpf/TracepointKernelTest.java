package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.KernelOptions;
import org.junit.jupiter.api.Test;

/** The kernel stream as it is by default. */
class TracepointKernelTest extends KernelContract {
  TracepointKernelTest() {
    super(KernelOptions.Probes.AUTO);
  }

  @Test
  void theCheapestHooksWereTaken() {
    assertThat(source().describe())
        .contains("arrival, acknowledgement: tp_btf/tcp_probe", "journals: in the socket");
  }
}

package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.KernelOptions;
import org.junit.jupiter.api.Test;

/** The same with uprobes on the JDK's native functions for reading and writing. */
class UprobeKernelTest extends KernelContract {
  UprobeKernelTest() {
    super(KernelOptions.Probes.UPROBE);
  }

  @Test
  void readingAndWritingIsServedByUprobes() {
    assertThat(source().describe())
        .contains(
            "read: uprobes on native reads", "send: uprobes on native writes", "journals: by hash");
  }
}

package io.hdrlog.bpf;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** On a machine that can load BPF the kernel tests run; elsewhere they say why they do not. */
final class KernelRights {
  private KernelRights() {}

  static void require() throws Exception {
    List<String> missing =
        Capabilities.parse(Files.readAllLines(Path.of("/proc/self/status"))).missing();
    boolean types = Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"));
    if (!missing.isEmpty() || !types) {
      System.out.println("kernel tests skipped: missing=" + missing + " btf=" + types);
    }
    assumeTrue(missing.isEmpty() && types);
  }
}

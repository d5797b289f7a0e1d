package io.hdrlog.bpf;

import java.util.ArrayList;
import java.util.List;

/** What this process may do, from the CapEff line of /proc/self/status. */
record Capabilities(long effective) {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  static Capabilities parse(List<String> status) {
    for (String line : status) {
      if (line.startsWith("CapEff:")) {
        return new Capabilities(
            Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16));
      }
    }
    return new Capabilities(0);
  }

  /** Names of those that the kernel stream needs and that are not there. */
  List<String> missing() {
    List<String> missing = new ArrayList<>();
    if (has(CAP_SYS_ADMIN)) {
      return missing;
    }
    if (!has(CAP_BPF)) {
      missing.add("CAP_BPF");
    }
    if (!has(CAP_PERFMON)) {
      missing.add("CAP_PERFMON");
    }
    return missing;
  }

  private boolean has(int capability) {
    return (effective >>> capability & 1) != 0;
  }
}

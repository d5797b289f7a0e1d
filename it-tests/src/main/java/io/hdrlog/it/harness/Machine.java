package io.hdrlog.it.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What this machine allows, asked of the machine and never of the code under test. */
public final class Machine {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private Machine() {}

  /**
   * Whether the kernel stream must be there. Where this is true its absence is a failure; where it
   * is false the tests check the JVM stream alone.
   */
  public static boolean canLoadBpf() {
    return Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))
        && (hasCapability(CAP_SYS_ADMIN) || (hasCapability(CAP_BPF) && hasCapability(CAP_PERFMON)));
  }

  /** Why {@link #canLoadBpf} is false. */
  public static String whyNot() {
    return "this machine cannot load BPF programs: btf="
        + Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))
        + " cap_sys_admin="
        + hasCapability(CAP_SYS_ADMIN)
        + " cap_bpf="
        + hasCapability(CAP_BPF)
        + " cap_perfmon="
        + hasCapability(CAP_PERFMON);
  }

  public static boolean isRoot() {
    return effective() != 0 && System.getProperty("user.name").equals("root");
  }

  private static boolean hasCapability(int bit) {
    return (effective() >>> bit & 1) != 0;
  }

  private static long effective() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("CapEff:")) {
          return Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16);
        }
      }
    } catch (IOException e) {
      // No such file: no such kernel.
    }
    return 0;
  }

  /** Runs a command to its end; its output is the exception's message if it fails. */
  public static String run(String... command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IllegalStateException(String.join(" ", command) + " failed: " + output);
      }
      return output;
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", command) + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

package io.hdrlog.core.cli;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.Option;
import io.hdrlog.core.config.Options;
import io.hdrlog.core.health.FileAgentLog;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Looks at everything that hdrlog depends on, and says what is wrong and what would mend it. */
final class Doctor {
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_PERFMON = 38;
  private static final int CAP_BPF = 39;

  private static final int LOG_TAIL_BYTES = 256 * 1024;
  private static final int LOG_LINES_SHOWN = 10;
  private static final int LOG_AGE_MS = 7 * 24 * 3_600_000;
  private static final int LABEL_WIDTH = 16;

  private final PrintStream out;
  private final Path root;
  private final KernelCheck kernelCheck;
  private final InstantSource clock;
  private boolean healthy = true;

  /** {@code root}: where proc and sys are looked for. */
  Doctor(PrintStream out, Path root, KernelCheck kernelCheck, InstantSource clock) {
    this.out = out;
    this.root = root;
    this.kernelCheck = kernelCheck;
    this.clock = clock;
  }

  /** False when something is wrong. */
  boolean run(Config config, List<String> problems) throws IOException {
    boolean kernelWanted = config.enabled() && config.kernel() != Config.Kernel.OFF;
    section("machine");
    java(kernelWanted);
    kernel(kernelWanted);
    capabilities(kernelWanted);
    note("memlock", memlock());
    note("unprivileged bpf", unprivilegedBpf());
    mount("bpffs", "/sys/fs/bpf", "bpf");
    mount("tracefs", "/sys/kernel/tracing", "tracefs");
    if (kernelWanted) {
      tryKernelStream(config);
    }
    options(config, problems);
    files(config);
    out.println();
    out.println(healthy ? "all is well" : "something is wrong: see the lines with 'bad'");
    return healthy;
  }

  private void java(boolean kernelWanted) {
    int feature = Runtime.version().feature();
    String version = System.getProperty("java.version") + " " + System.getProperty("java.home");
    if (feature >= 21) {
      ok("java", version);
    } else if (kernelWanted) {
      bad("java", version + ": the kernel stream needs 21 or newer, the JVM stream works");
    } else {
      ok("java", version);
    }
  }

  private void kernel(boolean kernelWanted) {
    String arch = System.getProperty("os.arch");
    String release = firstLine("proc/sys/kernel/osrelease");
    if (release.isEmpty()) {
      verdict(!kernelWanted, "kernel", "no linux, so no kernel stream");
      return;
    }
    verdict(
        !kernelWanted || atLeast(release, 5, 8),
        "kernel",
        "linux " + release + " " + arch + (atLeast(release, 5, 8) ? "" : ": 5.8 is the oldest"));
    boolean btf = Files.isReadable(root.resolve("sys/kernel/btf/vmlinux"));
    verdict(
        btf || !kernelWanted,
        "btf",
        btf
            ? "/sys/kernel/btf/vmlinux"
            : "no /sys/kernel/btf/vmlinux: the kernel has to be built with CONFIG_DEBUG_INFO_BTF");
  }

  private static boolean atLeast(String release, int major, int minor) {
    String[] parts = release.split("[.-]", 3);
    try {
      int first = Integer.parseInt(parts[0]);
      int second = parts.length > 1 ? Integer.parseInt(parts[1]) : 0;
      return first > major || (first == major && second >= minor);
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private void capabilities(boolean kernelWanted) {
    long effective = effectiveCapabilities();
    if (has(effective, CAP_SYS_ADMIN)) {
      ok("capabilities", "CAP_SYS_ADMIN, which includes what is needed");
      return;
    }
    List<String> missing = new ArrayList<>();
    if (!has(effective, CAP_BPF)) {
      missing.add("CAP_BPF");
    }
    if (!has(effective, CAP_PERFMON)) {
      missing.add("CAP_PERFMON");
    }
    if (missing.isEmpty()) {
      ok("capabilities", "CAP_BPF and CAP_PERFMON");
      return;
    }
    verdict(
        !kernelWanted,
        "capabilities",
        "missing "
            + String.join(" and ", missing)
            + " for this user: systemd AmbientCapabilities=CAP_BPF CAP_PERFMON, or docker"
            + " --cap-add BPF --cap-add PERFMON");
  }

  private long effectiveCapabilities() {
    for (String line : lines("proc/self/status")) {
      if (line.startsWith("CapEff:")) {
        return Long.parseUnsignedLong(line.substring("CapEff:".length()).trim(), 16);
      }
    }
    return 0;
  }

  private static boolean has(long capabilities, int bit) {
    return (capabilities >>> bit & 1) != 0;
  }

  private String memlock() {
    for (String line : lines("proc/self/limits")) {
      if (line.startsWith("Max locked memory")) {
        String soft = line.substring("Max locked memory".length()).trim().split("\\s+", 2)[0];
        return soft + (soft.equals("unlimited") ? "" : " bytes; counts before linux 5.11 only");
      }
    }
    return "not known";
  }

  private String unprivilegedBpf() {
    return switch (firstLine("proc/sys/kernel/unprivileged_bpf_disabled")) {
      case "" -> "not known";
      case "0" -> "allowed (not needed)";
      default -> "disabled (the capabilities are needed)";
    };
  }

  private void mount(String label, String path, String type) {
    boolean mounted = false;
    for (String line : lines("proc/mounts")) {
      String[] parts = line.split(" ", 4);
      mounted |= parts.length > 2 && parts[2].equals(type) && parts[1].equals(path);
    }
    if (mounted) {
      ok(label, path);
    } else {
      note(label, "not mounted: only some hooks need it: mount -t " + type + " none " + path);
    }
  }

  private void tryKernelStream(Config config) {
    if (kernelCheck == null) {
      note("kernel stream", "not tried by this command");
      return;
    }
    KernelCheck.Result result = kernelCheck.check(config);
    verdict(result.ok(), "kernel stream", result.ok() ? "opened and closed" : "refused");
    for (String line : result.lines()) {
      out.println("       " + Text.printable(line));
    }
  }

  private void options(Config config, List<String> problems) {
    section("options");
    for (String problem : problems) {
      bad("not understood", Text.printable(problem));
    }
    if (!config.enabled()) {
      bad("enabled", "false: the agent does nothing at all");
    }
    for (Option<?> option : Options.ALL) {
      String source = config.source(option);
      out.println(
          "       "
              + Text.left(option.key(), 21)
              + Text.cut(Text.printable(config.text(option)), 60)
              + (source.equals("default") ? "" : "  (" + source + ")"));
    }
  }

  private void files(Config config) throws IOException {
    section("files");
    Path dir = config.dir().toAbsolutePath();
    if (!Files.exists(dir)) {
      Path parent = dir;
      while (parent != null && !Files.exists(parent)) {
        parent = parent.getParent();
      }
      boolean possible = parent != null && canBeWritten(parent);
      verdict(
          possible,
          "folder",
          dir + (possible ? ": will be made" : ": cannot be made, " + parent + " refuses it"));
      return;
    }
    boolean writable = canBeWritten(dir);
    verdict(writable, "folder", dir + (writable ? "" : ": cannot be written by this user"));
    if (!Files.isDirectory(dir)) {
      return;
    }
    // By path and not by mount: in a chroot the mount may be in no table that can be read.
    long usable = dir.toFile().getUsableSpace();
    verdict(
        usable > config.rotateSizeBytes(),
        "room",
        String.format(Locale.ROOT, "%.1f GB free", usable / 1e9)
            + (usable > config.rotateSizeBytes() ? "" : ": less than one file of rotate.size"));
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(dir, "*" + FileAgentLog.SUFFIX)) {
      for (Path log : logs) {
        agentLog(log);
      }
    }
  }

  /** By trying: /proc says yes to root when asked, and takes nothing. */
  private static boolean canBeWritten(Path dir) {
    if (!Files.isDirectory(dir)) {
      return false;
    }
    try {
      Files.delete(Files.createTempDirectory(dir, ".hdrlog-doctor"));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Warnings since the agent started last, of the last days. */
  private void agentLog(Path log) {
    String label = log.getFileName().toString();
    List<String> warnings = new ArrayList<>();
    try {
      if (clock.millis() - Files.getLastModifiedTime(log).toMillis() > LOG_AGE_MS) {
        note("agent log", label + ": older than a week, not read");
        return;
      }
      for (String line : tail(log).lines().toList()) {
        String[] parts = line.split(" ", 3);
        if (parts.length < 3) {
          continue;
        }
        if (parts[2].startsWith(FileAgentLog.STARTED)) {
          warnings.clear();
        } else if (parts[1].equals("warn") || parts[1].equals("error")) {
          warnings.add(line);
        }
      }
    } catch (IOException e) {
      bad("agent log", label + " cannot be read: " + e);
      return;
    }
    verdict(
        warnings.isEmpty(),
        "agent log",
        label + (warnings.isEmpty() ? ": no warnings" : ": warnings count=" + warnings.size()));
    for (int i = Math.max(0, warnings.size() - LOG_LINES_SHOWN); i < warnings.size(); i++) {
      out.println("       " + Text.printable(warnings.get(i)));
    }
  }

  private static String tail(Path log) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
      int length = (int) Math.min(file.length(), LOG_TAIL_BYTES);
      byte[] bytes = new byte[length];
      file.seek(file.length() - length);
      file.readFully(bytes);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private String firstLine(String path) {
    List<String> lines = lines(path);
    return lines.isEmpty() ? "" : lines.get(0).trim();
  }

  private List<String> lines(String path) {
    try {
      return Files.readAllLines(root.resolve(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }

  private void section(String title) {
    out.println();
    out.println(title);
  }

  private void verdict(boolean good, String label, String text) {
    if (good) {
      ok(label, text);
    } else {
      bad(label, text);
    }
  }

  private void ok(String label, String text) {
    print("ok", label, text);
  }

  private void note(String label, String text) {
    print("-", label, text);
  }

  private void bad(String label, String text) {
    healthy = false;
    print("bad", label, text);
  }

  private void print(String verdict, String label, String text) {
    out.println("  " + Text.left(verdict, 5) + Text.left(label, LABEL_WIDTH) + "  " + text);
  }
}

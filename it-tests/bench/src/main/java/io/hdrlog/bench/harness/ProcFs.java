package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** CPU time and memory as the kernel counts them. */
final class ProcFs {
  /** USER_HZ, which is 100 on every Linux that these benchmarks run on. */
  private static final double NS_PER_TICK = 1e9 / 100;

  /** One thread: its name, cut to 15 characters by the kernel, and its time on a CPU. */
  record ThreadTime(String name, long cpuNs) {}

  private ProcFs() {}

  /** User and system time of all threads, the ended ones included. */
  static double processCpuNs(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * NS_PER_TICK;
  }

  /** By thread id. From schedstat, in nanoseconds, since 10 ms ticks say little of a thread. */
  static Map<Long, ThreadTime> threads(long pid) throws IOException {
    Map<Long, ThreadTime> threads = new HashMap<>();
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
      for (Path task : tasks) {
        try {
          String name = Files.readString(task.resolve("comm")).strip();
          String cpu = Files.readString(task.resolve("schedstat")).split(" ", -1)[0];
          threads.put(
              Long.valueOf(task.getFileName().toString()),
              new ThreadTime(name, Long.parseLong(cpu)));
        } catch (IOException ended) {
          // Between the listing and the reading, or between opening and reading.
          if (Files.exists(task)) {
            throw ended;
          }
        }
      }
    }
    return threads;
  }

  static double rssMiB(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IOException("no VmRSS for pid=" + pid);
  }

  /** Time that a core spent on anything at all. */
  static double coreBusyNs(int core) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
      if (line.startsWith("cpu" + core + " ")) {
        String[] fields = line.split(" +", -1);
        double ticks = 0;
        for (int i = 1; i <= 8 && i < fields.length; i++) {
          boolean idle = i == 4 || i == 5;
          ticks += idle ? 0 : Long.parseLong(fields[i]);
        }
        return ticks * NS_PER_TICK;
      }
    }
    throw new IOException("no such core: " + core);
  }
}

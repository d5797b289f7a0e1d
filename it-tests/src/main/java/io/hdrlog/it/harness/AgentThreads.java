package io.hdrlog.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the kernel has counted of the agent's own threads in a JVM. */
public final class AgentThreads {
  private static final String NAMES = "hdrlog-";
  private static final String CONSUMER = "hdrlog-consumer";

  private final Path tasks;

  AgentThreads(long pid) {
    tasks = Path.of("/proc", Long.toString(pid), "task");
  }

  /** Nanoseconds on a core, of all of them. */
  public long cpuNs() {
    long sum = 0;
    for (Path task : named(NAMES)) {
      sum += number(task.resolve("schedstat"), 0);
    }
    return sum;
  }

  /** How often they went to sleep of themselves; losing the core to others does not count. */
  public long wakeUps() {
    return sum(NAMES, "status", "voluntary_ctxt_switches:");
  }

  /** Calls of write and its like by the consumer. */
  public long writeCalls() {
    return sum(CONSUMER, "io", "syscw:");
  }

  private long sum(String names, String file, String label) {
    long sum = 0;
    for (Path task : named(names)) {
      for (String line : read(task.resolve(file)).lines().toList()) {
        if (line.startsWith(label)) {
          sum += Long.parseLong(line.substring(label.length()).strip());
        }
      }
    }
    return sum;
  }

  private List<Path> named(String prefix) {
    List<Path> named = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
      for (Path task : all) {
        if (read(task.resolve("comm")).startsWith(prefix)) {
          named.add(task);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return named;
  }

  private static long number(Path file, int index) {
    String text = read(file).strip();
    return text.isEmpty() ? 0 : Long.parseLong(text.split(" ", -1)[index]);
  }

  /** Empty where the thread is gone. */
  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}

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

  /** How often they were given a core. */
  public long wakeUps() {
    long sum = 0;
    for (Path task : named(NAMES)) {
      sum += number(task.resolve("schedstat"), 2);
    }
    return sum;
  }

  /** Calls of write and its like by the consumer. */
  public long writeCalls() {
    long sum = 0;
    for (Path task : named(CONSUMER)) {
      for (String line : read(task.resolve("io")).lines().toList()) {
        if (line.startsWith("syscw:")) {
          sum += Long.parseLong(line.substring("syscw:".length()).strip());
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

package io.hdrlog.bpf;

import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.KernelStream;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What opening the kernel stream costs a JVM: {@code java -cp CLASSPATH io.hdrlog.bpf.StartCost
 * [JVMS] [JVM-OPTION...]}. Each JVM is a new one that has done no more than open a socket; medians
 * are printed, of its wall clock, of the opening thread's CPU time and of the whole process's
 * (compilers included).
 */
public final class StartCost {
  private static final String ONCE = "once";

  private StartCost() {}

  public static void main(String[] args) throws Exception {
    if (args.length > 0 && args[0].equals(ONCE)) {
      once();
      return;
    }
    int jvms = args.length > 0 ? Integer.parseInt(args[0]) : 7;
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(Arrays.asList(args).subList(Math.min(1, args.length), args.length));
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), StartCost.class.getName(), ONCE));
    double[][] runs = new double[3][jvms];
    for (int i = 0; i < jvms; i++) {
      Process jvm =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      String line = new String(jvm.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (jvm.waitFor() != 0) {
        throw new IOException("a jvm failed: " + line);
      }
      System.out.println(line);
      String[] figures = line.split("[ =a-z_]+", -1);
      for (int f = 0; f < runs.length; f++) {
        runs[f][i] = Double.parseDouble(figures[f + 1]);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "median of %d jvms: wall_ms=%.1f thread_cpu_ms=%.1f process_cpu_ms=%.1f%n",
        jvms,
        median(runs[0]),
        median(runs[1]),
        median(runs[2]));
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  private static void once() throws Exception {
    // What a service has done by then anyhow.
    ServerSocketChannel.open().close();
    processCpuNs();
    long process = processCpuNs();
    long thread = cpuNs(Path.of("/proc/thread-self/schedstat"));
    long wall = System.nanoTime();
    try (KernelSource source =
        KernelStream.open(new KernelOptions(KernelOptions.Probes.AUTO, false))) {
      wall = System.nanoTime() - wall;
      thread = cpuNs(Path.of("/proc/thread-self/schedstat")) - thread;
      process = processCpuNs() - process;
      if (Boolean.getBoolean("describe")) {
        source.describe().forEach(System.err::println);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "wall_ms=%.1f thread_cpu_ms=%.1f process_cpu_ms=%.1f%n",
        wall / 1e6,
        thread / 1e6,
        process / 1e6);
  }

  private static long processCpuNs() throws IOException {
    long sum = 0;
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : threads) {
        sum += cpuNs(thread.resolve("schedstat"));
      }
    }
    return sum;
  }

  private static long cpuNs(Path schedstat) throws IOException {
    String line = Files.readString(schedstat);
    return Long.parseLong(line.substring(0, line.indexOf(' ')));
  }
}

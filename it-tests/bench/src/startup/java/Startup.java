import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From the spawn of a JVM to the first byte of its first response: wall time, and CPU time of all
 * its threads, compilers included. Variants take turns; the first round is not counted.
 */
final class Startup {
  private static final double TICK_MS = 10; // USER_HZ, fixed in Linux's interface
  private static final byte[] GET =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private record Start(double wallMs, double cpuMs) {}

  private Startup() {}

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path logs = Files.createTempDirectory("hdrlog-startup");
    Map<String, List<String>> variants = new LinkedHashMap<>();
    variants.put("none", List.of());
    for (int i = 2; i < arguments.length; i++) {
      String jar = "-javaagent:" + arguments[i];
      String dir = "-Dhdrlog.dir=" + logs;
      variants.put(arguments[i] + " enabled=false", List.of(jar, "-Dhdrlog.enabled=false"));
      variants.put(arguments[i] + " kernel=off", List.of(jar, dir, "-Dhdrlog.kernel=off"));
      variants.put(arguments[i], List.of(jar, dir));
    }
    Map<String, List<Start>> starts = new LinkedHashMap<>();
    for (int round = 0; round <= rounds; round++) {
      for (var variant : variants.entrySet()) {
        Start start = start(root, variant.getValue());
        if (round > 0) {
          starts.computeIfAbsent(variant.getKey(), name -> new ArrayList<>()).add(start);
        }
      }
    }
    double wall = median(starts.get("none").stream().mapToDouble(Start::wallMs).toArray());
    double cpu = median(starts.get("none").stream().mapToDouble(Start::cpuMs).toArray());
    System.out.println("  wall ms  of none    CPU ms     added  variant, medians of " + rounds);
    starts.forEach(
        (name, all) -> {
          double w = median(all.stream().mapToDouble(Start::wallMs).toArray());
          double c = median(all.stream().mapToDouble(Start::cpuMs).toArray());
          System.out.printf("%9.0f %8.2f %9.0f %+9.0f  %s%n", w, w / wall, c, c - cpu, name);
        });
  }

  private static Start start(Path root, List<String> options) throws IOException {
    Path services = root.resolve("it-tests/target");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(options);
    command.add("-cp");
    command.add(services + "/classes:" + services + "/variants/tomcat11/lib/*");
    command.add("io.hdrlog.it.service.TomcatService");
    long began = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
      String line = out.readLine();
      if (line == null || !line.startsWith("READY ")) {
        throw new IOException("the service did not start: " + line);
      }
      int port = Integer.parseInt(line.substring("READY ".length()));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write(GET);
        if (socket.getInputStream().read() < 0) {
          throw new IOException("no response");
        }
        double wallMs = (System.nanoTime() - began) / 1e6;
        return new Start(wallMs, cpuMs(process.pid()));
      }
    } finally {
      process.destroyForcibly();
      process.onExit().join();
    }
  }

  private static double cpuMs(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return TICK_MS * (Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
  }

  private static double median(double[] values) {
    java.util.Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}

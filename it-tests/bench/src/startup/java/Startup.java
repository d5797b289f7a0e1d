import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * From the spawn of a JVM to the first byte of its first response: wall time, and CPU time of all
 * its threads, compilers included. Variants take turns; the first round is not counted.
 */
final class Startup {
  private static final double TICK_MS = 10; // USER_HZ, fixed in Linux's interface
  private static final byte[] GET =
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /**
   * @param threadsMs CPU time of the threads that the first response waits for: the main thread's
   *     and the server's
   */
  private record Start(double wallMs, double cpuMs, double threadsMs) {}

  private Startup() {}

  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]);
    Path logs = Files.createTempDirectory("hdrlog-startup");
    Map<String, List<String>> variants = new LinkedHashMap<>();
    variants.put("none", List.of());
    variants.put("none again", List.of());
    String floor = "-javaagent:" + floorAgent(logs);
    variants.put("an agent that does nothing", List.of(floor));
    variants.put("a transformer that does nothing", List.of(floor + "=transformer"));
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
    System.out.println(
        "  wall ms (least) of none  CPU ms (least)  added (least)  application's threads (least)"
            + "  variant; medians of "
            + rounds);
    List<Start> none = starts.get("none");
    starts.forEach(
        (name, all) ->
            System.out.printf(
                "%9.0f %7.0f %7.2f %7.0f %8.0f %+7.0f %+7.0f %+10.0f %+10.0f  %s%n",
                median(all, Start::wallMs),
                least(all, Start::wallMs),
                median(all, Start::wallMs) / median(none, Start::wallMs),
                median(all, Start::cpuMs),
                least(all, Start::cpuMs),
                median(all, Start::cpuMs) - median(none, Start::cpuMs),
                least(all, Start::cpuMs) - least(none, Start::cpuMs),
                median(all, Start::threadsMs) - median(none, Start::threadsMs),
                least(all, Start::threadsMs) - least(none, Start::threadsMs),
                name));
  }

  private static double least(List<Start> starts, ToDoubleFunction<Start> what) {
    return starts.stream().mapToDouble(what).min().orElseThrow();
  }

  /**
   * What no agent that changes classes can do without: the JVM hands each class file to the
   * transformer, and for archived classes reads it for no other reason.
   */
  private static Path floorAgent(Path dir) throws IOException {
    Path source = dir.resolve("Floor.java");
    Files.writeString(
        source,
        """
        import java.lang.instrument.ClassFileTransformer;
        import java.lang.instrument.Instrumentation;
        public final class Floor implements ClassFileTransformer {
          public static void premain(String what, Instrumentation instrumentation) {
            if ("transformer".equals(what)) {
              instrumentation.addTransformer(new Floor(), true);
            }
          }
        }
        """);
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    if (javac.run(null, null, null, "--release", "17", source.toString()) != 0) {
      throw new IOException("the agent that does nothing cannot be compiled");
    }
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", "Floor");
    manifest.getMainAttributes().putValue("Can-Retransform-Classes", "true");
    Path jar = dir.resolve("floor.jar");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new ZipEntry("Floor.class"));
      out.write(Files.readAllBytes(dir.resolve("Floor.class")));
    }
    return jar;
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
        return new Start(wallMs, cpuMs(process.pid()), threadsMs(process.pid()));
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

  /** On a machine that does other things as well this repeats better than the clock on the wall. */
  private static double threadsMs(long pid) throws IOException {
    double sum = 0;
    try (DirectoryStream<Path> tasks =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path task : tasks) {
        String name = Files.readString(task.resolve("comm")).strip();
        if (name.equals("java") || name.startsWith("http-")) {
          String stat = Files.readString(task.resolve("schedstat"));
          sum += Long.parseLong(stat.substring(0, stat.indexOf(' '))) / 1e6;
        }
      }
    }
    return sum;
  }

  private static double median(List<Start> starts, ToDoubleFunction<Start> what) {
    double[] values = starts.stream().mapToDouble(what).sorted().toArray();
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }
}

package io.hdrlog.bench.harness;

import io.hdrlog.bench.Headers;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One JVM with the service, from its start to its end. */
final class ServiceJvm implements AutoCloseable {
  private static final long START_NS_MAX = 60_000_000_000L;

  /** What the service told of itself at one moment. */
  record Stats(long handled, long compileMs, long allocated, Map<String, Long> threads) {}

  final int port;
  final Path dir;
  final double startMs;

  private final Process process;
  private final BufferedWriter control;
  private final LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();

  ServiceJvm(Options options, Scenario scenario, Variant variant, Path dir, String cores)
      throws IOException {
    this.dir = dir;
    this.port = freePort();
    Files.createDirectories(dir);
    long spawnNs = System.nanoTime();
    process =
        new ProcessBuilder(command(options, scenario, variant, cores))
            .redirectOutput(dir.resolve("stdout.log").toFile())
            .start();
    control =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII));
    Thread.ofPlatform().daemon().start(this::readErrors);
    try {
      awaitFirstResponse(spawnNs, scenario.tls().equals("none"));
    } catch (IOException e) {
      process.destroyForcibly();
      throw e;
    }
    startMs = (System.nanoTime() - spawnNs) / 1e6;
  }

  private List<String> command(Options options, Scenario scenario, Variant variant, String cores) {
    Path library = options.home.resolve("target/lib");
    List<String> command = new ArrayList<>(List.of("taskset", "-c", cores));
    command.add(options.java.toString());
    // One collector for all: the JVM's own choice depends on how many cores it is given, and
    // collector threads of their own would blur whose time is whose.
    command.addAll(List.of("-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "-Xmn128m"));
    command.addAll(variant.jvmArguments(options.jar(variant), library, dir));
    // Netty and tcnative load native code; without this the JVM prints warnings.
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dbench.port=" + port);
    command.add("-Dbench.tls=" + scenario.tls());
    command.add("-Dbench.peer=" + variant.peer());
    command.add("-Dbench.dir=" + dir);
    command.add("-Dbench.keystore=" + options.home.resolve("target/bench/keystore.p12"));
    command.add("-Dbench.keystore.password=benchmark");
    command.add("-cp");
    String classPath =
        options.home.resolve("target/classes") + ":" + library.resolve(scenario.library()) + "/*";
    if (variant == Variant.LOGBOOK) {
      classPath += ":" + library.resolve("logbook") + "/*";
    }
    command.add(classPath);
    command.addAll(scenario.mainArguments());
    return command;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private void awaitFirstResponse(long spawnNs, boolean plain) throws IOException {
    byte[] request = Headers.request(0);
    while (true) {
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
        if (!plain) {
          return;
        }
        socket.setSoTimeout(30_000);
        OutputStream out = socket.getOutputStream();
        out.write(request);
        byte[] status = socket.getInputStream().readNBytes(12);
        if (!new String(status, StandardCharsets.US_ASCII).equals("HTTP/1.1 200")) {
          throw new IllegalStateException(
              "first response: " + new String(status, StandardCharsets.US_ASCII));
        }
        return;
      } catch (IOException notYet) {
        if (!process.isAlive() || System.nanoTime() - spawnNs > START_NS_MAX) {
          throw new IOException("service did not start, see " + dir, notYet);
        }
        LockSupport.parkNanos(500_000);
      }
    }
  }

  private void readErrors() {
    try (BufferedReader in =
            new BufferedReader(
                new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        BufferedWriter log =
            Files.newBufferedWriter(
                dir.resolve("stderr.txt"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.startsWith("bench ")) {
          answers.add(line);
        } else {
          log.write(line);
          log.newLine();
          log.flush();
        }
      }
    } catch (IOException ended) {
      // The pipe is closed when the service ends.
    }
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  Stats stats() throws IOException {
    answers.clear();
    control.write("stats\n");
    control.flush();
    Map<String, Long> numbers = new LinkedHashMap<>();
    Map<String, Long> threads = new LinkedHashMap<>();
    try {
      while (true) {
        String line = answers.poll(20, TimeUnit.SECONDS);
        if (line == null) {
          throw new IOException("no answer from the service, see " + dir);
        }
        String[] words = line.split(" ", 4);
        if (words[1].equals("end")) {
          return new Stats(
              numbers.get("handled"), numbers.get("compile_ms"), numbers.get("allocated"), threads);
        } else if (words[1].equals("thread")) {
          threads.merge(words.length > 3 ? words[3] : "", Long.parseLong(words[2]), Long::sum);
        } else {
          numbers.put(words[1], Long.parseLong(words[2]));
        }
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Lets the threads of an agent or logger use these cores, and no others. */
  void moveAgentThreads(String cores) throws IOException {
    for (var thread : ProcFs.threads(pid()).entrySet()) {
      if (Threads.of(thread.getValue().name()) == Threads.AGENT) {
        try {
          Shell.run(5, List.of("taskset", "-pc", cores, thread.getKey().toString()));
        } catch (IOException e) {
          if (Files.exists(Path.of("/proc/" + pid() + "/task/" + thread.getKey()))) {
            throw e;
          }
        }
      }
    }
  }

  /** Ends it in order, so that what is buffered gets written; false if it had to be killed. */
  boolean stop() throws IOException {
    try {
      control.write("exit\n");
      control.flush();
      return process.waitFor(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    } finally {
      close();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

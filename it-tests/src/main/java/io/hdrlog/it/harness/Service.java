package io.hdrlog.it.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A service in a JVM of its own, with the agent or without. Ended by its process id. */
public final class Service implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration KERNEL = Duration.ofSeconds(10);
  private static final Duration STOP = Duration.ofSeconds(20);
  private static final int NOBODY = 65534;

  /** A line of a class histogram: rank, instances, bytes, class and perhaps its module. */
  private static final Pattern OBJECTS_OF_CLASS =
      Pattern.compile("^ *\\d+: +\\d+ +(\\d+) +(\\S+)", Pattern.MULTILINE);

  /** What the collector puts where there is no object. */
  private static final String FILLER = "FillerElement;";

  private static final AtomicInteger RUNS = new AtomicInteger();

  private final String name;
  private final Path dir;
  private final Path output;
  private final Process process;
  private final int port;
  private final Duration startup;

  private Service(String name, Path dir, Path output, Process process, int port, Duration startup) {
    this.name = name;
    this.dir = dir;
    this.output = output;
    this.process = process;
    this.port = port;
    this.startup = startup;
  }

  public static Builder on(Variant variant) {
    return new Builder(variant);
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public String name() {
    return name;
  }

  /** The folder of its log files. */
  public Path dir() {
    return dir;
  }

  /** From the start of the process to being ready. */
  public Duration startup() {
    return startup;
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public Records records() {
    return new Records(dir, name);
  }

  /** What the service wrote to its standard output and error. */
  public String output() {
    return read(output);
  }

  /** The agent's own log, empty if there is none. */
  public String agentLog() {
    return read(dir.resolve(name + ".agent.log"));
  }

  /** Waits until the agent's log, or what the service printed, contains the text. */
  public boolean saysWithin(String text, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      if (agentLog().contains(text) || output().contains(text)) {
        return true;
      }
      if (System.nanoTime() > end) {
        return false;
      }
      Pause.millis(20);
    }
  }

  /** What its agent's threads do. */
  public AgentThreads agentThreads() {
    return new AgentThreads(pid());
  }

  /** Resident memory, in KiB. */
  public long rssKb() {
    for (String line : read(Path.of("/proc/" + pid() + "/status")).lines().toList()) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IllegalStateException("no VmRSS: pid=" + pid());
  }

  /**
   * What lives in its heap, in KiB, by the JDK's own tool: objects, counted in the same pause as
   * the collection. What a heap calls "used" has the threads' allocation buffers in it, whole ones,
   * which come and go by a megabyte.
   */
  public long liveHeapKb() {
    String jcmd = Jdks.current().resolve("bin/jcmd").toString();
    return objectBytes(Machine.run(jcmd, Long.toString(pid()), "GC.class_histogram")) / 1024;
  }

  private static long objectBytes(String histogram) {
    long bytes = 0;
    Matcher objects = OBJECTS_OF_CLASS.matcher(histogram);
    while (objects.find()) {
      if (!objects.group(2).endsWith(FILLER)) {
        bytes += Long.parseLong(objects.group(1));
      }
    }
    if (bytes == 0) {
      throw new IllegalStateException("no class histogram: " + histogram);
    }
    return bytes;
  }

  public RawClient connect() {
    return RawClient.connect(port);
  }

  public void signal(String signal) {
    // The shell has its own kill; not every machine has the program.
    Machine.run("sh", "-c", "kill -" + signal + " " + pid());
  }

  /** Stops every thread of the JVM, and returns when they have stopped. */
  public void suspend() {
    signal("STOP");
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!allThreadsStopped()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("did not stop: pid=" + pid());
      }
      Pause.millis(1);
    }
  }

  public void resume() {
    signal("CONT");
  }

  private boolean allThreadsStopped() {
    try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid() + "/task"))) {
      return tasks.allMatch(
          task -> {
            String stat = read(task.resolve("stat"));
            int end = stat.lastIndexOf(')');
            return end < 0 || stat.charAt(end + 2) == 'T';
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The end that leaves nobody time for anything. */
  public void killHard() {
    process.destroyForcibly();
    await();
  }

  /** Ends it as an operator does, so that all that is known is written. */
  public void stop() {
    process.destroy();
    await();
  }

  private void await() {
    try {
      if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(
            "did not end in time: pid=" + pid() + " limit=" + STOP + "\n" + output());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
  }

  private static String read(Path file) {
    try {
      return Files.exists(file) ? Files.readString(file, StandardCharsets.ISO_8859_1) : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** Says how the service is to be started. */
  public static final class Builder {
    private final Variant variant;
    private final Map<String, String> options = new LinkedHashMap<>();
    private final Map<String, String> environment = new HashMap<>();
    private final List<String> arguments = new ArrayList<>();
    private final List<String> jvmOptions = new ArrayList<>();
    private final List<String> libraries = new ArrayList<>();
    private Path jdk = Jdks.current();
    private String name = "it";
    private Path dir;
    private boolean agent = true;
    private String agentArguments = "";
    private List<String> before = List.of();
    private boolean unprivileged;

    private Builder(Variant variant) {
      this.variant = variant;
      libraries.add(variant.libraries());
    }

    public Builder jdk(Path home) {
      jdk = home;
      return this;
    }

    /** The name of the service and so of its files. */
    public Builder name(String serviceName) {
      name = serviceName;
      return this;
    }

    /** The folder for log files; a new one unless said. */
    public Builder dir(Path folder) {
      dir = folder;
      return this;
    }

    /** {@code -Dhdrlog.KEY=VALUE}. */
    public Builder option(String key, String value) {
      options.put(key, value);
      return this;
    }

    public Builder environment(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    /** What follows {@code -javaagent:hdrlog.jar=}. */
    public Builder agentArguments(String text) {
      agentArguments = text;
      return this;
    }

    public Builder jvm(String... more) {
      jvmOptions.addAll(List.of(more));
      return this;
    }

    /** An argument to the service itself. */
    public Builder with(String key, Object value) {
      arguments.add(key + "=" + value);
      return this;
    }

    /** Adds one of pom.xml's class paths. */
    public Builder libraries(String more) {
      libraries.add(more);
      return this;
    }

    /** The same service as it is without hdrlog. */
    public Builder withoutAgent() {
      agent = false;
      return this;
    }

    /** As root, but with no capability at all. */
    public Builder withoutCapabilities() {
      before = List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all");
      return this;
    }

    /** As the user nobody, with no capability at all. */
    public Builder unprivileged() {
      unprivileged = true;
      before =
          List.of(
              "setpriv",
              "--reuid=" + NOBODY,
              "--regid=" + NOBODY,
              "--clear-groups",
              "--bounding-set=-all",
              "--inh-caps=-all");
      return this;
    }

    /** In a network namespace, given by its file, and not that of the tests. */
    public Builder inNetwork(Path namespace) {
      before = List.of("nsenter", "--net=" + namespace);
      return this;
    }

    public Service start() {
      try {
        return begin();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private Service begin() throws IOException {
      Path run =
          Project.runs().resolve(ProcessHandle.current().pid() + "-" + RUNS.incrementAndGet());
      Files.createDirectories(run);
      Path logs = dir == null ? run.resolve("logs") : dir;
      Path classes = Project.classes();
      List<Path> libraryFolders = libraries.stream().map(Project::libraries).toList();
      Path jar = agent ? Project.agentJar() : null;

      if (unprivileged) {
        // A clone may lie where others cannot look: give the service a copy.
        Path copy = Files.createTempDirectory("hdrlog-it-nobody");
        Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
        classes = copyOf(classes, copy.resolve("classes"));
        List<Path> copies = new ArrayList<>();
        for (Path folder : libraryFolders) {
          copies.add(copyOf(folder, copy.resolve("lib" + copies.size())));
        }
        libraryFolders = copies;
        jar = jar == null ? null : copyOf(jar, copy.resolve("hdrlog.jar"));
        if (dir == null) {
          logs = Files.createDirectory(copy.resolve("logs"));
          Files.setPosixFilePermissions(logs, PosixFilePermissions.fromString("rwxrwxrwx"));
        }
      }

      List<String> command = new ArrayList<>(before);
      command.add(jdk.resolve("bin/java").toString());
      command.add("-Xmx512m");
      command.add("-XX:+UseSerialGC");
      command.addAll(jvmOptions);
      if (agent) {
        options.putIfAbsent("service", name);
        options.putIfAbsent("dir", logs.toString());
        options.forEach((key, value) -> command.add("-Dhdrlog." + key + "=" + value));
        command.add("-javaagent:" + jar + (agentArguments.isEmpty() ? "" : "=" + agentArguments));
      }
      command.add("-cp");
      StringBuilder path = new StringBuilder(classes.toString());
      for (Path folder : libraryFolders) {
        path.append(':').append(folder).append("/*");
      }
      command.add(path.toString());
      command.add(variant.main());
      command.addAll(arguments);

      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().keySet().removeIf(variable -> variable.startsWith("HDRLOG_"));
      builder.environment().remove("JAVA_TOOL_OPTIONS");
      builder.environment().putAll(environment);
      builder.directory(run.toFile());
      Path output = run.resolve("output.txt");
      long began = System.nanoTime();
      Process process = builder.start();
      process.getOutputStream().close();
      int port = awaitReady(process, output);
      Duration startup = Duration.ofNanos(System.nanoTime() - began);
      Service service = new Service(name, logs, output, process, port, startup);
      if (agent && !"false".equals(options.get("enabled"))) {
        // The kernel's hooks are attached beside the service's own start, which they do not delay.
        service.saysWithin("kernel stream", KERNEL);
      }
      return service;
    }

    /** Copies what the service prints to a file, and finds the port in it. */
    private static int awaitReady(Process process, Path output) throws IOException {
      CompletableFuture<Integer> ready = new CompletableFuture<>();
      Writer writer = Files.newBufferedWriter(output, StandardCharsets.ISO_8859_1);
      Thread pump =
          new Thread(
              () -> {
                try (writer;
                    BufferedReader reader = process.inputReader(StandardCharsets.ISO_8859_1)) {
                  for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    writer.write(line);
                    writer.write('\n');
                    writer.flush();
                    if (line.startsWith("READY ")) {
                      ready.complete(Integer.parseInt(line.substring("READY ".length())));
                    }
                  }
                } catch (IOException e) {
                  // The process is gone; what it wrote is kept.
                }
                ready.completeExceptionally(new IllegalStateException("ended before it was ready"));
              },
              "output of " + process.pid());
      pump.setDaemon(true);
      pump.start();
      try {
        return ready.get(START.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        process.destroyForcibly();
        throw new IllegalStateException("the service did not start:\n" + read(output), e);
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }

    private static Path copyOf(Path from, Path to) throws IOException {
      Files.walkFileTree(
          from,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
                throws IOException {
              Path copy = Files.createDirectories(to.resolve(from.relativize(folder).toString()));
              Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Path copy =
                  Files.copy(
                      file,
                      file.equals(from) ? to : to.resolve(from.relativize(file).toString()),
                      StandardCopyOption.REPLACE_EXISTING);
              Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
              return FileVisitResult.CONTINUE;
            }
          });
      return to;
    }
  }
}

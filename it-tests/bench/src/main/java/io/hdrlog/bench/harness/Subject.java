package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One JVM that is measured, with a measurement for each turn that it gets. */
final class Subject implements AutoCloseable {
  /** Two windows in a row that differ by less are taken as warmed up. */
  private static final double STABLE = 0.03;

  /** So much compiling in a window of load means that the JIT is not done. */
  private static final double COMPILING = 0.04;

  /** What an agent or a logger has yet to do for a window's requests belongs to it. */
  private static final long SETTLE_NS = 300_000_000;

  private static final Pattern LATENCIES =
      Pattern.compile("p50 (\\d+) p99 (\\d+) p999 (\\d+) max (\\d+) drained (true|false)");

  final Variant variant;
  final List<Measurement> turns = new ArrayList<>();

  private final Options options;
  private final Scenario scenario;
  private final Wrk wrk;
  private final Path dir;
  private final boolean tls;
  private ServiceJvm jvm;
  private int saturated;

  Subject(Options options, Scenario scenario, Variant variant, int round, Wrk wrk) {
    this.options = options;
    this.scenario = scenario;
    this.variant = variant;
    this.wrk = wrk;
    this.dir = options.logs.resolve(variant.key());
    this.tls = !scenario.tls().equals("none");
    for (int turn = 0; turn < options.windows; turn++) {
      turns.add(new Measurement(scenario, variant, round * options.windows + turn));
    }
  }

  void start() throws IOException {
    delete(dir);
    jvm = new ServiceJvm(options, scenario, variant, dir, String.valueOf(Bench.SERVICE_CORE));
  }

  /** Loads it until its compiler has had its time; says how it went. */
  String warmUp() throws IOException {
    double before = 0;
    double now = 0;
    boolean stable = false;
    long compiledMs = jvm.stats().compileMs();
    for (int s = 0; s < options.warmSeconds; s += options.seconds) {
      before = now;
      now = load(options.seconds).perSecond();
      long nowCompiledMs = jvm.stats().compileMs();
      stable =
          Math.abs(now - before) < STABLE * now
              && nowCompiledMs - compiledMs < COMPILING * 1000 * options.seconds;
      compiledMs = nowCompiledMs;
    }
    turns.get(0).jvms = 1;
    turns.get(0).unstable = stable ? 0 : 1;
    return String.format(
        Locale.ROOT,
        "%s: %,.0f requests/s once warm%s",
        variant.title,
        now,
        stable ? "" : " (not stable)");
  }

  Wrk.Result load(int seconds) throws IOException {
    if (scenario.free()) {
      // Threads that those start later are free as well.
      jvm.moveAgentThreads(Bench.SERVICE_CORE + "," + Bench.LOAD_CORE);
    }
    return wrk.run(jvm.port, tls, seconds);
  }

  /** One window at saturation. */
  void saturate() throws IOException {
    Measurement m = turns.get(saturated++);
    ServiceJvm.Stats statsBefore = jvm.stats();
    Map<Long, ProcFs.ThreadTime> threadsBefore = ProcFs.threads(jvm.pid());
    double cpuBefore = ProcFs.processCpuNs(jvm.pid());
    double coreBefore = ProcFs.coreBusyNs(Bench.SERVICE_CORE);
    long startNs = System.nanoTime();
    Wrk.Result load = load(options.seconds);
    LockSupport.parkNanos(SETTLE_NS);
    double elapsedNs = System.nanoTime() - startNs;
    double core = ProcFs.coreBusyNs(Bench.SERVICE_CORE) - coreBefore;
    double cpu = ProcFs.processCpuNs(jvm.pid()) - cpuBefore;
    Map<Long, ProcFs.ThreadTime> threads = ProcFs.threads(jvm.pid());
    ServiceJvm.Stats stats = jvm.stats();
    // What the service counted, since wrk does not count what is under way when it ends.
    double requests = stats.handled() - statsBefore.handled();
    m.requestsPerSecond = load.perSecond();
    m.cpuUs = cpu / requests / 1000;
    double[] byKind = new double[Threads.values().length];
    double onOtherCore = 0;
    for (var thread : threads.entrySet()) {
      ProcFs.ThreadTime before = threadsBefore.get(thread.getKey());
      double ns = thread.getValue().cpuNs() - (before == null ? 0 : before.cpuNs());
      Threads kind = Threads.of(thread.getValue().name());
      byKind[kind.ordinal()] += ns;
      if (kind == Threads.AGENT) {
        m.threadUs.merge(thread.getValue().name(), ns / requests / 1000, Double::sum);
        onOtherCore += scenario.free() ? ns : 0;
      }
    }
    m.applicationUs = byKind[Threads.APPLICATION.ordinal()] / requests / 1000;
    m.jvmUs = byKind[Threads.JVM.ordinal()] / requests / 1000;
    m.agentUs = byKind[Threads.AGENT.ordinal()] / requests / 1000;
    m.allocatedBytes = (stats.allocated() - statsBefore.allocated()) / requests;
    m.applicationAllocatedBytes = applicationAllocated(statsBefore, stats) / requests;
    // Where agent threads may be on either core, which one they took is not known.
    m.othersPercent = 100 * Math.max(0, core - Math.max(0, cpu - onOtherCore)) / elapsedNs;
  }

  private static double applicationAllocated(ServiceJvm.Stats before, ServiceJvm.Stats after) {
    double bytes = 0;
    for (var thread : after.threads().entrySet()) {
      if (Threads.of(thread.getKey()) == Threads.APPLICATION) {
        bytes += thread.getValue() - before.threads().getOrDefault(thread.getKey(), 0L);
      }
    }
    return bytes;
  }

  /** One window of requests that come by a schedule. */
  void measureLatency(int turn, double rate) throws IOException {
    String output =
        Shell.run(
            options.latencySeconds + 40,
            List.of(
                "taskset",
                "-c",
                String.valueOf(Bench.LOAD_CORE),
                options.java.toString(),
                "-Xms128m",
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-cp",
                options.home.resolve("target/classes")
                    + ":"
                    + options.home.resolve("target/lib/harness")
                    + "/*",
                "io.hdrlog.bench.load.OpenLoop",
                String.valueOf(jvm.port),
                String.valueOf(rate),
                String.valueOf(Math.min(2, options.latencySeconds)),
                String.valueOf(options.latencySeconds),
                String.valueOf(options.connections)));
    Matcher latencies = LATENCIES.matcher(output);
    if (!latencies.find()) {
      throw new IOException("open-loop load says: " + output);
    }
    Measurement m = turns.get(turn);
    m.latencyRate = rate;
    m.p50Us = Long.parseLong(latencies.group(1)) / 1000.0;
    m.p99Us = Long.parseLong(latencies.group(2)) / 1000.0;
    m.p999Us = Long.parseLong(latencies.group(3)) / 1000.0;
    if (latencies.group(5).equals("false")) {
      says("could not keep up with a quarter of the bare service's rate");
    }
  }

  /** Ends the JVM and counts what it left. */
  void end() throws IOException {
    Measurement m = turns.get(0);
    m.rssMiB = ProcFs.rssMiB(jvm.pid());
    m.handled = jvm.stats().handled();
    if (!jvm.stop()) {
      says("had to be killed");
    }
    if (!variant.files.isEmpty()) {
      m.records = Records.count(dir, variant);
      m.recordBytes = Records.bytes(dir, variant);
    }
    keepAgentLog();
    delete(dir);
  }

  long pid() {
    return jvm.pid();
  }

  long handled() throws IOException {
    return jvm.stats().handled();
  }

  void says(String line) {
    turns.get(0).agentSays.add(line);
  }

  /** The last lines of the agent's own log: what it counted, and what it was refused. */
  private void keepAgentLog() throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(dir, "*.agent.log")) {
      for (Path log : logs) {
        for (String line : Files.readAllLines(log)) {
          // Without the time, so that the same line is told once.
          String said = line.substring(line.indexOf(' ') + 1);
          if (said.startsWith("warn") || said.startsWith("error") || said.contains("lost.")) {
            says(said);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    if (jvm != null) {
      jvm.close();
    }
  }

  static void delete(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          delete(entry);
        } else {
          Files.delete(entry);
        }
      }
    }
    Files.delete(dir);
  }
}

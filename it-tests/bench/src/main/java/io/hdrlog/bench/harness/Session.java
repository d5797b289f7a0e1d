package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Everything that is measured on one JVM, in its order. */
final class Session {
  /** Two windows in a row that differ by less are taken as warmed up. */
  private static final double STABLE = 0.03;

  /** So much compiling in a window of load means that the JIT is not done. */
  private static final double COMPILING = 0.04;

  private static final int HOOK_SECONDS = 3;
  private static final Pattern LATENCIES =
      Pattern.compile("p50 (\\d+) p99 (\\d+) p999 (\\d+) max (\\d+) drained (true|false)");

  private final Options options;
  private final Wrk wrk;

  Session(Options options) {
    this.options = options;
    this.wrk = new Wrk(options);
  }

  Measurement run(Scenario scenario, Variant variant, int round, double latencyRate)
      throws IOException {
    Measurement m = new Measurement(scenario, variant, round);
    Path dir = options.logs.resolve("jvm");
    delete(dir);
    boolean tls = !scenario.tls().equals("none");
    try (ServiceJvm jvm =
        new ServiceJvm(options, scenario, variant, dir, String.valueOf(Bench.SERVICE_CORE))) {
      if (!tls) {
        m.startMs = jvm.startMs;
      }
      warmUp(jvm, m, tls);
      if (scenario.free()) {
        jvm.moveAgentThreads(Bench.SERVICE_CORE + "," + Bench.LOAD_CORE);
      }
      saturate(jvm, m, tls);
      countHooks(jvm, m, tls);
      double rate = latencyRate > 0 ? latencyRate : m.requestsPerSecond / 4;
      if (options.latencySeconds > 0 && !tls) {
        measureLatency(jvm, m, rate);
      }
      m.handled = jvm.stats().handled();
      boolean ended = jvm.stop();
      if (!ended) {
        m.agentSays.add("had to be killed");
      }
    }
    if (!variant.files.isEmpty()) {
      m.records = Records.count(dir, variant);
      m.recordBytes = Records.bytes(dir, variant);
    }
    keepAgentLog(dir, m);
    delete(dir);
    return m;
  }

  private void warmUp(ServiceJvm jvm, Measurement m, boolean tls) throws IOException {
    double before = 0;
    long compiledMs = jvm.stats().compileMs();
    while (m.warmSeconds < options.warmSecondsMax && !m.stable) {
      double now = wrk.run(jvm.port, tls, options.windowSeconds).perSecond();
      long nowCompiledMs = jvm.stats().compileMs();
      m.warmSeconds += options.windowSeconds;
      m.stable =
          Math.abs(now - before) < STABLE * now
              && nowCompiledMs - compiledMs < COMPILING * 1000 * options.windowSeconds;
      before = now;
      compiledMs = nowCompiledMs;
    }
  }

  private void saturate(ServiceJvm jvm, Measurement m, boolean tls) throws IOException {
    ServiceJvm.Stats statsBefore = jvm.stats();
    Map<Long, ProcFs.ThreadTime> threadsBefore = ProcFs.threads(jvm.pid());
    double cpuBefore = ProcFs.processCpuNs(jvm.pid());
    double coreBefore = ProcFs.coreBusyNs(Bench.SERVICE_CORE);
    long startNs = System.nanoTime();
    Wrk.Result load = wrk.run(jvm.port, tls, options.seconds);
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
        onOtherCore += m.scenario.free() ? ns : 0;
      }
    }
    m.applicationUs = byKind[Threads.APPLICATION.ordinal()] / requests / 1000;
    m.jvmUs = byKind[Threads.JVM.ordinal()] / requests / 1000;
    m.agentUs = byKind[Threads.AGENT.ordinal()] / requests / 1000;
    m.allocatedBytes = (stats.allocated() - statsBefore.allocated()) / requests;
    m.applicationAllocatedBytes = applicationAllocated(statsBefore, stats) / requests;
    // Where agent threads may be on either core, which one they took is not known.
    m.othersPercent = 100 * Math.max(0, core - Math.max(0, cpu - onOtherCore)) / elapsedNs;
    m.rssMiB = ProcFs.rssMiB(jvm.pid());
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

  private void countHooks(ServiceJvm jvm, Measurement m, boolean tls) throws IOException {
    if (m.variant != Variant.HDRLOG) {
      return;
    }
    try (BpfHooks enabled = BpfHooks.enable()) {
      if (enabled == null) {
        m.agentSays.add("kernel.bpf_stats_enabled cannot be set here: hooks not counted");
        return;
      }
      long handledBefore = jvm.stats().handled();
      Map<Long, BpfHooks.Hook> before = BpfHooks.read(jvm.pid());
      wrk.run(jvm.port, tls, Math.min(HOOK_SECONDS, options.seconds));
      Map<Long, BpfHooks.Hook> after = BpfHooks.read(jvm.pid());
      double requests = jvm.stats().handled() - handledBefore;
      double ns = 0;
      double hits = 0;
      for (var hook : after.entrySet()) {
        BpfHooks.Hook old = before.get(hook.getKey());
        long hookHits = hook.getValue().hits() - (old == null ? 0 : old.hits());
        long hookNs = hook.getValue().ns() - (old == null ? 0 : old.ns());
        hits += hookHits;
        ns += hookNs;
        if (hookHits > 0) {
          m.hooks.add(
              String.format(
                  "%s|%.3f|%.0f",
                  hook.getValue().name(), hookHits / requests, (double) hookNs / hookHits));
        }
      }
      if (!after.isEmpty()) {
        m.hookUs = ns / requests / 1000;
        m.hookHits = hits / requests;
      }
    }
  }

  private void measureLatency(ServiceJvm jvm, Measurement m, double rate) throws IOException {
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
    m.latencyRate = rate;
    m.p50Us = Long.parseLong(latencies.group(1)) / 1000.0;
    m.p99Us = Long.parseLong(latencies.group(2)) / 1000.0;
    m.p999Us = Long.parseLong(latencies.group(3)) / 1000.0;
    if (latencies.group(5).equals("false")) {
      m.agentSays.add("could not keep up with a quarter of the bare service's rate");
    }
  }

  /** The last lines of the agent's own log: what it counted, and what it was refused. */
  private static void keepAgentLog(Path dir, Measurement m) throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(dir, "*.agent.log")) {
      for (Path log : logs) {
        for (String line : Files.readAllLines(log)) {
          // Without the time, so that the same line is told once.
          String said = line.substring(line.indexOf(' ') + 1);
          if (said.startsWith("warn") || said.startsWith("error") || said.contains("lost.")) {
            m.agentSays.add(said);
          }
        }
      }
    }
  }

  static void delete(Path dir) throws IOException {
    if (!Files.exists(dir)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(dir)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry)) {
          delete(entry);
        } else {
          Files.delete(entry);
        }
      }
    }
    Files.delete(dir);
  }
}

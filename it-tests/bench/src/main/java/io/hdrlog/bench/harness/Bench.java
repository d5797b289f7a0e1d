package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Runs every scenario, the variants in turn within each round, and prints what came out. */
public final class Bench {
  /** The service and all its threads are on this core. */
  static final int SERVICE_CORE = 0;

  /** The load is on this one, and so is the harness, which sleeps meanwhile. */
  static final int LOAD_CORE = 1;

  private final Options options;
  private final Path raw;
  private final Report report;
  private final Instant started = Instant.now();

  private Bench(Options options) throws IOException {
    this.options = options;
    Path results = options.home.resolve("target/bench");
    Files.createDirectories(results);
    raw = results.resolve("raw.jsonl");
    Files.writeString(raw, "");
    report = new Report(options);
  }

  public static void main(String[] args) throws IOException {
    Options options;
    try {
      options = Options.parse(args);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage() + "\n" + Options.USAGE);
      System.exit(2);
      return;
    }
    if (options.hooksOnly) {
      System.out.print(new HookTable(options).measure());
    } else {
      new Bench(options).run();
    }
  }

  private void run() throws IOException {
    if (!options.hasHdrlog()) {
      say("no " + options.hdrlogJar + ": measuring without hdrlog");
    }
    say(report.machine());
    List<Scenario> scenarios = options.scenarios();
    for (Scenario scenario : scenarios) {
      report.add(scenario, measure(scenario));
      Files.writeString(options.home.resolve("target/bench/report.md"), report.markdown(started));
    }
    for (String service : options.services) {
      if (options.starts > 0 && options.tls.contains("none")) {
        report.addStarts(service, new Starts(options, this::say).measure(service));
      }
    }
    String markdown = report.markdown(started);
    Files.writeString(options.home.resolve("target/bench/report.md"), markdown);
    System.out.println(markdown);
    say("raw results: " + raw);
  }

  private List<Measurement> measure(Scenario scenario) throws IOException {
    List<Measurement> done = new ArrayList<>();
    Session session = new Session(options);
    double rate = options.rate;
    for (int round = 0; round < options.jvms; round++) {
      for (Variant variant : scenario.round(round)) {
        Measurement m;
        try {
          m = session.run(scenario, variant, round, rate);
        } catch (IOException e) {
          // One broken variant must not cost the others their hour.
          say("FAILED " + scenario.title() + ", " + variant.title + ": " + e.getMessage());
          report.failed(scenario, variant, e.getMessage());
          continue;
        }
        if (rate == 0 && variant.isNone()) {
          rate = Math.rint(m.requestsPerSecond / 4);
        }
        done.add(m);
        Files.writeString(raw, m.toJson() + "\n", StandardOpenOption.APPEND);
        say(
            String.format(
                "%s, %s, round %d: %.0f/s, %.2f us (application %.2f, agent %.2f), warm %.0f s%s,"
                    + " others %.1f %%",
                scenario.title(),
                variant.title,
                round + 1,
                m.requestsPerSecond,
                m.cpuUs,
                m.applicationUs,
                m.agentUs,
                m.warmSeconds,
                m.stable ? "" : " (not stable)",
                m.othersPercent));
      }
    }
    return done;
  }

  private void say(String line) {
    System.err.printf("[%4d s] %s%n", Duration.between(started, Instant.now()).toSeconds(), line);
  }
}

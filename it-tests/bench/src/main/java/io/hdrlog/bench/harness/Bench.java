package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Runs every scenario and prints what came out. */
public final class Bench implements Session.Listener {
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
    new Bench(options).run();
  }

  private void run() throws IOException {
    if (!options.hasJar(Variant.HDRLOG)) {
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
    for (int round = 0; round < options.jvms; round++) {
      for (Measurement m : new Session(options, scenario, round, this).run()) {
        done.add(m);
        Files.writeString(raw, m.toJson() + "\n", StandardOpenOption.APPEND);
      }
    }
    return done;
  }

  @Override
  public void failed(Scenario scenario, Variant variant, String message) {
    say("FAILED " + scenario.title() + ", " + variant.title + ": " + message);
    report.failed(scenario, variant, message);
  }

  @Override
  public void say(String line) {
    System.err.printf("[%4d s] %s%n", Duration.between(started, Instant.now()).toSeconds(), line);
  }
}

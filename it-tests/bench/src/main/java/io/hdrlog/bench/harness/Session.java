package io.hdrlog.bench.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * One round of a scenario: a JVM of each variant. All are there at the same time, and each gets a
 * few seconds of load in turn, over and over, so that all meet the same moments of the machine:
 * measured one after the other, two JVMs of the same code differed by a third.
 */
final class Session {
  private static final int HOOK_SECONDS = 3;

  /** Who hears of it. */
  interface Listener {
    void say(String line);

    void failed(Scenario scenario, Variant variant, String message);
  }

  @FunctionalInterface
  private interface Step {
    void take(Subject subject) throws IOException;
  }

  private final Options options;
  private final Scenario scenario;
  private final int round;
  private final Listener listener;
  private final List<Subject> subjects = new ArrayList<>();

  Session(Options options, Scenario scenario, int round, Listener listener) {
    this.options = options;
    this.scenario = scenario;
    this.round = round;
    this.listener = listener;
  }

  /** One measurement for each turn of each JVM. */
  List<Measurement> run() {
    Wrk wrk = new Wrk(options);
    List<Measurement> all = new ArrayList<>();
    try {
      for (Variant variant : scenario.round(round)) {
        subjects.add(new Subject(options, scenario, variant, round, wrk));
      }
      each(Subject::start);
      each(subject -> listener.say(scenario.title() + ", " + subject.warmUp()));
      for (int turn = 0; turn < options.windows; turn++) {
        inTurn(turn, Subject::saturate);
      }
      countHooks();
      if (options.latencySeconds > 0 && scenario.tls().equals("none")) {
        double rate = rate();
        for (int turn = 0; turn < options.windows; turn++) {
          int of = turn;
          inTurn(turn, subject -> subject.measureLatency(of, rate));
        }
      }
      each(Subject::end);
      subjects.forEach(subject -> all.addAll(subject.turns));
    } finally {
      subjects.forEach(Subject::close);
    }
    return all;
  }

  /** Forwards and backwards, so that nobody always comes after the same. */
  private void inTurn(int turn, Step step) {
    List<Subject> order = new ArrayList<>(subjects);
    if (turn % 2 == 1) {
      Collections.reverse(order);
    }
    take(order, step);
  }

  private void each(Step step) {
    take(List.copyOf(subjects), step);
  }

  /** One broken variant must not cost the others their hour. */
  private void take(List<Subject> order, Step step) {
    for (Subject subject : order) {
      try {
        step.take(subject);
      } catch (IOException e) {
        listener.failed(scenario, subject.variant, e.getMessage());
        subject.close();
        subjects.remove(subject);
      }
    }
  }

  /**
   * A quarter of what the bare service can take; where there is none, the slowest of the others.
   */
  private double rate() {
    if (options.rate > 0) {
      return options.rate;
    }
    Summary bare = new Summary();
    double slowest = Double.MAX_VALUE;
    for (Subject subject : subjects) {
      slowest = Math.min(slowest, Summary.of(subject.turns, m -> m.requestsPerSecond).median());
      if (subject.variant.isNone()) {
        subject.turns.forEach(m -> bare.add(m.requestsPerSecond));
      }
    }
    return Math.rint((bare.isEmpty() ? slowest : bare.median()) / 4);
  }

  /** What hdrlog's hooks take of a request, and of one of a service that they turn down. */
  private void countHooks() {
    Subject hooked = of(Variant.HDRLOG);
    if (hooked == null) {
      return;
    }
    try (BpfHooks enabled = BpfHooks.enable()) {
      if (enabled == null) {
        hooked.says("kernel.bpf_stats_enabled cannot be set here: hooks not counted");
        return;
      }
      countHooks(hooked, hooked);
      Subject other = of(Variant.NONE);
      if (other != null) {
        countHooks(hooked, other);
      }
    } catch (IOException e) {
      hooked.says("hooks not counted: " + e.getMessage());
    }
  }

  private void countHooks(Subject hooked, Subject asked) throws IOException {
    long handledBefore = asked.handled();
    Map<Long, BpfHooks.Hook> before = BpfHooks.read(hooked.pid());
    asked.load(Math.min(HOOK_SECONDS, options.seconds));
    Map<Long, BpfHooks.Hook> after = BpfHooks.read(hooked.pid());
    double requests = asked.handled() - handledBefore;
    Measurement m = asked.turns.get(0);
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

  private Subject of(Variant variant) {
    return subjects.stream().filter(s -> s.variant == variant).findFirst().orElse(null);
  }
}

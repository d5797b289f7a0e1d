package io.hdrlog.bench.harness;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * The tables. A ratio and a difference are taken within one turn, against the mean of that turn's
 * bare services, and the median of the turns is shown with the lowest and the highest.
 */
final class Report {
  private final Options options;
  private final String machine;
  private final Map<Scenario, List<Measurement>> results = new LinkedHashMap<>();
  private final Map<String, Map<Variant, List<Double>>> starts = new LinkedHashMap<>();
  private final List<String> failures = new ArrayList<>();

  Report(Options options) throws IOException {
    this.options = options;
    this.machine = Machine.describe(options);
  }

  String machine() {
    return machine;
  }

  void add(Scenario scenario, List<Measurement> measurements) {
    results.put(scenario, measurements);
  }

  void addStarts(String service, Map<Variant, List<Double>> milliseconds) {
    starts.put(service, milliseconds);
  }

  void failed(Scenario scenario, Variant variant, String message) {
    failures.add(
        scenario.title() + ", " + variant.title + ": " + message.lines().findFirst().orElse(""));
  }

  String markdown(Instant started) {
    StringBuilder text = new StringBuilder();
    text.append("Measured ")
        .append(started.truncatedTo(ChronoUnit.MINUTES))
        .append(" by `make bench`. ");
    text.append(machine).append(".\n\n");
    text.append(
        String.format(
            Locale.ROOT,
            "%d round(s) of a JVM of each variant, all there at once; each warmed up for %d s, then %d turns of"
                + " %d s at saturation (wrk, %d connections), and as many of %d s of Poisson arrivals at"
                + " a quarter of the bare service's saturation, latency against the schedule. 16 request"
                + " and 8 response headers, 600 bytes. Median (lowest to highest) of the turns; `x none`"
                + " and `added` are against the bare services in the same turn.%n",
            options.jvms,
            options.warmSeconds,
            options.windows,
            options.seconds,
            options.connections,
            options.latencySeconds));
    results.forEach((scenario, list) -> scenario(text, scenario, list));
    starts.forEach((service, map) -> starts(text, service, map));
    if (!failures.isEmpty()) {
      text.append("\nFailed:\n");
      failures.forEach(line -> text.append("- ").append(line).append('\n'));
    }
    return text.toString();
  }

  private void scenario(StringBuilder text, Scenario scenario, List<Measurement> all) {
    text.append("\n### ").append(scenario.title()).append("\n\n");
    text.append(
        "| variant | requests/s | x none | CPU us/request | added | added on application threads |"
            + " agent threads | B/request added, application threads | all | RSS MiB added | lost |\n"
            + "|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Variant variant : scenario.variants()) {
      List<Measurement> own = of(all, variant);
      if (!own.isEmpty()) {
        row(
            text,
            variant.title,
            Summary.of(own, m -> m.requestsPerSecond).text(0),
            ratio(all, own, m -> m.requestsPerSecond).text(2),
            Summary.of(own, m -> m.cpuUs).text(1),
            variant == Variant.NONE ? "" : added(all, own, m -> m.cpuUs).text(2),
            variant == Variant.NONE ? "" : added(all, own, m -> m.applicationUs).text(2),
            Summary.of(own, m -> m.agentUs).text(2),
            variant == Variant.NONE
                ? ""
                : added(all, own, m -> m.applicationAllocatedBytes).text(0),
            variant == Variant.NONE ? "" : added(all, own, m -> m.allocatedBytes).text(0),
            variant == Variant.NONE
                ? Summary.of(own, m -> m.rssMiB).text(0) + " in all"
                : added(all, own, m -> m.rssMiB).text(0),
            lost(own));
      }
    }
    latencies(text, scenario, all);
    hooks(text, all);
    notes(text, all);
  }

  private static void latencies(StringBuilder text, Scenario scenario, List<Measurement> all) {
    if (Summary.of(all, m -> m.p50Us).isEmpty()) {
      return;
    }
    text.append("\nLatency at ")
        .append(Summary.format(Summary.of(all, m -> m.latencyRate).median(), 0))
        .append(" requests/s, us:\n\n| variant | p50 | x none | p99 | x none | p99.9 | x none |\n");
    text.append("|---|---|---|---|---|---|---|\n");
    for (Variant variant : scenario.variants()) {
      List<Measurement> own = of(all, variant);
      if (!own.isEmpty()) {
        row(
            text,
            variant.title,
            Summary.of(own, m -> m.p50Us).text(0),
            ratio(all, own, m -> m.p50Us).text(2),
            Summary.of(own, m -> m.p99Us).text(0),
            ratio(all, own, m -> m.p99Us).text(2),
            Summary.of(own, m -> m.p999Us).text(0),
            ratio(all, own, m -> m.p999Us).text(2));
      }
    }
  }

  private static void hooks(StringBuilder text, List<Measurement> all) {
    List<Measurement> own = of(all, Variant.HDRLOG);
    List<Measurement> others = of(all, Variant.NONE);
    if (Summary.of(own, m -> m.hookUs).isEmpty()) {
      return;
    }
    text.append(
        "\nKernel hooks, as the kernel counts them, both ends of each connection together: ");
    took(text, own).append('.');
    if (!others.isEmpty()) {
      text.append(" Where they turn down a request of another process here: ");
      took(text, others)
          .append(
              ". The other variants pay that as long as hdrlog's JVM is there, its own requests do"
                  + " not: by up to so much it adds more than is shown.");
    }
    text.append(
        "\n\n| hook | hits a request | ns a hit | ns a hit, turned down |\n|---|---|---|---|\n");
    Map<String, Summary[]> byName = new LinkedHashMap<>();
    gather(byName, own, 0);
    gather(byName, others, 2);
    byName.forEach(
        (name, seen) -> row(text, name, seen[0].text(2), seen[1].text(0), seen[3].text(0)));
  }

  private static StringBuilder took(StringBuilder text, List<Measurement> of) {
    return text.append(Summary.of(of, m -> m.hookUs).text(2))
        .append(" us and ")
        .append(Summary.of(of, m -> m.hookHits).text(1))
        .append(" hits a request");
  }

  private static void gather(Map<String, Summary[]> byName, List<Measurement> of, int at) {
    for (Measurement m : of) {
      for (String hook : m.hooks) {
        String[] parts = hook.split("\\|", -1);
        Summary[] seen =
            byName.computeIfAbsent(
                parts[0],
                n -> new Summary[] {new Summary(), new Summary(), new Summary(), new Summary()});
        seen[at].add(Double.parseDouble(parts[1]));
        seen[at + 1].add(Double.parseDouble(parts[2]));
      }
    }
  }

  private static void notes(StringBuilder text, List<Measurement> all) {
    TreeSet<String> notes = new TreeSet<>();
    for (Measurement m : all) {
      m.agentSays.forEach(line -> notes.add(m.variant.title + ": " + line));
    }
    text.append("\nAll else on the service's core, the other JVMs included: ")
        .append(Summary.of(all, m -> m.othersPercent).text(1))
        .append(" % of it. Not stable within the time to warm up: ")
        .append(all.stream().mapToInt(m -> m.unstable).sum())
        .append(" of ")
        .append(all.stream().mapToInt(m -> m.jvms).sum())
        .append(" JVMs.\n");
    notes.stream().limit(20).forEach(note -> text.append("- ").append(note).append('\n'));
  }

  private static void starts(
      StringBuilder text, String service, Map<Variant, List<Double>> milliseconds) {
    text.append("\n### ").append(service.equals("tomcat") ? "Tomcat" : "Netty");
    text.append(", start to first response, both cores\n\n| variant | ms | x none | added ms |\n");
    text.append("|---|---|---|---|\n");
    List<Double> none = milliseconds.get(Variant.NONE);
    milliseconds.forEach(
        (variant, values) -> {
          Summary ms = new Summary();
          Summary ratio = new Summary();
          Summary added = new Summary();
          for (int i = 0; i < values.size(); i++) {
            ms.add(values.get(i));
            if (none != null && i < none.size()) {
              ratio.add(values.get(i) / none.get(i));
              added.add(values.get(i) - none.get(i));
            }
          }
          row(text, variant.title, ms.text(0), ratio.text(2), added.text(0));
        });
  }

  /** Of all requests that the service handled, those without a record. */
  private static String lost(List<Measurement> own) {
    Summary percent = new Summary();
    long lost = 0;
    for (Measurement m : own) {
      if (m.records >= 0) {
        lost += m.handled - m.records;
        percent.add(100.0 * (m.handled - m.records) / m.handled);
      }
    }
    if (percent.isEmpty()) {
      return "";
    }
    return lost == 0 ? "0" : Summary.format((double) lost, 0) + " = " + percent.text(2) + " %";
  }

  private static List<Measurement> of(List<Measurement> all, Variant variant) {
    return all.stream().filter(m -> m.variant == variant).toList();
  }

  private static Summary ratio(
      List<Measurement> all, List<Measurement> own, ToDoubleFunction<Measurement> field) {
    Summary summary = new Summary();
    for (Measurement m : own) {
      summary.add(field.applyAsDouble(m) / none(all, m, field));
    }
    return summary;
  }

  private static Summary added(
      List<Measurement> all, List<Measurement> own, ToDoubleFunction<Measurement> field) {
    Summary summary = new Summary();
    for (Measurement m : own) {
      summary.add(field.applyAsDouble(m) - none(all, m, field));
    }
    return summary;
  }

  /**
   * The bare services in the same turn. For the A/A row it is the one other JVM alone, so that the
   * row shows what two JVMs of the same code differ by.
   */
  private static double none(
      List<Measurement> all, Measurement m, ToDoubleFunction<Measurement> field) {
    double sum = 0;
    int count = 0;
    for (Measurement other : all) {
      boolean bare = m.variant.isNone() ? other.variant == Variant.NONE : other.variant.isNone();
      if (bare && other.turn == m.turn) {
        sum += field.applyAsDouble(other);
        count++;
      }
    }
    return count == 0 ? Double.NaN : sum / count;
  }

  private static void row(StringBuilder text, String... cells) {
    text.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}

package io.hdrlog.bench.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What one JVM showed in one of its turns; what is known of the JVM as a whole is in its first. A
 * value that was not measured is NaN.
 */
final class Measurement {
  final Scenario scenario;
  final Variant variant;

  /** All with the same number met the same moment. */
  final int turn;

  /** One in a JVM's first. */
  int jvms;

  /** Of these, those that were still being compiled when measuring began. */
  int unstable;

  double requestsPerSecond = Double.NaN;
  double cpuUs = Double.NaN;
  double applicationUs = Double.NaN;
  double jvmUs = Double.NaN;
  double agentUs = Double.NaN;
  double allocatedBytes = Double.NaN;
  double applicationAllocatedBytes = Double.NaN;
  double othersPercent = Double.NaN;
  double rssMiB = Double.NaN;

  double latencyRate = Double.NaN;
  double p50Us = Double.NaN;
  double p99Us = Double.NaN;
  double p999Us = Double.NaN;

  double hookUs = Double.NaN;
  double hookHits = Double.NaN;
  List<String> hooks = new ArrayList<>();

  long handled;
  long records = -1;
  long recordBytes;
  TreeMap<String, Double> threadUs = new TreeMap<>();
  List<String> agentSays = new ArrayList<>();

  Measurement(Scenario scenario, Variant variant, int turn) {
    this.scenario = scenario;
    this.variant = variant;
    this.turn = turn;
  }

  /** One line of JSON, for whoever wants to compute something else. */
  String toJson() {
    StringBuilder json = new StringBuilder("{");
    text(json, "scenario", scenario.title());
    text(json, "variant", variant.key());
    number(json, "turn", turn);
    number(json, "jvms", jvms);
    number(json, "unstable", unstable);
    number(json, "requests_per_s", requestsPerSecond);
    number(json, "cpu_us", cpuUs);
    number(json, "application_us", applicationUs);
    number(json, "jvm_us", jvmUs);
    number(json, "agent_us", agentUs);
    number(json, "allocated_bytes", allocatedBytes);
    number(json, "application_allocated_bytes", applicationAllocatedBytes);
    number(json, "others_percent", othersPercent);
    number(json, "rss_mib", rssMiB);
    number(json, "latency_rate", latencyRate);
    number(json, "p50_us", p50Us);
    number(json, "p99_us", p99Us);
    number(json, "p999_us", p999Us);
    number(json, "hook_us", hookUs);
    number(json, "hook_hits", hookHits);
    if (jvms > 0) {
      number(json, "handled", (double) handled);
      number(json, "records", (double) records);
      number(json, "record_bytes", (double) recordBytes);
    }
    for (var thread : threadUs.entrySet()) {
      number(json, "thread_us:" + thread.getKey(), thread.getValue());
    }
    json.setLength(json.length() - 1);
    return json.append('}').toString();
  }

  private static void text(StringBuilder json, String key, String value) {
    json.append('"').append(key).append("\":\"").append(value).append("\",");
  }

  private static void number(StringBuilder json, String key, double value) {
    if (!Double.isNaN(value)) {
      json.append(String.format(Locale.ROOT, "\"%s\":%.4f,", key.replace('"', '\''), value));
    }
  }
}

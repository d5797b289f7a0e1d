package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the kernel counts of each hook: hits a request and nanoseconds a hit, for requests of the
 * service itself, and for those of other processes, which the hooks see and turn down.
 */
final class HookTable {
  /** Both ends of a connection are on this machine: the load's sockets pass the hooks as well. */
  private static final String BOTH_ENDS =
      """
      Both ends of each connection are on this machine, so half of the hits of a hook on sockets are
      those of the load's side; a peer elsewhere has none here. The nanoseconds include the kernel's own
      reading of the clock before and after each hit.
      """;

  private final Options options;
  private final Wrk wrk;
  private final StringBuilder text = new StringBuilder();

  HookTable(Options options) {
    this.options = options;
    this.wrk = new Wrk(options);
  }

  /** One hook over one stretch of load. */
  private record Row(String name, double hitsPerRequest, double nsPerHit) {}

  String measure() throws IOException {
    text.append("Measured ")
        .append(Instant.now().truncatedTo(ChronoUnit.SECONDS))
        .append(", ")
        .append(Machine.describe(options))
        .append(".\n\n")
        .append(BOTH_ENDS);
    Path logs = options.logs.resolve("hooks");
    try (BpfHooks enabled = BpfHooks.enable()) {
      if (enabled == null) {
        throw new IOException("kernel.bpf_stats_enabled cannot be set here");
      }
      for (String service : options.services) {
        Subject.delete(logs);
        try (ServiceJvm agent = start(service, Variant.HDRLOG, logs.resolve("agent"))) {
          table(scenario(service).title() + ": requests of the service", agent, agent);
          try (ServiceJvm other = start(service, Variant.NONE, logs.resolve("other"))) {
            table(
                scenario(service).title() + ": requests of another process, the service idle",
                agent,
                other);
          }
        }
      }
    }
    Subject.delete(logs);
    return text.toString();
  }

  private static Scenario scenario(String service) {
    return new Scenario(service, "none", false, List.of());
  }

  private ServiceJvm start(String service, Variant variant, Path dir) throws IOException {
    return new ServiceJvm(
        options, scenario(service), variant, dir, String.valueOf(Bench.SERVICE_CORE));
  }

  /** The hooks of one JVM while another, or the same, is asked. */
  private void table(String title, ServiceJvm hooked, ServiceJvm asked) throws IOException {
    wrk.run(asked.port, false, Math.min(options.warmSeconds, options.seconds * 2));
    long handledBefore = asked.stats().handled();
    Map<String, BpfHooks.Hook> before = byName(BpfHooks.read(hooked.pid()));
    wrk.run(asked.port, false, options.seconds);
    Map<String, BpfHooks.Hook> after = byName(BpfHooks.read(hooked.pid()));
    long requests = asked.stats().handled() - handledBefore;
    if (after.isEmpty()) {
      throw new IOException("the service holds no hooks, see " + hooked.dir);
    }
    List<Row> rows = new ArrayList<>();
    after.forEach(
        (name, hook) -> {
          BpfHooks.Hook old = before.getOrDefault(name, new BpfHooks.Hook(name, 0, 0));
          long hits = hook.hits() - old.hits();
          if (hits > 0) {
            rows.add(
                new Row(name, (double) hits / requests, (double) (hook.ns() - old.ns()) / hits));
          }
        });
    print(title, requests, rows);
  }

  private static Map<String, BpfHooks.Hook> byName(Map<Long, BpfHooks.Hook> byId) {
    Map<String, BpfHooks.Hook> byName = new TreeMap<>();
    for (BpfHooks.Hook hook : byId.values()) {
      byName.merge(
          hook.name(),
          hook,
          (a, b) -> new BpfHooks.Hook(a.name(), a.hits() + b.hits(), a.ns() + b.ns()));
    }
    return byName;
  }

  private void print(String title, long requests, List<Row> rows) {
    text.append(String.format("%n%s (%,d requests)%n%n", title, requests))
        .append("| hook | hits a request | ns a hit | ns a request |\n|---|---|---|---|\n");
    double hits = 0;
    double ns = 0;
    for (Row row : rows) {
      double nsPerRequest = row.hitsPerRequest * row.nsPerHit;
      hits += row.hitsPerRequest;
      ns += nsPerRequest;
      text.append(
          String.format(
              "| `%s` | %.3f | %.0f | %.0f |%n",
              row.name, row.hitsPerRequest, row.nsPerHit, nsPerRequest));
    }
    text.append(String.format("| together | %.3f | | %.0f |%n", hits, ns));
  }
}

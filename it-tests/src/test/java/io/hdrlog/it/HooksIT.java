package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How often a kept-alive request passes each hook, as the kernel counts it: a hook that is hit more
 * often, or one more hook, is a cost that nobody would otherwise see.
 */
class HooksIT {
  private static final Path COUNTING = Path.of("/proc/sys/kernel/bpf_stats_enabled");
  private static final int REQUESTS = 300;
  private static final int ROUNDS_MAX = 40;

  /** What other programs' traffic, which passes the same hooks, may add to a request. */
  private static final double OTHERS_MAX = 0.1;

  /**
   * Both ends of the connection are on this machine, and each end's hits count: a segment, a read
   * and a write each way; an acknowledgement of its own on either side at times; and reads that
   * find nothing.
   */
  private static final Map<String, Double> HITS_MAX =
      Map.of("on_segment", 4.1, "on_read_copied", 2.1, "on_send", 2.1);

  /**
   * Of any other. A client that is off its core for a while is sent its response again: a probe for
   * a lost tail.
   */
  private static final double RARE_MAX = 0.5;

  private static final Pattern HELD = Pattern.compile("prog_id:\\s*(\\d+)");

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_kept_alive_request_passes_each_hook_as_often_as_it_must(Variant variant)
      throws IOException {
    if (!Expect.kernel() || !Files.isWritable(COUNTING)) {
      System.out.println("not shown: hits of hooks cannot be counted here");
      return;
    }
    String before = Files.readString(COUNTING).strip();
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      Files.writeString(COUNTING, "1");
      ask(client);
      Map<String, Double> hits = null;
      double least = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS_MAX && !isQuiet(hits, least); round++) {
        long began = System.nanoTime();
        Map<String, Long> start = counts(service.pid());
        ask(client);
        Map<String, Long> middle = counts(service.pid());
        Pause.millis((System.nanoTime() - began) / 1_000_000);
        double meanwhile = sum(perRequest(middle, counts(service.pid())));
        if (meanwhile < least) {
          least = meanwhile;
          hits = perRequest(start, middle);
        }
      }
      System.out.printf("%s: hits a request %s, of others meanwhile %.2f%n", variant, hits, least);
      assertThat(hits.keySet()).containsAll(HITS_MAX.keySet());
      for (String hook : HITS_MAX.keySet()) {
        assertThat(hits.get(hook)).as("hits of %s", hook).isGreaterThan(1.9);
      }
      if (least > OTHERS_MAX) {
        System.out.println("not shown: other programs' traffic passes the hooks all the time");
        return;
      }
      double others = least;
      hits.forEach(
          (hook, count) ->
              assertThat(count)
                  .as("hits of %s", hook)
                  .isLessThan(HITS_MAX.getOrDefault(hook, RARE_MAX) + others));
    } finally {
      Files.writeString(COUNTING, before);
    }
  }

  private static boolean isQuiet(Map<String, Double> hits, double others) {
    return hits != null && others <= OTHERS_MAX;
  }

  private static void ask(RawClient client) {
    for (int i = 0; i < REQUESTS; i++) {
      assertThat(client.ask(Request.get("/hello")).status()).isEqualTo(200);
    }
  }

  /**
   * Of hooks that were hit by at least one request in ten: opening, closing and pauses are rare.
   */
  private static Map<String, Double> perRequest(Map<String, Long> from, Map<String, Long> to) {
    Map<String, Double> hits = new TreeMap<>();
    to.forEach(
        (hook, count) -> {
          double each = (double) (count - from.getOrDefault(hook, 0L)) / REQUESTS;
          if (each > 0.1) {
            hits.put(hook, each);
          }
        });
    return hits;
  }

  private static double sum(Map<String, Double> hits) {
    return hits.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Hits of each program that the process holds, by its name. */
  private static Map<String, Long> counts(long pid) throws IOException {
    Set<Long> held = held(pid);
    Map<String, Long> counts = new TreeMap<>();
    String bpftool =
        Files.isExecutable(Path.of("/usr/sbin/bpftool")) ? "/usr/sbin/bpftool" : "bpftool";
    for (JsonNode program :
        new ObjectMapper().readTree(Machine.run(bpftool, "prog", "show", "-j"))) {
      if (held.contains(program.path("id").asLong())) {
        counts.merge(program.path("name").asText(), program.path("run_cnt").asLong(), Long::sum);
      }
    }
    return counts;
  }

  private static Set<Long> held(long pid) {
    Set<Long> ids = new HashSet<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/" + pid + "/fdinfo"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          Matcher id = HELD.matcher(Files.readString(descriptor));
          if (id.find()) {
            ids.add(Long.valueOf(id.group(1)));
          }
        } catch (IOException closed) {
          // Between the listing and the reading.
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ids;
  }
}

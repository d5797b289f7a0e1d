package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.AgentThreads;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A thousand connections that are kept open and say nothing. {@code -Dhdrlog.it.idle.s=600} is the
 * long run of {@code make idle}.
 */
@Timeout(1_800)
class IdleIT {
  private static final int CONNECTIONS = 1_000;
  private static final int SETTLE_MS = 6_000;
  private static final int SECONDS = Integer.getInteger("hdrlog.it.idle.s", 10);
  private static final int LONG_S = 60;

  /**
   * Asked for by make idle, on a machine that does nothing else; on a busy one each wake-up finds
   * its caches empty, and what is counted instead is the wake-ups.
   */
  private static final double CORE_MAX = 0.001;

  /** Three of the consumer's at first, and now and then one of another thread of the agent. */
  private static final double WAKE_UPS_MAX = 5;

  /** The collector and the compilers take and give some MiB: not for ever more. */
  private static final long RSS_GROWTH_KB_MAX = 8 * 1_024;

  /** Less than 66 bytes for each connection. */
  private static final long HEAP_GROWTH_KB_MAX = 64;

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_thousand_idle_connections_cost_next_to_nothing(Variant variant) {
    List<RawClient> clients = new ArrayList<>();
    try (Service service =
        Service.on(variant).with("timeoutMs", 3_600_000).with("backlog", CONNECTIONS).start()) {
      for (int i = 0; i < CONNECTIONS; i++) {
        RawClient client = service.connect();
        clients.add(client);
        assertThat(client.ask(Request.get("/hello")).status()).isEqualTo(200);
      }
      assertThat(service.records().await(CONNECTIONS)).hasSize(CONNECTIONS);
      stayIdle(variant, service);
    } finally {
      clients.forEach(RawClient::close);
    }
  }

  private static void stayIdle(Variant variant, Service service) {
    AgentThreads threads = service.agentThreads();
    long heapBefore = service.liveHeapKb();
    // The collection is a pause, which is an event, after which nothing is idle for a while.
    Pause.millis(SETTLE_MS);
    long rssBefore = service.rssKb();
    long wakeUpsBefore = threads.wakeUps();
    long cpuBefore = threads.cpuNs();
    long began = System.nanoTime();
    Pause.millis(SECONDS * 1_000L);
    double ns = System.nanoTime() - began;
    double core = (threads.cpuNs() - cpuBefore) / ns;
    double wakeUps = (threads.wakeUps() - wakeUpsBefore) * 1e9 / ns;
    long rss = service.rssKb() - rssBefore;
    long heap = service.liveHeapKb() - heapBefore;
    String seen =
        String.format(
            Locale.ROOT,
            "%s: seconds=%.0f connections=%d core=%.3f%% wake_ups_a_second=%.0f rss_growth_kb=%d"
                + " live_heap_growth_kb=%d",
            variant,
            ns / 1e9,
            CONNECTIONS,
            core * 100,
            wakeUps,
            rss,
            heap);
    System.out.println(seen);
    assertThat(wakeUps).as(seen).isLessThan(WAKE_UPS_MAX);
    if (SECONDS >= LONG_S) {
      assertThat(core).as(seen).isLessThan(CORE_MAX);
    }
    assertThat(rss).as(seen).isLessThan(RSS_GROWTH_KB_MAX);
    assertThat(heap).as(seen).isLessThan(HEAP_GROWTH_KB_MAX);
  }
}

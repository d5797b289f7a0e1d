package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of hook gives, by itself, all that this asks for. */
class ProbeModeIT {
  private static final int CONNECTIONS = 20;
  private static final int REQUESTS_PER_CONNECTION = 50;
  private static final Duration HOOKED = Duration.ofSeconds(10);

  @ParameterizedTest
  @CsvSource({
    "uprobe, TOMCAT_10, nio", "uprobe, TOMCAT_11, nio",
    "uprobe, NETTY_41, nio", "uprobe, NETTY_42, nio",
    "uprobe, NETTY_41, epoll", "uprobe, NETTY_42, epoll",
    "tracepoint, TOMCAT_11, nio", "tracepoint, NETTY_42, epoll"
  })
  void every_request_has_one_record_with_both_streams(
      String probes, Variant variant, String transport) {
    Service.Builder builder = Service.on(variant).option("kernel.probes", probes);
    if (variant.isNetty()) {
      builder.with("transport", transport);
    }
    try (Service service = builder.start()) {
      if (transport.equals("epoll") && probes.equals("uprobe") && Expect.kernel()) {
        // Netty loads its library with the first event loop, and the hooks follow a moment later.
        assertThat(service.saysWithin("library=libnetty", HOOKED)).isTrue();
      }
      Load.run(service, CONNECTIONS, REQUESTS_PER_CONNECTION).mustBeLogged();
    }
  }

  @Test
  void the_time_in_the_socket_is_true_by_uprobes_as_well() {
    try (Service service =
        Service.on(Variant.TOMCAT_11).option("kernel.probes", "uprobe").start()) {
      StoppedJvmIT.mustQueueWhileStopped(service);
    }
  }
}

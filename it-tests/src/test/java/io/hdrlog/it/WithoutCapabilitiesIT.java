package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Jdks;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Where the kernel stream is not allowed the service starts, is logged, and is told why. */
class WithoutCapabilitiesIT {
  private static final int REQUESTS = 20;

  @Test
  void root_without_capabilities_gets_the_jvm_stream_and_one_line_that_names_them() {
    if (!Machine.isRoot()) {
      System.out.println("not shown: only root can give capabilities away, user is not root");
      return;
    }
    try (Service service = Service.on(Variant.TOMCAT_11).withoutCapabilities().start()) {
      mustLogTheJvmStream(service);
      mustNameTheCapabilities(service);
    }
  }

  @Test
  void the_user_nobody_gets_the_jvm_stream_and_one_line_that_names_the_capabilities() {
    if (!Machine.isRoot()) {
      System.out.println("not shown: only root can become another user, user is not root");
      return;
    }
    for (Variant variant : List.of(Variant.TOMCAT_11, Variant.NETTY_42)) {
      try (Service service = Service.on(variant).unprivileged().start()) {
        mustLogTheJvmStream(service);
        mustNameTheCapabilities(service);
      }
    }
  }

  @Test
  void asked_for_with_kernel_on_the_refusal_is_an_error() {
    if (!Machine.isRoot()) {
      System.out.println("not shown: only root can give capabilities away, user is not root");
      return;
    }
    try (Service service =
        Service.on(Variant.TOMCAT_11).withoutCapabilities().option("kernel", "on").start()) {
      mustLogTheJvmStream(service);
      assertThat(linesOf(service, "CAP_BPF"))
          .as(service.agentLog())
          .hasSize(1)
          .allMatch(line -> line.toLowerCase(Locale.ROOT).contains("error"));
    }
  }

  @Test
  void with_kernel_off_nothing_is_asked_for_and_nothing_is_missed() {
    try (Service service = Service.on(Variant.TOMCAT_11).option("kernel", "off").start()) {
      mustLogTheJvmStream(service);
      assertThat(service.agentLog()).doesNotContain("CAP_BPF");
    }
  }

  @Test
  void java_17_gets_the_jvm_stream_and_one_line_that_says_why() {
    var jdk = Jdks.find(17);
    if (jdk.isEmpty()) {
      return;
    }
    for (Variant variant : List.of(Variant.TOMCAT_10, Variant.NETTY_41)) {
      try (Service service = Service.on(variant).jdk(jdk.get()).start()) {
        mustLogTheJvmStream(service);
        assertThat(service.agentLog().lines())
            .as(service.agentLog())
            .filteredOn(line -> line.contains("kernel stream") && line.contains("java 21"))
            .hasSize(1);
      }
    }
  }

  private static List<String> linesOf(Service service, String text) {
    return service.agentLog().lines().filter(line -> line.contains(text)).toList();
  }

  private static void mustNameTheCapabilities(Service service) {
    assertThat(linesOf(service, "CAP_BPF"))
        .as("the one line of: %s", service.agentLog())
        .hasSize(1)
        .allMatch(line -> line.contains("CAP_PERFMON"))
        .allMatch(line -> line.contains("kernel"));
  }

  private static void mustLogTheJvmStream(Service service) {
    try (RawClient client = service.connect()) {
      for (int i = 0; i < REQUESTS; i++) {
        Request request = Request.get("/sleep?ms=5").id("r" + i).header("X-Dup", "1");
        request.header("x-dup", "2");
        Response response = client.ask(request);
        assertThat(response.status()).isEqualTo(200);
        String id = "r" + i;
        LogRecord record = service.records().first(found -> id.equals(found.text("request_id")));
        Expect.jvmStreamOnly(record);
        Expect.sameHeaders(record, request, response);
        assertThat(record.outcome()).isEqualTo("complete");
        assertThat(record.number("timing.handler_ns"))
            .isGreaterThanOrEqualTo(Long.parseLong(response.header("x-took-ns")));
        // Measured, or absent: nothing stands in for what only the kernel knows.
        for (String field : List.of("accept_ns", "receive_ns", "queue_ns", "ack_ns")) {
          assertThat(record.has("timing." + field)).as("%s of %s", field, record).isFalse();
        }
      }
    }
    assertThat(service.records().await(REQUESTS)).hasSize(REQUESTS);
  }
}

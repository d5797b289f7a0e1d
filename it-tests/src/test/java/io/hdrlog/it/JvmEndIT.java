package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Requests that the JVM's end cuts off: those one wants to know of after each deployment. */
class JvmEndIT {
  private static final String HALF_A_BODY =
      "POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: half\r\nContent-Length: 10\r\n\r\n12345";
  private static final String HALF_A_HEAD =
      "GET /hello?b=1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: early\r\nX-Cut: begun";

  @ParameterizedTest
  @EnumSource(
      names = {"JDK", "BLOCKING", "JETTY_12", "TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void what_is_open_when_the_service_ends_has_a_record(Variant variant) {
    Service.Builder builder = Service.on(variant);
    if (variant == Variant.JETTY_12) {
      builder.with("handler", "servlet");
    }
    endsWithOpenRequests(variant, builder.start(), null);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void without_the_kernel_stream_too(Variant variant) {
    endsWithOpenRequests(variant, Service.on(variant).option("kernel", "off").start(), null);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void and_where_the_wire_tells_as_well(Variant variant) {
    endsWithOpenRequests(variant, Service.on(variant).option("wire", "always").start(), null);
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void over_tls_too(Variant variant) throws IOException {
    Service.Builder builder = Service.on(variant).with("tls", "jsse");
    endsWithOpenRequests(
        variant, builder.with("keystore", TlsClient.keystore()).start(), TlsClient.of("TLSv1.3"));
  }

  private static RawClient connect(Service service, TlsClient tls) {
    return tls == null ? service.connect() : RawClient.connect(service.port(), tls);
  }

  private static void endsWithOpenRequests(Variant variant, Service running, TlsClient tls) {
    try (Service service = running;
        RawClient idle = connect(service, tls);
        RawClient early = connect(service, tls);
        RawClient half = connect(service, tls);
        RawClient waiting = connect(service, tls)) {
      idle.ask(Request.get("/hello").id("idle"));
      early.send(HALF_A_HEAD);
      half.send(HALF_A_BODY);
      // Netty's other channels are read by the thread that would sleep.
      String path = variant.isNetty() ? "/async" : "/sleep";
      waiting.send(Request.get(path + "?ms=60000").id("waiting"));
      Pause.millis(300);
      service.stop();
      List<LogRecord> records = service.records().now();
      assertThat(records)
          .extracting(record -> record.text("request_id"), LogRecord::outcome)
          .containsExactlyInAnyOrder(
              tuple("idle", "complete"),
              tuple("early", "server_reset"),
              tuple("half", "server_reset"),
              tuple("waiting", "server_reset"));
      for (LogRecord record : records) {
        if (record.outcome().equals("server_reset")) {
          assertThat(record.text("error.type")).isEqualTo("no_response");
          assertThat(record.has("http.response.status_code")).isFalse();
          assertThat(record.has("http.response.body.size")).isFalse();
          assertThat(record.line()).doesNotContain("begun");
        }
      }
    }
  }

  @Test
  void a_response_that_is_cut_off_is_no_whole_one() {
    try (Service service = Service.on(Variant.TOMCAT_11).start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello"));
      client.send(Request.get("/chunked?ms=60000"));
      assertThat(client.awaitFirstByte()).isTrue();
      Pause.millis(300);
      service.stop();
      assertThat(service.records().now()).hasSize(2);
      LogRecord record = service.records().onlyWithPath("/chunked");
      assertThat(record.outcome()).isEqualTo("server_reset");
      assertThat(record.status()).isEqualTo(200);
      assertThat(record.has("http.response.body.size")).isFalse();
      assertThat(record.has("timing.handler_ns")).isFalse();
    }
  }

  /** A thread in a handler notices nothing of its client. */
  @Test
  void who_reset_the_connection_before_has_ended_it() {
    if (!Expect.kernel()) {
      return;
    }
    try (Service service = Service.on(Variant.TOMCAT_11).start()) {
      RawClient client = service.connect();
      client.ask(Request.get("/hello"));
      client.send(Request.get("/sleep?ms=60000"));
      Pause.millis(200);
      client.reset();
      Pause.millis(200);
      service.stop();
      assertThat(service.records().now()).hasSize(2);
      LogRecord record = service.records().onlyWithPath("/sleep");
      assertThat(record.outcome()).isEqualTo("client_reset");
      assertThat(record.has("error.type")).isFalse();
    }
  }

  @Test
  void all_that_were_pipelined_have_a_record() {
    try (Service service = Service.on(Variant.NETTY_42).start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello").id("before"));
      for (int i = 0; i < 3; i++) {
        client.send(Request.get("/async?ms=60000").id("p" + i));
      }
      Pause.millis(300);
      service.stop();
      assertThat(service.records().now())
          .extracting(record -> record.text("request_id"), LogRecord::outcome)
          .containsExactly(
              tuple("before", "complete"),
              tuple("p0", "server_reset"),
              tuple("p1", "server_reset"),
              tuple("p2", "server_reset"));
    }
  }

  /** The hooks of a service may answer what is open, beside the agent's own. */
  @Test
  void what_is_answered_while_the_service_ends_is_complete() {
    try (Service service = Service.on(Variant.BLOCKING).with("graceMs", 1_500).start();
        RawClient client = service.connect()) {
      client.send(Request.get("/sleep?ms=900").id("late"));
      Pause.millis(100);
      service.stop();
      assertThat(service.records().now())
          .extracting(LogRecord::outcome, LogRecord::status)
          .containsExactly(tuple("complete", 200));
    }
  }

  /** What is answered while the JVM halts is told by nobody; that can only be the last ones. */
  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42", "JDK"})
  void under_load_none_has_two_records_or_a_false_one(Variant variant) throws InterruptedException {
    try (Service service = Service.on(variant).start()) {
      int[] answered = new int[8];
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < answered.length; i++) {
        int number = i;
        Thread client = new Thread(() -> askToTheEnd(service, number, answered));
        clients.add(client);
        client.start();
      }
      Pause.millis(1_500);
      service.stop();
      for (Thread client : clients) {
        client.join();
      }
      List<LogRecord> records = service.records().now();
      int[] told = new int[answered.length];
      for (LogRecord record : records) {
        assertThat(record.outcome()).as("of %s", record).isEqualTo("complete");
        String[] id = record.text("request_id").split("-", 3);
        int client = Integer.parseInt(id[1]);
        assertThat(id[2])
            .as("next of client %s", client)
            .isEqualTo(Integer.toString(told[client]++));
      }
      for (int i = 0; i < told.length; i++) {
        assertThat(told[i])
            .as("of %s that were answered", answered[i])
            .isBetween(10, answered[i] + 1);
      }
    }
  }

  private static void askToTheEnd(Service service, int number, int[] answered) {
    try (RawClient client = service.connect()) {
      while (true) {
        client.ask(Request.get("/hello").id("c-" + number + "-" + answered[number]));
        answered[number]++;
      }
    } catch (UncheckedIOException e) {
      // It is gone.
    }
  }
}

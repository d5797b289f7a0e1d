package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every request gets exactly one record, however it goes and however it ends. */
@TestInstance(Lifecycle.PER_CLASS)
class OneRecordIT {
  private static final int SMALL_RECEIVE_BUFFER = 4 * 1024;

  private final Map<Variant, Service> services = new EnumMap<>(Variant.class);

  /** The one service of this class on that server. */
  private Service on(Variant variant) {
    return services.computeIfAbsent(variant, one -> Service.on(one).start());
  }

  @AfterAll
  void stop() {
    services.values().forEach(Service::close);
  }

  @ParameterizedTest
  @CsvSource({
    "/forward, 200",
    "/include, 200",
    "/async?ms=20, 200",
    "/dispatch, 200",
    "/error, 500",
    "/senderror/418, 418",
    "/senderror/500, 500",
    "/nosuch, 404",
    "/status/204, 204",
    "/status/304, 304",
    "/chunked?ms=5, 200",
    "/big?bytes=3000000, 200",
    "/file?bytes=3000000, 200",
    "/async-timeout?ms=200, 500",
    "/close, 200"
  })
  void every_way_through_tomcat(String target, int status) {
    mustGiveOne(List.of(Variant.TOMCAT_10, Variant.TOMCAT_11), target, status);
  }

  @ParameterizedTest
  @CsvSource({
    "/async?ms=20, 200",
    "/later?ms=20, 200",
    "/error, 500",
    "/nosuch, 404",
    "/status/204, 204",
    "/status/304, 304",
    "/chunked?ms=5, 200",
    "/big?bytes=3000000, 200",
    "/file?bytes=3000000, 200",
    "/close, 200"
  })
  void every_way_through_netty(String target, int status) {
    mustGiveOne(List.of(Variant.NETTY_41, Variant.NETTY_42), target, status);
  }

  @ParameterizedTest
  @CsvSource({"/forward, 200", "/include, 200", "/async?ms=20, 200", "/error, 500", "/nosuch, 404"})
  void every_way_through_a_servlet_container_known_by_its_api(String target, int status) {
    mustGiveOne(List.of(Variant.UNDERTOW, Variant.JETTY_10), target, status);
  }

  private void mustGiveOne(List<Variant> variants, String target, int status) {
    for (Variant variant : variants) {
      Service service = on(variant);
      try (RawClient client = service.connect()) {
        Request request = Request.get(target).id("one-" + target);
        Response response = client.ask(request);
        assertThat(response.status()).as("status of %s on %s", target, variant).isEqualTo(status);
        LogRecord record = service.records().only(Records.of(client));
        assertThat(record.outcome())
            .as("outcome of %s on %s: %s", target, variant, record)
            .isIn(target.startsWith("/error") ? List.of("complete", "error") : List.of("complete"));
        assertThat(record.status()).as("status in %s", record).isEqualTo(status);
        assertThat(target).startsWith(record.text("url.path"));
        if (variant.isTomcat() || variant.isNetty()) {
          Expect.allStreams(record);
        } else {
          // No connector of theirs is known, so the headers come off the wire.
          assertThat(record.sources()).as("sources of %s", record).contains("jvm", "wire");
        }
        Expect.sameHeaders(record, request, response);
        assertThat(record.number("http.response.body.size"))
            .as("http.response.body.size of %s", record)
            .isEqualTo(response.body().length);
        assertThat(record.number("http.response.size"))
            .as("http.response.size of %s", record)
            .isEqualTo(response.wire().length);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_head_request_has_the_headers_and_no_body(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      Request request = Request.of("HEAD", "/hello").id("head");
      Response response = client.ask(request);
      LogRecord record = ofClient(service, client);
      assertThat(record.outcome()).isEqualTo("complete");
      assertThat(record.number("http.response.body.size")).isZero();
      Expect.sameHeaders(record, request, response);
      assertThat(record.responseHeader("content-length")).containsExactly("600");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_100_continue_is_informational_and_the_final_status_is_the_status(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      Request request = Request.post("/echo", "the body").header("Expect", "100-continue");
      client.send(request.head());
      Pause.millis(50);
      client.send(request.body());
      Response response = client.read("POST");
      assertThat(response.informational()).containsExactly(100);
      LogRecord record = ofClient(service, client);
      assertThat(record.status()).isEqualTo(200);
      assertThat(record.at("http.response.informational").toString()).isEqualTo("[100]");
      Expect.sameHeaders(record, request, response);
      assertThat(record.number("http.request.body.size")).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void an_upgrade_is_upgraded_and_what_follows_is_no_request(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      Request request =
          Request.get("/upgrade").header("Connection", "Upgrade").header("Upgrade", "echo");
      Response response = client.ask(request);
      assertThat(response.status()).isEqualTo(101);
      String spoken = "GET /not-a-request HTTP/1.1\r\nHost: a\r\n\r\n";
      client.send(spoken);
      assertThat(new String(client.readBytes(spoken.length()), StandardCharsets.ISO_8859_1))
          .isEqualTo(spoken);
      client.halfClose();
      assertThat(client.readToEnd()).isEmpty();
      LogRecord record = ofClient(service, client);
      assertThat(record.outcome()).as("%s", record).isEqualTo("upgraded");
      assertThat(record.status()).isEqualTo(101);
      Expect.sameHeaders(record, request, response);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_client_that_resets_within_the_response_is_recorded(Variant variant) {
    Service service = on(variant);
    RawClient client = smallClient(service);
    client.send(Request.get("/big?bytes=20000000").id("reset"));
    client.readBytes(10_000);
    client.reset();
    LogRecord record = ofClient(service, client);
    assertThat(record.outcome()).as("%s", record).isEqualTo("client_reset");
    assertThat(record.status()).isEqualTo(200);
    assertThat(record.responseHeader("content-length")).containsExactly("20000000");
    if (record.has("http.response.body.size")) {
      assertThat(record.number("http.response.body.size")).isLessThan(20_000_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_client_that_resets_while_its_request_is_handled_is_recorded(Variant variant) {
    Service service = on(variant);
    RawClient client = service.connect();
    client.send(Request.get("/async?ms=300").id("impatient"));
    Pause.millis(100);
    client.reset();
    LogRecord record = ofClient(service, client);
    assertThat(record.outcome()).as("%s", record).isEqualTo("client_reset");
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_client_that_resets_within_its_request_body_is_recorded(Variant variant) {
    Service service = on(variant);
    RawClient client = service.connect();
    client.send(Request.post("/echo", "x".repeat(10_000)).head());
    client.send("x".repeat(100));
    Pause.millis(100);
    client.reset();
    LogRecord record = ofClient(service, client);
    assertThat(record.outcome()).as("%s", record).isEqualTo("client_reset");
  }

  @ParameterizedTest
  @EnumSource(names = {"NETTY_41", "NETTY_42"})
  void a_server_that_resets_is_recorded(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.send(Request.get("/abort").id("abort"));
      client.readToEnd();
      LogRecord record = ofClient(service, client);
      assertThat(record.outcome()).as("%s", record).isIn("server_reset", "error");
      assertThat(record.has("http.response.status_code")).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11"})
  void a_handler_that_fails_after_the_response_began_is_an_error(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.send(Request.get("/error-late").id("late"));
      client.readToEnd();
      LogRecord record = ofClient(service, client);
      assertThat(record.outcome()).as("%s", record).isEqualTo("error");
      assertThat(record.text("error.type")).contains("IllegalStateException");
      assertThat(record.status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11"})
  void a_handler_that_throws_is_named(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      assertThat(client.ask(Request.get("/error")).status()).isEqualTo(500);
      LogRecord record = ofClient(service, client);
      assertThat(record.status()).isEqualTo(500);
      assertThat(record.text("error.type"))
          .as("error.type of %s", record)
          .isEqualTo("java.lang.IllegalStateException");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_request_that_never_ends_its_header_times_out(Variant variant) {
    try (Service service = Service.on(variant).with("timeoutMs", 400).start();
        RawClient client = service.connect()) {
      client.send("GET /slow HTTP/1.1\r\nHost: a\r\nX-Half: ");
      client.readToEnd();
      LogRecord record = ofClient(service, client);
      assertThat(record.outcome()).as("%s", record).isEqualTo("timeout");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void connections_without_a_request_give_no_record(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      service.connect().close();
      service.connect().reset();
      try (RawClient client = service.connect()) {
        client.ask(Request.get("/hello").id("the only one"));
      }
      assertThat(service.records().await(1)).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void empty_lines_in_front_of_a_request_count_for_none(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.send("\r\n");
      Pause.millis(50);
      client.ask(Request.get("/hello").id("empty-1"));
      client.send("\r\n");
      Pause.millis(50);
      client.ask(Request.get("/hello").id("empty-2"));
      List<LogRecord> records = service.records().await(2, Records.of(client));
      assertThat(records)
          .extracting(record -> record.number("connection.request"))
          .as("%s", records)
          .containsExactly(1L, 2L);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void pipelined_requests_have_their_own_records_in_order(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      StringBuilder all = new StringBuilder();
      int count = 8;
      for (int i = 0; i < count; i++) {
        Request request =
            i % 3 == 1 ? Request.post("/echo", "body " + i) : Request.get("/hello?n=" + i);
        all.append(new String(request.id("pipelined-" + i).bytes(), StandardCharsets.ISO_8859_1));
      }
      client.send(all.toString());
      for (int i = 0; i < count; i++) {
        assertThat(client.read("GET").status()).isEqualTo(200);
      }
      List<LogRecord> records = service.records().await(count, Records.of(client));
      assertThat(records).hasSize(count);
      for (int i = 0; i < count; i++) {
        assertThat(records.get(i).text("request_id")).isEqualTo("pipelined-" + i);
        assertThat(records.get(i).number("connection.request")).isEqualTo(i + 1);
        Expect.allStreams(records.get(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_body_that_the_handler_did_not_read_belongs_to_its_request(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.ask(Request.post("/ignore", "GET /fake HTTP/1.1\r\n\r\n").id("ignored"));
      client.ask(Request.get("/hello").id("next"));
      List<LogRecord> records = service.records().await(2, Records.of(client));
      assertThat(records)
          .extracting(record -> record.text("request_id"))
          .containsExactly("ignored", "next");
      assertThat(records).allMatch(record -> record.outcome().equals("complete"));
      records.forEach(Expect::allStreams);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void a_chunked_request_body_is_counted(Variant variant) {
    Service service = on(variant);
    try (RawClient client = service.connect()) {
      client.send(Request.of("POST", "/echo").header("Transfer-Encoding", "chunked").head());
      client.send("5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
      assertThat(client.read("POST").text()).isEqualTo("hello, world");
      LogRecord record = ofClient(service, client);
      assertThat(record.number("http.request.body.size")).isEqualTo(12);
      assertThat(record.requestHeader("transfer-encoding")).containsExactly("chunked");
    }
  }

  private static LogRecord ofClient(Service service, RawClient client) {
    return service.records().only(Records.of(client));
  }

  /** A client whose kernel takes little before the program reads. */
  private static RawClient smallClient(Service service) {
    return RawClient.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), service.port()),
        SMALL_RECEIVE_BUFFER);
  }
}

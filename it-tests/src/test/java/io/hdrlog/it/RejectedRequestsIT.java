package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Records;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A request that the server refuses before any handler sees it has its one record as well. */
class RejectedRequestsIT {
  private static final String BIG = "x".repeat(20_000);
  private static final String TLS_CLIENT_HELLO =
      "\u0016\u0003\u0001\u0000A\u0001\u0000\u0000=\u0003\u0003abcdefghijklmnop\r\n\r\n";

  private static Map<String, String> byEveryServer() {
    Map<String, String> kinds = new LinkedHashMap<>();
    kinds.put("no request line", "GARBAGE\r\n\r\n");
    kinds.put("too many words", "GET /a b c HTTP/1.1\r\nHost: a\r\n\r\n");
    kinds.put("control character in the method", "G\u0001T / HTTP/1.1\r\nHost: a\r\n\r\n");
    kinds.put(
        "two content lengths",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd");
    kinds.put(
        "content length that is no number",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nabcd");
    kinds.put("target too long", "GET /" + BIG + " HTTP/1.1\r\nHost: a\r\n\r\n");
    kinds.put("header too large", "GET / HTTP/1.1\r\nHost: a\r\nX-Big: " + BIG + "\r\n\r\n");
    kinds.put("no such protocol", "GET / HTTX/1.1\r\nHost: a\r\n\r\n");
    kinds.put("header line without a colon", "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");
    kinds.put("space in a header name", "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n");
    kinds.put("NUL in a header value", "GET / HTTP/1.1\r\nHost: a\r\nX-Nul: a\u0000b\r\n\r\n");
    kinds.put("TLS to a port without TLS", TLS_CLIENT_HELLO);
    return kinds;
  }

  private static Map<String, String> byTomcat() {
    Map<String, String> kinds = byEveryServer();
    kinds.put("character that no target may hold", "GET /a|{} HTTP/1.1\r\nHost: a\r\n\r\n");
    kinds.put("no host", "GET / HTTP/1.1\r\n\r\n");
    kinds.put("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    kinds.put("broken host", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    kinds.put("broken escape in the path", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n");
    kinds.put("version that is not served", "GET / HTTP/9.9\r\nHost: a\r\n\r\n");
    kinds.put(
        "transfer coding that is not known",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: bogus\r\n\r\n");
    return kinds;
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void each_kind_gives_one_record_with_the_answer_that_was_sent(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      mustBeRejected(variant, service, variant.isTomcat() ? byTomcat() : byEveryServer(), true);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NETTY_41", "NETTY_42"})
  void each_kind_gives_one_record_when_the_server_only_closes(Variant variant) {
    try (Service service = Service.on(variant).with("reject", "close").start()) {
      mustBeRejected(variant, service, byEveryServer(), false);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11"})
  void an_http_2_preface_that_tomcat_answers_by_closing_gives_one_record(Variant variant) {
    try (Service service = Service.on(variant).start()) {
      mustBeRejected(
          variant, service, Map.of("preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), false);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_good_request_before_it_on_the_connection_keeps_its_own_record(Variant variant) {
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello").id("good"));
      client.send("GET /bad HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n");
      client.halfClose();
      client.readToEnd();
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      assertThat(records).extracting(LogRecord::outcome).containsExactly("complete", "rejected");
      assertThat(records.get(0).text("request_id")).isEqualTo("good");
      assertThat(records.get(1).number("connection.request")).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void half_a_value_is_not_shown_where_the_server_gave_up(Variant variant) {
    String tooLong = ("X-Pad: " + "x".repeat(1_000) + "\r\n").repeat(9);
    for (String wire : List.of("off", "always")) {
      try (Service service = Service.on(variant).option("wire", wire).start();
          RawClient client = service.connect()) {
        client.send("GET /a HTTP/1.1\r\nHost: a\r\n" + tooLong + "X-Card: 4111 1111 11");
        client.readToEnd();
        LogRecord record = service.records().only(Records.of(client));
        assertThat(record.outcome()).as("%s", record).isEqualTo("rejected");
        assertThat(record.text("url.path")).as("%s", record).isEqualTo("/a");
        assertThat(record.requestHeader("host")).as("%s", record).containsExactly("a");
        assertThat(record.line()).doesNotContain("4111");
        assertThat(record.has("headers.differ")).as("%s", record).isFalse();
      }
    }
  }

  private static void mustBeRejected(
      Variant variant, Service service, Map<String, String> kinds, boolean answered) {
    Map<Integer, String> byPort = new LinkedHashMap<>();
    Map<Integer, Integer> statusByPort = new LinkedHashMap<>();
    for (Map.Entry<String, String> kind : kinds.entrySet()) {
      try (RawClient client = service.connect()) {
        byPort.put(client.localPort(), kind.getKey());
        client.send(kind.getValue());
        client.halfClose();
        String answer = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
        if (answered) {
          assertThat(answer).as("the answer to %s", kind.getKey()).startsWith("HTTP/1.1 ");
          statusByPort.put(client.localPort(), Integer.parseInt(answer.substring(9, 12)));
        } else {
          assertThat(answer).as("the answer to %s", kind.getKey()).isEmpty();
        }
      }
    }
    assertThat(statusByPort.values())
        .allMatch(status -> List.of(400, 414, 431, 501, 505).contains(status));

    List<LogRecord> records = service.records().await(kinds.size());
    for (Map.Entry<Integer, String> kind : byPort.entrySet()) {
      List<LogRecord> ofThisOne =
          records.stream()
              .filter(record -> record.number("network.peer.port") == kind.getKey())
              .toList();
      assertThat(ofThisOne).as("records of: %s", kind.getValue()).hasSize(1);
      LogRecord record = ofThisOne.get(0);
      assertThat(record.outcome())
          .as("outcome of: %s, %s", kind.getValue(), record)
          .isEqualTo("rejected");
      Expect.allStreams(record);
      if (answered) {
        assertThat(record.status())
            .as("status of: %s, %s", kind.getValue(), record)
            .isEqualTo(statusByPort.get(kind.getKey()));
      } else {
        assertThat(record.has("http.response.status_code"))
            .as("no status of: %s, %s", kind.getValue(), record)
            .isFalse();
      }
      if (variant.isTomcat()) {
        // Netty's decoder hands what it refuses to the application, marked as broken.
        assertThat(record.has("timing.handler_ns"))
            .as("no handler saw: %s, %s", kind.getValue(), record)
            .isFalse();
      }
    }
    assertThat(records).hasSize(kinds.size());
  }
}

package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The id is the caller's where that is safe, else made; and the application sees the same one. */
class RequestIdIT {
  private static final String UUID_V7 =
      "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

  @ParameterizedTest
  @CsvSource({
    "TOMCAT_10, mdc-slf4j, slf4j", "TOMCAT_11, mdc-slf4j, slf4j",
    "TOMCAT_11, mdc-log4j2, log4j2", "TOMCAT_11, mdc-jboss, jboss",
    "NETTY_41, mdc-slf4j, slf4j", "NETTY_42, mdc-log4j2, log4j2",
    "UNDERTOW, mdc-slf4j, slf4j", "JETTY_10, mdc-slf4j, slf4j"
  })
  void a_safe_id_is_taken_and_seen_by_the_handler_and_its_log_lines(
      Variant variant, String libraries, String framework) {
    try (Service service = Service.on(variant).libraries(libraries).start();
        RawClient client = service.connect()) {
      for (int i = 0; i < 5; i++) {
        String id = "caller's/id:" + i;
        String seen = client.ask(Request.get("/id").id(id)).text();
        assertThat(seen).contains("attribute=" + id + "\n").contains(framework + "=" + id + "\n");
      }
      assertThat(service.records().await(5))
          .extracting(record -> record.text("request_id"))
          .containsExactly(
              "caller's/id:0", "caller's/id:1", "caller's/id:2", "caller's/id:3", "caller's/id:4");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42", "UNDERTOW", "JETTY_10"})
  void without_one_it_is_a_new_uuid_of_version_7_for_each_request(Variant variant) {
    try (Service service = Service.on(variant).libraries("mdc-slf4j").start();
        RawClient client = service.connect()) {
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < 10; i++) {
        String text = client.ask(Request.get("/id")).text();
        String id = text.substring("attribute=".length(), text.indexOf('\n'));
        assertThat(id).matches(UUID_V7);
        assertThat(text).contains("slf4j=" + id + "\n");
        seen.add(id);
      }
      assertThat(seen).hasSize(10);
      List<LogRecord> records = service.records().await(10);
      assertThat(records)
          .extracting(record -> record.text("request_id"))
          .containsExactlyInAnyOrderElementsOf(seen);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void an_unsafe_one_is_not_taken(Variant variant) {
    List<String> unsafe = List.of("", "two words", "x".repeat(129), "\u00fcmlaut", "a\tb");
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      for (String id : unsafe) {
        String text = client.ask(Request.get("/id").id(id)).text();
        assertThat(text.substring("attribute=".length(), text.indexOf('\n')))
            .as("instead of '%s'", id)
            .matches(UUID_V7);
      }
      String longest = "y".repeat(128);
      assertThat(client.ask(Request.get("/id").id(longest)).text()).contains(longest);
      assertThat(service.records().await(unsafe.size() + 1))
          .hasSize(unsafe.size() + 1)
          .allMatch(
              record ->
                  record.text("request_id").matches(UUID_V7)
                      || record.text("request_id").equals(longest));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_10", "TOMCAT_11", "NETTY_41", "NETTY_42"})
  void it_is_added_to_the_response_only_when_asked_for(Variant variant) {
    try (Service service = Service.on(variant).option("request.id.response", "true").start();
        RawClient client = service.connect()) {
      Response taken = client.ask(Request.get("/hello").id("mine"));
      assertThat(taken.header("x-request-id")).isEqualTo("mine");
      Response made = client.ask(Request.get("/status/404"));
      assertThat(made.header("x-request-id")).matches(UUID_V7);
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      for (LogRecord record : records) {
        assertThat(record.responseHeader("x-request-id"))
            .as("what was sent is what is logged: %s", record)
            .containsExactly(record.text("request_id"));
      }
    }
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      assertThat(client.ask(Request.get("/hello").id("mine")).header("x-request-id")).isNull();
    }
  }

  @Test
  void header_and_key_are_those_that_were_configured() {
    try (Service service =
            Service.on(Variant.TOMCAT_11)
                .libraries("mdc-slf4j")
                .option("request.id.header", "X-Correlation-Id")
                .option("request.id.mdc", "")
                .start();
        RawClient client = service.connect()) {
      String text =
          client.ask(Request.get("/id").id("no").header("X-Correlation-Id", "yes")).text();
      assertThat(text).contains("attribute=yes\n").contains("slf4j=null\n");
      assertThat(service.records().onlyWithPath("/id").text("request_id")).isEqualTo("yes");
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "NETTY_42"})
  void a_trace_context_is_logged_with_it(Variant variant) {
    try (Service service = Service.on(variant).start();
        RawClient client = service.connect()) {
      client.ask(
          Request.get("/hello")
              .header("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
      LogRecord record = service.records().onlyWithPath("/hello");
      assertThat(record.text("trace_id")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
      assertThat(record.text("span_id")).isEqualTo("00f067aa0ba902b7");
    }
  }
}

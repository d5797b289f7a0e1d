package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.hdrlog.it.harness.Header;
import io.hdrlog.it.harness.Jdks;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a record must say of what a client saw. */
final class Expect {
  /** The first feature release that gets both streams. */
  private static final int BOTH_STREAMS = 21;

  private static boolean said;

  private Expect() {}

  /** Whether a record of a JVM of this machine must hold the kernel's part. Never a skip. */
  static boolean kernel() {
    boolean can = Machine.canLoadBpf();
    if (!can && !said) {
      said = true;
      System.out.println("checking the JVM stream alone: " + Machine.whyNot());
    }
    return can;
  }

  static boolean kernel(Path jdk) {
    return Jdks.release(jdk) >= BOTH_STREAMS && kernel();
  }

  static void allStreams(LogRecord record) {
    if (kernel()) {
      assertThat(record.sources())
          .as("sources of %s", record)
          .containsExactlyInAnyOrder("kernel", "jvm");
    } else {
      jvmStreamOnly(record);
    }
  }

  static void jvmStreamOnly(LogRecord record) {
    assertThat(record.sources()).as("sources of %s", record).containsExactly("jvm");
  }

  /** Every name, every value, every duplicate, in the order of the wire. */
  static void sameHeaders(LogRecord record, Request request, Response response) {
    same(record, "http.request.header", request.headers());
    same(record, "http.response.header", response.headers());
  }

  private static void same(LogRecord record, String path, List<Header> wire) {
    Map<String, List<String>> logged = headers(record.at(path));
    Map<String, List<String>> expected = Header.asLogged(wire);
    assertThat(logged).as("%s of %s", path, record).isEqualTo(expected);
    assertThat(logged.keySet())
        .as("the order of %s in %s", path, record)
        .containsExactlyElementsOf(expected.keySet());
  }

  static Map<String, List<String>> headers(JsonNode object) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      List<String> values = new ArrayList<>();
      field.getValue().forEach(value -> values.add(value.asText()));
      headers.put(field.getKey(), values);
    }
    return headers;
  }
}

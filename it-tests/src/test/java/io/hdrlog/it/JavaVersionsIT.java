package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Jdks;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Response;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every Java from 17 on is served: 21 and newer with both streams. */
class JavaVersionsIT {
  @ParameterizedTest
  @ValueSource(ints = {17, 21, 25})
  void it_loads_and_logs(int release) {
    Optional<Path> jdk = Jdks.find(release);
    if (jdk.isEmpty()) {
      return;
    }
    for (Variant variant : List.of(Variant.TOMCAT_11, Variant.TOMCAT_10, Variant.NETTY_42)) {
      try (Service service = Service.on(variant).jdk(jdk.get()).start();
          RawClient client = service.connect()) {
        Request request = Request.get("/hello").id("one");
        Response response = client.ask(request);
        LogRecord record = service.records().onlyWithPath("/hello");
        Expect.sameHeaders(record, request, response);
        if (Expect.kernel(jdk.get())) {
          Expect.allStreams(record);
        } else {
          Expect.jvmStreamOnly(record);
        }
        // Neither the JVM nor the agent has anything to complain about.
        assertThat(service.output()).doesNotContain("WARNING").doesNotContain("Exception");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {25})
  void native_access_may_be_denied_to_everybody_else(int release) {
    Optional<Path> jdk = Jdks.find(release);
    if (jdk.isEmpty()) {
      return;
    }
    try (Service service =
            Service.on(Variant.TOMCAT_11)
                .jdk(jdk.get())
                .jvm("--illegal-native-access=deny")
                .start();
        RawClient client = service.connect()) {
      client.ask(Request.get("/hello").id("one"));
      Expect.allStreams(service.records().onlyWithPath("/hello"));
      assertThat(service.output()).doesNotContain("WARNING").doesNotContain("Exception");
    }
  }
}

package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client that is gone before an asynchronous request is answered: nothing reached it. */
class ResetWhileAwayIT {
  private static final int AWAY_MS = 200;

  /** What a scheduler on two busy cores may add. */
  private static final double NOISE_MS = 200;

  @ParameterizedTest
  @CsvSource({
    "TOMCAT_11,auto,false",
    "TOMCAT_11,off,true",
    "TOMCAT_10,auto,true",
    "NETTY_42,auto,false",
  })
  void the_record_says_that_nothing_was_sent(Variant variant, String kernel, boolean virtual) {
    try (Service service =
        Service.on(variant).option("kernel", kernel).with("virtual", virtual).start()) {
      try (RawClient client = service.connect()) {
        client.ask(Request.get("/hello").id("before"));
        client.send(Request.get("/async?ms=" + AWAY_MS).id("reset"));
        Pause.millis(AWAY_MS / 2);
        client.reset();
      }
      LogRecord record = service.records().only(one -> "reset".equals(one.text("request_id")));
      assertThat(record.outcome()).as("outcome of %s", record).isEqualTo("client_reset");
      assertThat(record.text("error.type")).isNotNull();
      assertThat(record.has("http.response.size")).as("response size of %s", record).isFalse();
      assertThat(record.has("http.response.body.size")).as("body size of %s", record).isFalse();
      if (Expect.kernel() && kernel.equals("auto")) {
        Expect.allStreams(record);
        assertThat(record.has("http.response")).as("response of %s", record).isFalse();
        assertThat(record.has("timing.first_byte_ns")).as("first byte of %s", record).isFalse();
      }
      if (variant.isTomcat()) {
        // The handler was not disturbed.
        assertThat(record.millis("handler_ns"))
            .as("handler_ns of %s", record)
            .isBetween((double) AWAY_MS, AWAY_MS + NOISE_MS);
      }
    }
  }
}

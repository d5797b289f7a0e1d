package io.hdrlog.core.instrument.tomcat;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.instrument.Harness;
import io.hdrlog.core.instrument.IsolatedLoader;
import io.hdrlog.core.instrument.RawClient;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

/** HTTP/2 on Tomcat, of which the connector's advice sees the upgrade only. */
class Http2Test {
  private final Harness harness = Harness.install();

  @Test
  void streamsGiveARecordEach() throws Exception {
    try (IsolatedLoader loader = new IsolatedLoader(entry -> true)) {
      int port = (Integer) loader.call(TomcatApp.class, "start");
      try {
        harness.exchanges.clear();
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        HttpRequest request =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/app/a")).build();
        HttpResponse<String> first = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(harness.next().outcome).isEqualTo(Outcome.UPGRADED);
        // The classes that the streams need are changed a moment after the first is seen.
        Thread.sleep(1500);
        harness.exchanges.clear();
        for (int i = 0; i < 3; i++) {
          client.send(request, HttpResponse.BodyHandlers.ofString());
          Exchange x = harness.only();
          assertThat(x.entry).isEqualTo(Exchange.Entry.SERVLET);
          assertThat(x.protocolVersion).isEqualTo("2");
        }
        try (RawClient raw = new RawClient(port)) {
          raw.send("GET /app/a HTTP/1.1\r\nHost: a\r\n\r\n").response();
          assertThat(harness.only().entry).isEqualTo(Exchange.Entry.TOMCAT);
        }
      } finally {
        loader.call(TomcatApp.class, "stop");
      }
    }
  }
}

package io.hdrlog.core.instrument.tomcat;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
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
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** HTTP/2 on Tomcat: the upgrade is HTTP/1.1, streams are seen where they meet the container. */
class Http2Test {
  private final Harness harness = Harness.install();

  private static void check(Exchange x, int port) {
    assertThat(x.entry).isEqualTo(Exchange.Entry.SERVLET);
    assertThat(x.protocolVersion).isEqualTo("2");
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.addressed).isTrue();
    assertThat(x.localPort).isEqualTo(port);
    assertThat(requestHead(x)).startsWith("GET /app/a HTTP/2.0\r\n");
    assertThat(responseHead(x)).startsWith("HTTP/1.1 200 ").doesNotContain("\n:");
    assertThat(responseHead(x).toLowerCase(Locale.ROOT)).contains("\ndate: ");
  }

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
        // The request that asks for the upgrade is answered twice: with 101, and on stream 1.
        assertThat(harness.next().outcome).isEqualTo(Outcome.UPGRADED);
        check(harness.only(), port);
        for (int i = 0; i < 3; i++) {
          client.send(request, HttpResponse.BodyHandlers.ofString());
          check(harness.only(), port);
        }
        HttpRequest boom =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/app/a?boom")).build();
        client.send(boom, HttpResponse.BodyHandlers.ofString());
        Exchange failed = harness.only();
        assertThat(failed.errorType).isEqualTo("java.lang.UnsupportedOperationException");
        assertThat(responseHead(failed)).startsWith("HTTP/1.1 500 ");
        HttpRequest async =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/app/a?async")).build();
        client.send(async, HttpResponse.BodyHandlers.ofString());
        Exchange late = harness.only();
        assertThat(late.exitNs - late.enterNs).isGreaterThan(100_000_000L);
        HttpRequest nowhere =
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/app/a?id")).build();
        assertThat(client.send(nowhere, HttpResponse.BodyHandlers.ofString()).body())
            .isEqualTo("id-" + harness.only().idRandom);
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

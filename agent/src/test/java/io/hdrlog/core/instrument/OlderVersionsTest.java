package io.hdrlog.core.instrument;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.instrument.netty.NettyApp;
import io.hdrlog.core.instrument.tomcat.TomcatApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The same advice in Tomcat 10.1 and Netty 4.1, which the build copies beside the class path. */
@SuppressWarnings("StringConcatToTextBlock") // a text block hides its line ends
class OlderVersionsTest {
  private static final Path VERSIONS = Path.of("target", "older-versions");

  private final Harness harness = Harness.install();

  private static IsolatedLoader loader(String without) throws IOException {
    try (Stream<Path> jars = Files.list(VERSIONS)) {
      return new IsolatedLoader(
          entry -> !entry.contains(without), jars.sorted().toArray(Path[]::new));
    }
  }

  @Test
  void tomcat10() throws Exception {
    try (IsolatedLoader loader = loader("tomcat")) {
      int port = (Integer) loader.call(TomcatApp.class, "start");
      try {
        check(port, "/app/a?b");
        assertThat(harness.log)
            .anyMatch(line -> line.endsWith("Http11InputBuffer version=10.1.61"));
        try (RawClient client = new RawClient(port)) {
          assertThat(client.send(get("/app/a?async")).response().body()).isEqualTo("late");
          Exchange x = harness.only();
          assertThat(x.route).isEqualTo("/app/*");
          assertThat(x.exitNs - x.enterNs).isGreaterThan(100_000_000L);
        }
      } finally {
        loader.call(TomcatApp.class, "stop");
      }
    }
  }

  @Test
  void netty41() throws Exception {
    try (IsolatedLoader loader = loader("netty")) {
      int port = (Integer) loader.call(NettyApp.class, "start");
      try {
        check(port, "/app/a?b");
        assertThat(harness.log)
            .anyMatch(line -> line.endsWith("HttpObjectDecoder version=4.1.140.Final"));
      } finally {
        loader.call(NettyApp.class, "stop");
      }
    }
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\n\r\n";
  }

  private void check(int port, String target) throws Exception {
    harness.exchanges.clear();
    try (RawClient client = new RawClient(port)) {
      String second = "POST " + target + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n";
      client.send(get(target) + second + "abc");
      RawClient.Response a = client.response();
      final long received = client.received;
      RawClient.Response b = client.response();
      Exchange x = harness.next();
      assertThat(requestHead(x)).isEqualTo(get(target));
      assertThat(responseHead(x)).isEqualTo(a.head());
      assertThat(x.txEnd).isEqualTo(received);
      Exchange y = harness.only();
      assertThat(requestHead(y)).isEqualTo(second);
      assertThat(responseHead(y)).isEqualTo(b.head());
      assertThat(y.rxEnd).isEqualTo(client.sent);
      assertThat(y.txEnd).isEqualTo(client.received);
    }
    try (RawClient client = new RawClient(port)) {
      client.send("GET / HTTP/1.1\r\nHost a\r\n\r\n").response();
      assertThat(harness.only().outcome).isEqualTo(Outcome.REJECTED);
    }
  }
}

package io.hdrlog.core.instrument.servlet;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.instrument.Harness;
import io.hdrlog.core.instrument.IsolatedLoader;
import io.hdrlog.core.instrument.RawClient;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Records of containers that are known by nothing but the Servlet API. Tomcat's jar is there as
 * well, as in many a service that does not run it.
 */
@SuppressWarnings("StringConcatToTextBlock") // a text block hides its line ends
class ServletTest {
  private static Harness harness;
  private static IsolatedLoader loader;

  /** A container in the isolated loader. */
  @SuppressWarnings("ImmutableEnumChecker") // the port is known once it runs
  enum Container {
    JETTY(JettyApp.class),
    UNDERTOW(UndertowApp.class);

    private final Class<?> app;
    private int port;

    Container(Class<?> app) {
      this.app = app;
    }
  }

  @BeforeAll
  static void start() throws Exception {
    harness = Harness.install();
    loader = new IsolatedLoader(entry -> true);
    for (Container container : Container.values()) {
      container.port = (Integer) loader.call(container.app, "start");
    }
  }

  @AfterAll
  static void stop() throws Exception {
    for (Container container : Container.values()) {
      loader.call(container.app, "stop");
    }
    loader.close();
  }

  @BeforeEach
  void drain() {
    harness.exchanges.clear();
  }

  private static String get(String target) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\nX-One: 1\r\n\r\n";
  }

  @ParameterizedTest
  @EnumSource
  void aRequestGivesARecord(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/app/a?b=c")).response().body()).isEqualTo("hello");
      Exchange x = harness.only();
      assertThat(x.entry).isEqualTo(Exchange.Entry.SERVLET);
      assertThat(requestHead(x)).startsWith("GET /app/a?b=c HTTP/1.1\r\n").endsWith("\r\n\r\n");
      assertThat(requestHead(x)).contains("X-One: 1\r\n");
      assertThat(responseHead(x)).startsWith("HTTP/1.1 200 \r\n");
      assertThat(responseHead(x)).contains("X-App: one\r\nX-App: two\r\n");
      assertThat(x.remotePort).isEqualTo(client.socket.getLocalPort());
      assertThat(x.addressed).isTrue();
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.route).isEqualTo("/app/*");
      assertThat(x.rxStart).isEqualTo(Exchange.UNKNOWN);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aNameInTwoCasesHasItsValuesOnce(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      client
          .send("GET /app/a HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nX-One: 0\r\nx-two: 2\r\n\r\n")
          .response();
      String head = requestHead(harness.only()).toLowerCase(Locale.ROOT);
      assertThat(head).containsOnlyOnce("x-two: 1\r\n").containsOnlyOnce("x-two: 2\r\n");
      assertThat(head).containsOnlyOnce("x-one: 0\r\n");
    }
  }

  @ParameterizedTest
  @EnumSource
  void theEndsAreTheSocketsAndNotAHeaders(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      String forged =
          "GET /app/a?addr HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\n"
              + "X-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\r\n";
      assertThat(client.send(forged).response().body()).isEqualTo("9.9.9.9");
      Exchange x = harness.only();
      assertThat(x.addressed).isTrue();
      assertThat(x.remoteHigh).isZero();
      assertThat(x.remoteLow).isEqualTo(0xffff_7f00_0001L);
      assertThat(x.remotePort).isEqualTo(client.socket.getLocalPort());
      assertThat(x.localPort).isEqualTo(container.port);
      assertThat(x.secure).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void servletsOfOtherKindsAreSeen(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/plain")).response().body()).isEqualTo("plain");
      assertThat(requestHead(harness.only())).startsWith("GET /plain ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void filtersThatAnswerAreSeen(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/nothing/here?guard")).response().status()).isEqualTo(403);
      assertThat(responseHead(harness.only())).startsWith("HTTP/1.1 403 ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void forwardsGiveNoSecondRecord(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/app/a?forward")).response().status()).isEqualTo(200);
      assertThat(requestHead(harness.only())).startsWith("GET /app/a?forward ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void exceptionsAreNamed(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/app/a?boom")).response().status()).isEqualTo(500);
      Exchange x = harness.only();
      assertThat(x.errorType).isEqualTo("java.lang.UnsupportedOperationException");
      assertThat(responseHead(x)).startsWith("HTTP/1.1 500 ");
    }
  }

  @ParameterizedTest
  @EnumSource
  void asynchronousRequestsEndWhenTheyDo(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/app/a?async")).response().body()).isEqualTo("late");
      Exchange x = harness.only();
      assertThat(x.exitNs - x.enterNs).isGreaterThan(100_000_000L);
    }
    try (RawClient client = new RawClient(container.port)) {
      assertThat(client.send(get("/app/a?dispatch")).response().body()).isEqualTo("dispatched");
      assertThat(harness.only().outcome).isEqualTo(Outcome.COMPLETE);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theRequestIdIsAnAttributeAndGivenBack(Container container) throws Exception {
    try (RawClient client = new RawClient(container.port)) {
      RawClient.Response response = client.send(get("/app/a?id")).response();
      String id = "id-" + harness.only().idRandom;
      assertThat(response.body()).isEqualTo(id);
      assertThat(response.head().toLowerCase(java.util.Locale.ROOT))
          .contains("x-request-id: " + id);
    }
  }
}

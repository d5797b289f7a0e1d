package io.hdrlog.core.instrument.tomcat;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.instrument.Harness;
import io.hdrlog.core.instrument.RawClient;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.connector.ResponseFacade;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.ValveBase;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of a real embedded Tomcat 11, against what a raw client sent and received. */
@SuppressWarnings("StringConcatToTextBlock") // a text block hides its line ends
class TomcatTest {
  private static final String GET =
      "GET /hello?a=b&a=c HTTP/1.1\r\nHost: localhost\r\nX-Twice: one\r\nx-TWICE:two  \r\n"
          + "Accept: */*\r\n\r\n";

  @TempDir static Path base;
  private static Harness harness;
  private static Tomcat tomcat;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    harness = Harness.install();
    TomcatURLStreamHandlerFactory.disable();
    tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector = new Connector("HTTP/1.1");
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("connectionTimeout", "1500");
    connector.setProperty("minSpareThreads", "2");
    tomcat.setConnector(connector);
    Context root = tomcat.addContext("", new File(".").getAbsolutePath());
    add(root, "app", new App(), "/hello");
    add(root, "wild", new App(), "/wild/*");
    add(root, "ext", new App(), "*.do");
    add(root, "async", new Async(), "/async");
    add(root, "boom", new Boom(), "/boom");
    add(root, "oops", new App(), "/oops");
    ErrorPage page = new ErrorPage();
    page.setErrorCode(404);
    page.setLocation("/oops");
    root.addErrorPage(page);
    tomcat.getEngine().getPipeline().addValve(new Tarrying());
    tomcat.start();
    port = connector.getLocalPort();
  }

  @SuppressWarnings("deprecation") // the same method in 10.1 is not
  private static void add(Context context, String name, HttpServlet servlet, String pattern) {
    Tomcat.addServlet(context, name, servlet).setAsyncSupported(true);
    context.addServletMappingDecoded(pattern, name);
  }

  @AfterAll
  static void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }

  @BeforeEach
  void drain() {
    harness.exchanges.clear();
  }

  @Test
  void headsAreThoseOnTheWireByteForByte() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET).response();
      Exchange x = harness.only();
      assertThat(requestHead(x)).isEqualTo(GET);
      assertThat(responseHead(x)).isEqualTo(response.head());
      assertThat(responseHead(x)).contains("Date:").contains("x-request-id: id-");
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.entry).isEqualTo(Exchange.Entry.TOMCAT);
      assertThat(x.route).isEqualTo("/hello");
      assertThat(x.responseBodyBytes).isEqualTo(response.body().length());
      assertThat(x.requestBodyBytes).isZero();
      assertThat(x.addressed).isTrue();
      assertThat(x.remotePort).isEqualTo(client.socket.getLocalPort());
      assertThat(x.localPort).isEqualTo(port);
      assertThat(x.remoteHigh).isZero();
      assertThat(x.remoteLow).isEqualTo(0xffff_7f00_0001L);
      assertThat(x.seenNs).isLessThanOrEqualTo(x.enterNs);
      assertThat(x.enterNs).isLessThanOrEqualTo(x.exitNs);
      assertThat(x.exitNs).isLessThanOrEqualTo(x.endNs);
    }
  }

  @Test
  void positionsAreWhatTheClientCounted() throws Exception {
    try (RawClient client = new RawClient(port)) {
      for (int i = 1; i <= 3; i++) {
        long sent = client.sent;
        long received = client.received;
        String head = "POST /hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 7\r\n\r\n";
        client.send(head).send("abcdefg").response();
        Exchange x = harness.only();
        assertThat(x.connectionRequest).isEqualTo(i);
        assertThat(x.rxStart).isEqualTo(sent);
        assertThat(x.rxHeadEnd).isEqualTo(sent + head.length());
        assertThat(x.rxEnd).isEqualTo(client.sent);
        assertThat(x.txStart).isEqualTo(received);
        assertThat(x.txEnd).isEqualTo(client.received);
        assertThat(x.requestBodyBytes).isEqualTo(7);
      }
    }
  }

  @Test
  void pipelinedRequestsAreToldApart() throws Exception {
    try (RawClient client = new RawClient(port)) {
      String second = GET.replace("/hello", "/wild/2");
      client.send(GET + second + "\r\n" + GET.replace("/hello", "/x/3.do"));
      RawClient.Response[] responses = {client.response(), client.response(), client.response()};
      Exchange a = harness.next();
      assertThat(requestHead(a)).isEqualTo(GET);
      Exchange b = harness.next();
      assertThat(requestHead(b)).isEqualTo(second);
      assertThat(b.rxStart).isEqualTo(GET.length());
      assertThat(b.route).isEqualTo("/wild/*");
      Exchange c = harness.only();
      assertThat(requestHead(c)).startsWith("GET /x/3.do");
      assertThat(c.route).isEqualTo("/*.do");
      assertThat(c.rxStart).isEqualTo(GET.length() + second.length() + 2);
      assertThat(c.txEnd).isEqualTo(client.received);
      assertThat(responseHead(c)).isEqualTo(responses[2].head());
    }
  }

  @Test
  void aRequestSplitIntoSingleBytesIsWhole() throws Exception {
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < GET.length(); i++) {
        client.send(GET.substring(i, i + 1));
        Thread.sleep(1);
      }
      client.response();
      Exchange x = harness.only();
      assertThat(requestHead(x)).isEqualTo(GET);
      assertThat(x.headNs - x.seenNs).isNotNegative();
    }
  }

  @Test
  void continueIsInformational() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(
          "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(100);
      long before = client.received;
      client.send("5\r\nhello\r\n").send("3\r\nabc\r\n0\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      Exchange x = harness.only();
      assertThat(x.informationalCount()).isEqualTo(1);
      assertThat(x.informational(0)).isEqualTo(100);
      assertThat(responseHead(x)).startsWith("HTTP/1.1 200 ");
      assertThat(x.txStart).isEqualTo(before);
      assertThat(x.txEnd).isEqualTo(client.received);
      assertThat(x.rxEnd).isEqualTo(client.sent);
      assertThat(x.requestBodyBytes).isEqualTo(8);
    }
  }

  @Test
  void earlyHintsAreInformational() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(GET.replace("a=b", "hints=1"));
      assertThat(client.response().status()).isEqualTo(103);
      RawClient.Response last = client.response();
      Exchange x = harness.only();
      assertThat(x.informational(0)).isEqualTo(103);
      assertThat(responseHead(x)).isEqualTo(last.head());
    }
  }

  @Test
  void chunkedResponsesCountTheirContent() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET.replace("a=b", "chunks=40000")).response();
      assertThat(response.body()).hasSize(40_000);
      Exchange x = harness.only();
      assertThat(x.responseBodyBytes).isEqualTo(40_000);
      assertThat(x.txEnd).isEqualTo(client.received);
    }
  }

  @Test
  void headHasNoBody() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET.replace("GET", "HEAD")).response(true);
      Exchange x = harness.only();
      assertThat(responseHead(x)).isEqualTo(response.head());
      assertThat(x.responseBodyBytes).isZero();
      assertThat(x.txEnd).isEqualTo(client.received);
    }
  }

  @Test
  void errorPagesGiveNoSecondRecord() throws Exception {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.send(GET.replace("a=b", "status=404")).response().status()).isEqualTo(404);
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(responseHead(x)).startsWith("HTTP/1.1 404 ");
    }
  }

  @Test
  void anExceptionIsNamed() throws Exception {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.send(GET.replace("/hello", "/boom")).response().status()).isEqualTo(500);
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.errorType).isEqualTo("java.lang.UnsupportedOperationException");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "wrapped, java.net.ConnectException",
    "other, java.lang.UnsupportedOperationException"
  })
  void whatTheApplicationThrowsInTheMidstOfItsResponseIsNotTheConnections(String how, String type)
      throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET /boom?half=" + how + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(client.socket.getInputStream().readAllBytes()).isNotEmpty();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.ERROR);
      assertThat(x.errorType).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/boom", "/hello?status=404"})
  void theHandlerIsDoneWhenAnErrorHasBeenAnswered(String target) throws Exception {
    try (RawClient client = new RawClient(port)) {
      String mark = target.indexOf('?') < 0 ? "?" : "&";
      String request = "GET " + target + mark + "tarry HTTP/1.1\r\nHost: localhost\r\n\r\n";
      RawClient.Response response = client.send(request).response();
      assertThat(response.head()).matches("(?s)HTTP/1.1 (404|500) .*");
      Exchange x = harness.only();
      assertThat(x.endNs - x.enterNs).isGreaterThanOrEqualTo(Tarrying.MS * 1_000_000L);
      assertThat(x.endNs - x.exitNs).isGreaterThanOrEqualTo(Tarrying.MS * 1_000_000L);
    }
  }

  @Test
  void forwardsGiveNoSecondRecord() throws Exception {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.send(GET.replace("a=b", "forward=/wild/a")).response().status())
          .isEqualTo(200);
      assertThat(harness.only().route).isEqualTo("/hello");
    }
  }

  @Test
  void anAsynchronousHandlerIsDoneWhenItSaysSo() throws Exception {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.send(GET.replace("/hello", "/async")).response().status()).isEqualTo(200);
      client.send(GET.replace("/hello", "/async")).response();
      Exchange x = harness.next();
      assertThat(x.exitNs - x.enterNs).isBetween(100_000_000L, 2_000_000_000L);
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.txEnd - x.txStart).isPositive();
      Exchange y = harness.only();
      assertThat(y.txEnd).isEqualTo(client.received);
    }
  }

  @Test
  void anAsynchronousDispatchGivesNoSecondRecord() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(GET.replace("/hello?a=b", "/async?dispatch=1")).response();
      Exchange x = harness.only();
      assertThat(x.exitNs - x.enterNs).isGreaterThan(100_000_000L);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /a|b HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        "GET / JUNK/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nBad Name: b\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: wild\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
        "TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
      })
  void malformedRequestsAreRejectedWithOneRecord(String request) throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(request).response();
      assertThat(response.status()).isBetween(400, 505);
      Exchange x = harness.only();
      assertThat(x.outcome).as(response.head()).isEqualTo(Outcome.REJECTED);
      assertThat(x.enterNs).isEqualTo(Timing.ABSENT);
      assertThat(requestHead(x)).isEqualTo(request);
      assertThat(responseHead(x)).isEqualTo(response.head());
    }
  }

  @Test
  void tooLargeHeadersAreRejected() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + "y".repeat(20_000) + "\r\n\r\n");
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
      // Half a value is none.
      assertThat(requestHead(x)).isEqualTo("GET / HTTP/1.1\r\nHost: a\r\n");
    }
  }

  @Test
  void aBodyBehindABrokenHeadIsNotKept() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("G@T / HTTP/1.1\r\nHost: a\r\n\r\nsecret body").rest();
      assertThat(requestHead(harness.only())).isEqualTo("G@T / HTTP/1.1\r\nHost: a\r\n\r\n");
    }
  }

  @Test
  void aPrefaceThatNobodySpeaksIsRejected() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").rest();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
      assertThat(requestHead(x)).isEqualTo("PRI * HTTP/2.0\r\n\r\n");
      assertThat(x.responseHeadLength).isZero();
    }
  }

  @Test
  void aResponseWithoutAHeadIsComplete() throws Exception {
    try (RawClient client = new RawClient(port)) {
      String body = client.send("GET /hello\r\n").rest();
      assertThat(body).isEqualTo("hello");
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.errorType).isNull();
      assertThat(x.responseBodyBytes).isEqualTo(5);
      assertThat(x.txEnd).isEqualTo(client.received);
      assertThat(x.rxHeadEnd).isEqualTo(client.sent);
    }
  }

  @Test
  void aBodyThatNeverComesTimesOut() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("POST /hello?read HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc").rest();
      assertThat(harness.only().outcome).isEqualTo(Outcome.TIMEOUT);
    }
  }

  @Test
  void anAsynchronousTimeoutIsAnAnswer() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response =
          client.send("GET /async?never HTTP/1.1\r\nHost: a\r\n\r\n").response();
      assertThat(response.status()).isEqualTo(500);
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.errorType).isEqualTo("async_timeout");
      assertThat(responseHead(x)).isEqualTo(response.head());
    }
  }

  @Test
  void aResetInTheMidstOfTheResponseIsTheClients() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(GET.replace("a=b", "chunks=50000000"));
      client.head();
      client.reset();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
      assertThat(x.errorType).isNotNull();
      assertThat(responseHead(x)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void aResetInTheMidstOfTheRequestIsTheClients() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET /hel");
      Thread.sleep(100);
      client.reset();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
      // What of the path is to come is not known.
      assertThat(requestHead(x)).isEqualTo("GET ");
    }
  }

  @Test
  void aRequestThatNeverEndsTimesOut() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET /hello HTTP/1.1\r\nHost: a\r\n");
      client.rest();
      assertThat(harness.only().outcome).isEqualTo(Outcome.TIMEOUT);
    }
  }

  @Test
  void idleConnectionsGiveNothingAndAreForgotten() throws Exception {
    int before = harness.sink.connections();
    try (RawClient client = new RawClient(port)) {
      client.send(GET).response();
      harness.only();
      client.send("\r\n");
      Thread.sleep(50);
    }
    harness.nothing();
    for (int i = 0; i < 100 && harness.sink.connections() > before; i++) {
      Thread.sleep(20);
    }
    assertThat(harness.sink.connections()).isLessThanOrEqualTo(before);
    assertThat(harness.counters.losses(LossReason.TAP_FAILED)).isZero();
  }

  @Test
  void theRequestIdIsAnAttribute() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET.replace("a=b", "id=1")).response();
      Exchange x = harness.only();
      assertThat(response.body()).isEqualTo("id-" + x.idRandom);
    }
  }

  @Test
  void theRequestIdIsInTheLoggingFrameworksMap() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET.replace("a=b", "mdc=1")).response();
      assertThat(response.body()).isEqualTo("id-" + harness.only().idRandom);
    }
  }

  /** Does what the query says. */
  private static final class App extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      String query = request.getQueryString() == null ? "" : request.getQueryString();
      request.getInputStream().readAllBytes();
      int value = query.indexOf('=') + 1;
      String argument = query.substring(value, (query + "&").indexOf('&'));
      if (query.startsWith("chunks=")) {
        OutputStream out = response.getOutputStream();
        byte[] bytes = new byte[1000];
        Arrays.fill(bytes, (byte) 'c');
        for (int left = Integer.parseInt(argument); left > 0; left -= bytes.length) {
          out.write(bytes);
        }
      } else if (query.startsWith("status=")
          && request.getDispatcherType().name().equals("REQUEST")) {
        response.sendError(Integer.parseInt(argument));
      } else if (query.startsWith("read")) {
        request.getInputStream().readAllBytes();
      } else if (query.startsWith("forward=")) {
        request.getRequestDispatcher(argument + "?a=b").forward(request, response);
      } else if (query.startsWith("mdc=")) {
        response.getWriter().print(org.jboss.logging.MDC.get("request_id"));
      } else if (query.startsWith("id=")) {
        response.getWriter().print(request.getAttribute("hdrlog.request_id"));
      } else {
        if (query.startsWith("hints=")) {
          response.addHeader("Link", "</a.css>; rel=preload");
          ((ResponseFacade) response).sendEarlyHints();
        }
        response.addHeader("X-App", "one");
        response.addHeader("X-App", "two");
        response.getWriter().print("hello");
      }
    }
  }

  /** Fails. */
  private static final class Boom extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException, ServletException {
      if (request.getParameter("half") != null) {
        response.setContentLength(100);
        response.getOutputStream().write(new byte[10]);
        response.flushBuffer();
      }
      switch (String.valueOf(request.getParameter("half"))) {
        case "wrapped" -> throw new ServletException(new ConnectException("upstream"));
        default -> throw new UnsupportedOperationException("boom");
      }
    }
  }

  /** Answers from another thread after 100 ms. */
  private static final class Async extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
      AsyncContext context = request.startAsync();
      if ("never".equals(request.getQueryString())) {
        context.setTimeout(200);
        return;
      }
      boolean dispatch = String.valueOf(request.getQueryString()).startsWith("dispatch");
      new Thread(
              () -> {
                try {
                  Thread.sleep(100);
                  if (dispatch) {
                    context.dispatch("/wild/async");
                  } else {
                    response.getWriter().print("late");
                    context.complete();
                  }
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              })
          .start();
    }
  }

  /** Takes its time when the answer has left: a thread may be put aside just there. */
  private static final class Tarrying extends ValveBase {
    private static final int MS = 50;

    Tarrying() {
      super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
      getNext().invoke(request, response);
      if (String.valueOf(request.getQueryString()).endsWith("tarry")) {
        try {
          Thread.sleep(MS);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}

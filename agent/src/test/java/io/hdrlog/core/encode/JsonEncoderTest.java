package io.hdrlog.core.encode;

import static io.hdrlog.core.encode.Json.at;
import static io.hdrlog.core.encode.Records.exchange;
import static io.hdrlog.core.encode.Records.record;
import static io.hdrlog.core.encode.Records.request;
import static io.hdrlog.core.encode.Records.settings;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.http.IpAddress;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TrustedProxies;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonEncoderTest {
  private static byte[] address(String text) {
    byte[] b = text.getBytes(StandardCharsets.ISO_8859_1);
    byte[] address = new byte[16];
    assertThat(IpAddress.parse(b, 0, b.length, address)).isTrue();
    return address;
  }

  private static void remote(Exchange e, String text) {
    byte[] address = address(text);
    e.remoteHigh = IpAddress.high(address);
    e.remoteLow = IpAddress.low(address);
  }

  private static void local(Exchange e, String text) {
    byte[] address = address(text);
    e.localHigh = IpAddress.high(address);
    e.localLow = IpAddress.low(address);
  }

  private static Exchange full() {
    Exchange e =
        exchange(
            String.join(
                "\r\n",
                "POST /orders/7?x=1&token=abc HTTP/1.1",
                "Host: a.example",
                "X-Request-Id: id-1",
                "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                "Accept: a",
                "Cookie: JSESSIONID=s3ss; theme=dark",
                "accept: b",
                "",
                ""),
            "HTTP/1.1 201 Created\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 3\r\n\r\n");
    e.addressed = true;
    remote(e, "10.1.2.3");
    local(e, "2001:db8::1");
    e.remotePort = 50000;
    e.localPort = 8080;
    e.connectionRequest = 3;
    e.cookie = 0xabcdef01L;
    e.connectionStream = 5;
    e.requestBodyBytes = 0;
    e.responseBodyBytes = 3;
    e.rxStart = 100;
    e.rxEnd = 350;
    e.txStart = 0;
    e.txEnd = 90;
    e.addInformational(100);
    e.addInformational(103);
    e.route = "/orders/{id}";
    e.errorType = "java.io.IOException";
    e.outcome = Outcome.CLIENT_RESET;
    e.secure = true;
    e.tlsVersion = "1.3";
    e.tlsCipher = "TLS_AES_128_GCM_SHA256";
    e.tlsServerName = "a.example";
    e.tlsProvider = "jsse";
    e.sources = Exchange.FROM_KERNEL | Exchange.FROM_JVM;
    e.rttUs = 55;
    e.retransmits = 0;
    e.timing.startNs = 5;
    e.timing.acceptNs = 1;
    e.timing.receiveNs = 0;
    e.timing.queueNs = 2;
    e.timing.dispatchNs = 3;
    e.timing.handlerNs = 4;
    e.timing.firstByteNs = 5;
    e.timing.sendNs = 6;
    e.timing.ackNs = 7;
    e.timing.totalNs = 8;
    e.timing.pauseNs = 9;
    return e;
  }

  @Test
  void everyFieldOfTheContractIsWhereItBelongs() {
    Map<?, ?> r = record(full());
    assertThat(at(r, "schema")).isEqualTo(1L);
    assertThat(at(r, "timestamp")).isEqualTo("2026-11-22T18:32:00.000000005Z");
    assertThat(at(r, "event")).isEqualTo("http.server.request");
    assertThat(at(r, "service.name")).isEqualTo("orders");
    assertThat(at(r, "service.instance")).isNull();
    assertThat(at(r, "process.pid")).isEqualTo(42L);
    assertThat(at(r, "request_id")).isEqualTo("id-1");
    assertThat(at(r, "trace_id")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
    assertThat(at(r, "span_id")).isEqualTo("00f067aa0ba902b7");
    assertThat(at(r, "outcome")).isEqualTo("client_reset");
    assertThat(at(r, "error.type")).isEqualTo("java.io.IOException");
    assertThat(at(r, "network.peer.address")).isEqualTo("10.1.2.3");
    assertThat(at(r, "network.peer.port")).isEqualTo(50000L);
    assertThat(at(r, "network.local.address")).isEqualTo("2001:db8::1");
    assertThat(at(r, "network.local.port")).isEqualTo(8080L);
    assertThat(at(r, "network.transport")).isEqualTo("tcp");
    assertThat(at(r, "network.protocol.name")).isEqualTo("http");
    assertThat(at(r, "network.protocol.version")).isEqualTo("1.1");
    assertThat(at(r, "client")).isNull();
    assertThat(at(r, "tls.protocol.version")).isEqualTo("1.3");
    assertThat(at(r, "tls.cipher")).isEqualTo("TLS_AES_128_GCM_SHA256");
    assertThat(at(r, "tls.client.server_name")).isEqualTo("a.example");
    assertThat(at(r, "tls.provider")).isEqualTo("jsse");
    assertThat(at(r, "url.scheme")).isEqualTo("https");
    assertThat(at(r, "url.path")).isEqualTo("/orders/7");
    assertThat(at(r, "url.query")).isEqualTo("x=1&token=[masked]");
    assertThat(at(r, "http.route")).isEqualTo("/orders/{id}");
    assertThat(at(r, "http.request.method")).isEqualTo("POST");
    assertThat(at(r, "http.response.status_code")).isEqualTo(201L);
    assertThat(at(r, "http.response.informational")).isEqualTo(List.of(100L, 103L));
    assertThat(at(r, "http.request.header.accept")).isEqualTo(List.of("a", "b"));
    assertThat(at(r, "http.request.header.cookie"))
        .isEqualTo(List.of("JSESSIONID=[masked]; theme=[masked]"));
    assertThat(((Map<?, ?>) at(r, "http.request.header")).keySet().toString())
        .isEqualTo("[host, x-request-id, traceparent, accept, cookie]");
    assertThat(at(r, "http.response.header.set-cookie")).isEqualTo(List.of("a=[masked]; Path=/"));
    assertThat(at(r, "http.request.body.size")).isEqualTo(0L);
    assertThat(at(r, "http.response.body.size")).isEqualTo(3L);
    assertThat(at(r, "http.request.size")).isEqualTo(250L);
    assertThat(at(r, "http.response.size")).isEqualTo(90L);
    assertThat((String) at(r, "session.id")).matches("[0-9a-f]{32}");
    assertThat(at(r, "connection.id")).isEqualTo("abcdef01");
    assertThat(at(r, "connection.request")).isEqualTo(3L);
    assertThat(at(r, "connection.stream")).isEqualTo(5L);
    assertThat(at(r, "sources")).isEqualTo(List.of("kernel", "jvm"));
    assertThat(at(r, "timing").toString())
        .isEqualTo(
            "{accept_ns=1, receive_ns=0, queue_ns=2, dispatch_ns=3, handler_ns=4, first_byte_ns=5,"
                + " send_ns=6, ack_ns=7, total_ns=8, pause_ns=9}");
    assertThat(at(r, "tcp.rtt_us")).isEqualTo(55L);
    assertThat(at(r, "tcp.retransmits")).isEqualTo(0L);
    assertThat(at(r, "truncated")).isNull();
  }

  @Test
  void whatIsNotKnownIsAbsent() {
    Exchange e = exchange("", "");
    e.seenNs = 0;
    Map<?, ?> r = record(e);
    assertThat(r.keySet().toString())
        .isEqualTo(
            "[schema, timestamp, event, service, process, request_id, outcome, url, sources]");
    assertThat(r.get("url").toString()).isEqualTo("{scheme=http}");
  }

  @Test
  void theSameEncoderGivesTheSameRecordEveryTime() {
    JsonEncoder encoder = new JsonEncoder(settings());
    String first = Records.line(encoder, full());
    for (int i = 0; i < 10; i++) {
      assertThat(Records.line(encoder, full())).isEqualTo(first);
    }
  }

  @Test
  void aRequestLineThatIsNoneGivesNoMethodAndNoPath() {
    for (String garbage :
        List.of(
            "\u0016\u0003\u0001\u0002\u0000\u0001",
            "GET\u0000/x?token=s3cret HTTP/1.1\r\n",
            "?token=s3cret\r\n",
            "G(T /x?token=s3cret HTTP/1.1\r\n\r\n")) {
      Exchange e = exchange(garbage, "HTTP/1.1 400 \r\n\r\n");
      e.outcome = Outcome.REJECTED;
      Map<?, ?> r = record(e);
      assertThat(at(r, "http.request")).isNull();
      assertThat(at(r, "url.path")).isNull();
      assertThat(at(r, "http.response.status_code")).isEqualTo(400L);
      assertThat(r.toString()).doesNotContain("s3cret");
    }
  }

  @Test
  void namesAreFilteredAndTheIdIsTakenAllTheSame() {
    EncoderSettings settings = settings();
    settings.requestHeaders = List.of("!x-*", "*");
    settings.responseHeaders = List.of("content-*");
    JsonEncoder encoder = new JsonEncoder(settings);
    for (int i = 0; i < 4; i++) {
      Map<?, ?> r =
          record(
              encoder,
              exchange(
                  "GET / HTTP/1.1\r\nX-Request-ID: q\r\nHost: h\r\n\r\n",
                  "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Type: t\r\nServer: s\r\n\r\n"));
      assertThat(at(r, "request_id")).isEqualTo("q");
      assertThat(at(r, "http.request.header").toString()).isEqualTo("{host=[h]}");
      assertThat(at(r, "http.response.header").toString()).isEqualTo("{content-type=[t]}");
    }
  }

  @Test
  void theIdIsTheOneTheApplicationSaw() {
    RequestIds ids = settings().requestIds;
    for (String header :
        List.of(
            "X-Request-Id: abc",
            "x-request-id:  ",
            "x-request-id: with blank",
            "x-request-id: a\r\n b",
            "x-request-id : spaced",
            "x-request-id: caf\u00e9",
            "x-request-id: " + "x".repeat(129),
            "x-request-id: 1\r\nx-request-id: 2",
            "x-request-idx: no",
            "y: x-request-id: no",
            "no: id")) {
      Exchange e = request("GET / HTTP/1.1\r\nHost: a\r\n" + header + "\r\nZ: z\r\n\r\n");
      e.idRandom = 0x123456789abcdefL;
      String seen = ids.id(e.requestHead, e.requestHeadLength, e.seenNs, e.idRandom);
      assertThat(at(record(e), "request_id")).as(header).isEqualTo(seen);
    }
  }

  @Test
  void aMadeIdIsAUuidOfVersion7AtTheRequestsTime() {
    java.util.UUID id = java.util.UUID.fromString(settings().requestIds.made(1_999_999, -1));
    assertThat(id.version()).isEqualTo(7);
    assertThat(id.variant()).isEqualTo(2);
    assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(Records.WALL_NS / 1_000_000 + 1);
  }

  @Test
  void textIsUtf8OrElseLatin1() {
    Map<?, ?> r =
        record(
            request(
                "GET /\u00c3\u00a9 HTTP/1.1\r\nA: \u00c3\u00a9\r\nB: \u00e9\r\nC: \u00ed\u00a0\u0080"
                    + "\r\nD: q\"b\\t\tn\u0000e\u007f\r\n\r\n"));
    assertThat(at(r, "url.path")).isEqualTo("/\u00e9");
    assertThat(at(r, "http.request.header.a")).isEqualTo(List.of("\u00e9"));
    assertThat(at(r, "http.request.header.b")).isEqualTo(List.of("\u00e9"));
    assertThat(at(r, "http.request.header.c")).isEqualTo(List.of("\u00ed\u00a0\u0080"));
    assertThat(at(r, "http.request.header.d")).isEqualTo(List.of("q\"b\\t\tn\u0000e\u007f"));
  }

  @Test
  void longValuesAreCutAfterMasking() {
    String jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.s3cretsignature";
    String value = "x".repeat(ValueWriter.VALUE_MAX - 10) + " " + jwt;
    Exchange e =
        request("GET /?q=" + "y".repeat(9000) + " HTTP/1.1\r\nLong: " + value + "\r\n\r\n");
    Map<?, ?> r = record(e);
    assertThat(at(r, "truncated")).isEqualTo(List.of("url.query", "http.request.header.long"));
    assertThat(r.toString()).doesNotContain("eyJ").contains(" [masked]");
    assertThat((String) at(r, "url.query")).hasSize(ValueWriter.VALUE_MAX);
  }

  @Test
  void ofACutHeadTheHalfLineIsLeftOut() {
    Exchange e = request("GET / HTTP/1.1\r\nA: b\r\nC: s3cr");
    e.requestHeadCut = true;
    Map<?, ?> r = record(e);
    assertThat(at(r, "http.request.header").toString()).isEqualTo("{a=[b]}");
    assertThat(at(r, "truncated")).isEqualTo(List.of("http.request.header"));
  }

  @Test
  void tooManyHeadersAreCut() {
    Exchange e = request("GET / HTTP/1.1\r\n" + "a:b\r\n".repeat(5000) + "\r\n");
    Map<?, ?> r = record(e);
    assertThat((List<?>) at(r, "http.request.header.a")).hasSize(4096);
    assertThat(at(r, "truncated")).isEqualTo(List.of("http.request.header"));
  }

  @Test
  void manyDifferentNamesAreForgottenAndStayRight() {
    JsonEncoder encoder = new JsonEncoder(settings());
    for (int round = 0; round < 4; round++) {
      StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\n");
      for (int i = 0; i < 4000; i++) {
        head.append('n').append(round).append('-').append(i % 3999).append(": v\r\n");
      }
      Map<?, ?> r = record(encoder, request(head + "\r\n"));
      assertThat((Map<?, ?>) at(r, "http.request.header")).hasSize(3999);
      assertThat(at(r, "http.request.header.n" + round + "-0")).isEqualTo(List.of("v", "v"));
    }
  }

  @Test
  void theClientsAddressComesThroughTrustedProxiesOnly() {
    String forged = "1.2.3.4, 203.0.113.9:1234, 10.0.0.2";
    assertThat(client("10.0.0.1", "X-Forwarded-For: " + forged)).isEqualTo("203.0.113.9");
    assertThat(client("192.0.2.1", "X-Forwarded-For: " + forged)).isNull();
    assertThat(client("10.0.0.1", "X-Forwarded-For: 1.2.3.4, unknown")).isNull();
    assertThat(client("10.0.0.1", "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8"))
        .isEqualTo("5.6.7.8");
    assertThat(
            client(
                "10.0.0.1",
                "Forwarded: for=\"[2001:DB8::0:17]:4711\";proto=http, For=10.0.0.7;by=\"a,b\""))
        .isEqualTo("2001:db8::17");
    assertThat(client("10.0.0.1", "Forwarded: for=_hidden, for=10.0.0.7")).isNull();
    assertThat(client("10.0.0.1", "Forwarded: for=1.1.1.1\r\nX-Forwarded-For: 5.6.7.8")).isNull();
    assertThat(client("10.0.0.1", "X-Forwarded-For: 10.0.0.9, 10.0.0.8")).isEqualTo("10.0.0.9");
    for (String list : List.of("5.6.7.8,", ",5.6.7.8 , ,\t,10.0.0.9,", "1.2.3.4,,5.6.7.8")) {
      assertThat(client("10.0.0.1", "X-Forwarded-For: " + list)).isEqualTo("5.6.7.8");
    }
    assertThat(client("10.0.0.1", "X-Forwarded-For: 5.6.7.8\r\nX-Forwarded-For: ,"))
        .isEqualTo("5.6.7.8");
    assertThat(client("10.0.0.1", "X-Forwarded-For: 1.2.3.4,\"\"")).isNull();
    assertThat(client("10.0.0.1", "Host: a")).isNull();
    assertThat(client("10.0.0.1", "X-Forwarded-For: 1.2.3.4\r\n".repeat(64) + "A: b"))
        .isEqualTo("1.2.3.4");
    assertThat(client("10.0.0.1", "X-Forwarded-For: 1.2.3.4\r\n".repeat(65) + "A: b")).isNull();
  }

  private static Object client(String peer, String headers) {
    EncoderSettings settings = settings();
    settings.trustedProxies =
        TrustedProxies.parse(List.of("10.0.0.0/8", "fd00::/8"), problem -> {});
    Exchange e = request("GET / HTTP/1.1\r\n" + headers + "\r\n\r\n");
    e.addressed = true;
    remote(e, peer);
    return at(record(new JsonEncoder(settings), e), "client.address");
  }

  @Test
  void addressesAreCutWhenAsked() {
    EncoderSettings settings = settings();
    settings.maskIp = true;
    settings.trustedProxies = TrustedProxies.parse(List.of("2001:db8::/32"), problem -> {});
    Exchange e = request("GET / HTTP/1.1\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n");
    e.addressed = true;
    remote(e, "2001:db8:1:2:3::4");
    local(e, "192.0.2.9");
    Map<?, ?> r = record(new JsonEncoder(settings), e);
    assertThat(at(r, "network.peer.address")).isEqualTo("2001:db8:1::");
    assertThat(at(r, "network.local.address")).isEqualTo("192.0.2.9");
    assertThat(at(r, "client.address")).isEqualTo("198.51.100.0");
    assertThat(r.toString()).doesNotContain("198.51.100.7");
  }

  @Test
  void theSessionIsTheSameFromCookieAndSetCookie() {
    Object first =
        at(record(request("GET / HTTP/1.1\r\nCookie: a=b; SESSION=\"x1\"\r\n\r\n")), "session.id");
    Object second =
        at(
            record(
                exchange(
                    "GET / HTTP/1.1\r\n\r\n",
                    String.join(
                        "\r\n",
                        "HTTP/1.1 200 OK",
                        "Set-Cookie: z=y; SESSION=no",
                        "Set-Cookie: SESSION=x1; Path=/",
                        "",
                        ""))),
            "session.id");
    assertThat(first).isNotNull().isEqualTo(second);
    assertThat(at(record(request("GET / HTTP/1.1\r\nCookie: NOSESSION=1\r\n\r\n")), "session"))
        .isNull();
  }

  @Test
  void anErrorsTextBringsNothingOfTheRequest() {
    Exchange e = request("GET / HTTP/1.1\r\n\r\n");
    e.errorType = "The HTTP header line [X-Api-Key : s3cret] does not conform";
    assertThat(at(record(e), "error.type")).isEqualTo("The HTTP header line");
  }

  @Test
  void badTraceParentsAreLeftOut() {
    String good = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";
    for (String bad :
        List.of(
            "ff-" + good + "-01",
            "00-" + good + "-01-x",
            "00-" + good.toUpperCase(java.util.Locale.ROOT) + "-01",
            "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01",
            "00-" + good,
            "00-" + good + "-01\r\ntraceparent: 00-" + good + "-01")) {
      Map<?, ?> r = record(request("GET / HTTP/1.1\r\ntraceparent: " + bad + "\r\n\r\n"));
      assertThat(r.get("trace_id")).as(bad).isNull();
      assertThat(r.get("span_id")).as(bad).isNull();
    }
    assertThat(
            record(request("GET / HTTP/1.1\r\ntraceparent: 01-" + good + "-01-x\r\n\r\n"))
                .get("trace_id"))
        .isNotNull();
  }

  @Test
  void encodingAllocatesNothingOnceWarm() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    JsonEncoder encoder = new JsonEncoder(settings());
    Heads heads = new Heads();
    Utf8Buffer out = new Utf8Buffer(64 * 1024);
    Exchange e = EncoderBench.exchange();
    long allocated = 0;
    long id = Thread.currentThread().getId();
    int records = 1000;
    for (int round = 0; round < 20; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < records; i++) {
        EncoderBench.vary(e, round * records + i);
        out.clear();
        heads.read(e);
        encoder.encode(e, heads, Records.WALL_NS + i * 1_000_000L, out);
      }
      allocated = threads.getThreadAllocatedBytes(id) - before;
      if (allocated == 0) {
        break;
      }
    }
    assertThat(allocated / records).isZero();
  }
}

package io.hdrlog.core.wire;

import static io.hdrlog.core.wire.Seen.requestHead;
import static io.hdrlog.core.wire.Seen.requestTrailer;
import static io.hdrlog.core.wire.Seen.responseHead;
import static io.hdrlog.core.wire.Seen.responseTrailer;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Http1Test {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: x\r\nA: 1\r\na:2\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nB: 1\r\n\r\n";

  @Test
  void aRequestAndItsResponseAreOneExchange() {
    Exchange x = new Talk().received(GET).sent(OK + "hello").always().only();
    assertThat(requestHead(x)).isEqualTo(GET);
    assertThat(responseHead(x)).isEqualTo(OK);
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.entry).isEqualTo(Exchange.Entry.WIRE);
    assertThat(x.sources).isEqualTo(Exchange.FROM_WIRE);
    assertThat(x.connectionRequest).isEqualTo(1);
    assertThat(x.rxStart).isZero();
    assertThat(x.rxHeadEnd).isEqualTo(GET.length());
    assertThat(x.rxEnd).isEqualTo(GET.length());
    assertThat(x.txStart).isZero();
    assertThat(x.txEnd).isEqualTo(OK.length() + 5);
    assertThat(x.rxFloor).isEqualTo(x.rxEnd);
    assertThat(x.txFloor).isEqualTo(x.txEnd);
    assertThat(x.requestBodyBytes).isZero();
    assertThat(x.responseBodyBytes).isEqualTo(5);
    assertThat(x.requestBytes).isEqualTo(GET.length());
    assertThat(x.responseBytes).isEqualTo(OK.length() + 5);
    assertThat(x.seenNs).isEqualTo(1000);
    assertThat(x.headNs).isEqualTo(1000);
    assertThat(x.responseNs).isEqualTo(2000);
    assertThat(x.endNs).isEqualTo(2000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000 80\r\n",
        "\r\n\r\n\0\r\nQUIT\n \0\0\u0002ab"
      })
  void whatABalancerPutsInFrontIsNoPartOfTheFirstRequest(String header) {
    for (Talk talk :
        List.of(
            new Talk().received(header + GET).sent(OK + "hello"),
            new Talk().received(header).received(GET).sent(OK + "hello"))) {
      Exchange x = talk.whole().only();
      assertThat(requestHead(x)).isEqualTo(GET);
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(x.rxStart).isEqualTo(header.length());
      assertThat(x.rxEnd).isEqualTo(header.length() + GET.length());
      assertThat(x.requestBytes).isEqualTo(GET.length());
      assertThat(x.connectionRequest).isEqualTo(1);
    }
  }

  @Test
  void keptAliveAndPipelinedRequestsGetTheirResponsesInOrder() {
    Seen seen =
        new Talk()
            .received(
                GET + "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\r\n\n" + GET)
            .sent(OK + "12345" + "HTTP/1.1 204 No\r\n\r\n" + OK + "12345")
            .received("HEAD /h HTTP/1.0\nHost: x\n\n")
            .sent("HTTP/1.0 200\nContent-Length: 99\n\n")
            .received(GET)
            .sent(OK + "12345")
            .always();
    assertThat(seen.all()).hasSize(5);
    assertThat(seen.get(1).requestBodyBytes).isEqualTo(3);
    assertThat(responseHead(seen.get(1))).startsWith("HTTP/1.1 204");
    assertThat(seen.get(2).rxStart).isEqualTo(seen.get(1).rxEnd + 3);
    assertThat(seen.get(3).responseBodyBytes).isZero();
    assertThat(seen.get(4).connectionRequest).isEqualTo(5);
    assertThat(seen.all()).allMatch(x -> x.outcome == Outcome.COMPLETE);
  }

  @Test
  void aBodyThatHeadShouldNotHaveIsPassedOver() {
    for (String body : new String[] {"No such page, sorry", "HTML", "\r\nH", "H", "HTTP-"}) {
      String head = "HTTP/1.1 404 Not Found\r\nContent-Length: " + body.length() + "\r\n\r\n";
      Seen seen =
          new Talk()
              .received("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n")
              .sent(head + body)
              .received(GET)
              .sent(OK + "12345")
              .always();
      assertThat(seen.all()).as(body).hasSize(2);
      assertThat(seen.get(0).responseBodyBytes).isZero();
      assertThat(seen.get(0).responseBytes).isEqualTo(head.length());
      assertThat(seen.get(1).connectionRequest).isEqualTo(2);
      assertThat(seen.get(1).txStart).isEqualTo(head.length() + body.length());
      assertThat(seen.all()).allMatch(x -> x.outcome == Outcome.COMPLETE);
    }
  }

  @Test
  void aBodyThatHeadShouldNotHaveMayComeAfterTheNextRequestOrUnseen() {
    String head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    Seen seen =
        new Talk()
            .received("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
            .sent(head)
            .sent("0")
            .sentGap(9)
            .sent(OK + "12345")
            .always();
    assertThat(seen.all()).hasSize(2);
    assertThat(responseHead(seen.get(1))).isEqualTo(OK);
    assertThat(seen.get(1).txStart).isEqualTo(head.length() + 10);
    assertThat(seen.all()).allMatch(x -> x.outcome == Outcome.COMPLETE);
  }

  /** The next response is found where a call that writes begins with it, as nearly all do. */
  @Test
  void ofABodyThatHeadShouldNotHaveLessMayComeThanWasPromised() {
    Seen seen =
        new Talk()
            .received("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n")
            .sent("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + "some of it")
            .received(GET)
            .sent(OK + "12345")
            .received(GET)
            .sent(OK + "12345")
            .whole();
    assertThat(seen.all()).hasSize(3);
    assertThat(seen.all()).allMatch(x -> x.outcome == Outcome.COMPLETE);
  }

  @Test
  void requestsBehindAResponseThatCannotBeReadHaveTheirRecords() {
    Seen seen =
        new Talk()
            .received(GET)
            .sent(OK + "12345" + "and more")
            .received(GET)
            .sent(OK + "12345")
            .received("POST /p HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + GET)
            .sent(OK + "12345")
            .received("GET /unfinished HTTP/1.1\r\n")
            .always();
    assertThat(seen.all()).hasSize(5);
    assertThat(seen.get(0).outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(seen.all().subList(1, 5))
        .allMatch(x -> x.outcome == Outcome.ERROR && "malformed_response".equals(x.errorType));
    assertThat(seen.get(2).requestBodyBytes).isEqualTo(3);
    assertThat(seen.get(4).connectionRequest).isEqualTo(5);
  }

  @Test
  void whereNeitherSideSpeaksHttpAnyMoreThereAreNoRequests() {
    Seen seen =
        new Talk()
            .received(GET)
            .sent(OK + "12345" + "and more")
            .received("hello\r\n\r\n" + GET)
            .always();
    assertThat(seen.all()).hasSize(1);
    assertThat(seen.losses()).isZero();
  }

  @Test
  void chunksAreUnframedAndTrailersKept() {
    Exchange x =
        new Talk()
            .received(
                String.join(
                    "",
                    "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n",
                    "5;a=\"b;c\"\r\nhello\r\n0a \r\n0123456789\r\n000\r\nT1: a\r\nT2:  b\r\n\r\n"))
            .sent(
                String.join(
                    "",
                    "HTTP/1.1 200 OK\r\ntransfer-encoding:\r\n chunked\r\n\r\n",
                    "3\nabc\n0\nGrpc-Status: 0\n\n"))
            .always()
            .only();
    assertThat(x.requestBodyBytes).isEqualTo(15);
    assertThat(x.responseBodyBytes).isEqualTo(3);
    assertThat(requestTrailer(x)).isEqualTo("T1: a\r\nT2:  b\r\n");
    assertThat(responseTrailer(x)).isEqualTo("Grpc-Status: 0\n");
    assertThat(x.requestBytes).isEqualTo(x.rxEnd);
    assertThat(x.responseBytes).isEqualTo(x.txEnd);
  }

  @Test
  void interimResponsesAreListedAndNotTheResponse() {
    Exchange x =
        new Talk()
            .received(
                "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            .sent("HTTP/1.1 100 Continue\r\n\r\n")
            .received("ab")
            .sent("HTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + OK + "12345")
            .always()
            .only();
    assertThat(x.informationalCount()).isEqualTo(2);
    assertThat(x.informational(0)).isEqualTo(100);
    assertThat(x.informational(1)).isEqualTo(103);
    assertThat(responseHead(x)).isEqualTo(OK);
    assertThat(x.txStart).isEqualTo(25 + 31);
    assertThat(x.responseNs).isEqualTo(4000);
  }

  @Test
  void aResponseBeforeTheEndOfTheRequestIsItsResponse() {
    String request = "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n";
    String answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
    Exchange x =
        new Talk()
            .received(request + "ab")
            .sent(answer)
            .closed(Closing.CLOSED_BY_US)
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.requestBodyBytes).isEqualTo(2);
    assertThat(x.requestBytes).isEqualTo(request.length() + 2);
    Seen seen =
        new Talk()
            .received(request + "ab")
            .sent(answer)
            .received("cdefghi" + GET)
            .sent(OK + "12345")
            .always();
    assertThat(seen.all()).hasSize(2);
    assertThat(seen.get(0).requestBodyBytes).isEqualTo(9);
  }

  @Test
  void aBodyWithoutLengthEndsWithTheConnection() {
    Talk talk = new Talk().received(GET).sent("HTTP/1.1 200 OK\r\n\r\nanything");
    Exchange x = talk.closed(Closing.CLOSED_BY_US).always().only();
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.responseBodyBytes).isEqualTo(8);
    assertThat(talk.closed(Closing.RESET_BY_PEER).always().only().outcome)
        .isEqualTo(Outcome.CLIENT_RESET);
  }

  @Test
  void whoeverEndsTheConnectionTooEarlyIsNamed() {
    Talk noResponse = new Talk().received(GET);
    assertThat(noResponse.closed(Closing.RESET_BY_PEER).always().only().outcome)
        .isEqualTo(Outcome.CLIENT_RESET);
    Exchange x = noResponse.closed(Closing.CLOSED_BY_US).always().only();
    assertThat(x.outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(x.errorType).isEqualTo("no_response");
    Talk half = new Talk().received(GET).sent(OK + "12");
    assertThat(half.closed(Closing.END).always().only().outcome).isEqualTo(Outcome.CLIENT_RESET);
    x = half.closed(Closing.CLOSED_BY_US).always().only();
    assertThat(x.outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(x.responseBodyBytes).isEqualTo(2);
    x = new Talk().received("POST / HTTP/1.1\r\nAuthorization: half").always().only();
    assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
    assertThat(requestHead(x)).isEqualTo("POST / HTTP/1.1\r\n");
    assertThat(x.headNs).isEqualTo(Timing.ABSENT);
  }

  @Test
  void aResponseOfFiveLettersEndsBehindThem() {
    Exchange x = new Talk().received(GET).sent("\rHTTP/").always().only();
    assertThat(x.txStart).isEqualTo(1);
    assertThat(x.txEnd).isEqualTo(6);
    assertThat(x.responseHeadLength).isZero();
  }

  @Test
  void upgradesAndTunnelsEndTheReading() {
    String upgrade =
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    String switching = "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n";
    Exchange x =
        new Talk()
            .received(upgrade)
            .sent(switching + GET + OK)
            .received(GET + "\0\1\2")
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.UPGRADED);
    assertThat(responseHead(x)).isEqualTo(switching);
    Talk connect = new Talk().received("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n");
    assertThat(
            connect.sent("HTTP/1.1 200 OK\r\n\r\n").received(GET).sent(OK).always().only().outcome)
        .isEqualTo(Outcome.UPGRADED);
    Seen refused =
        new Talk()
            .received("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n")
            .sent("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
            .received(GET)
            .sent(OK + "12345")
            .always();
    assertThat(refused.all()).hasSize(2);
  }

  @Test
  void malformedRequestsThatAreRefusedAreRejected() {
    String no = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    for (String bad :
        new String[] {
          "GET\r\n\r\n",
          "GET / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nb c: d\r\n\r\n",
          "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /a\1 HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n",
          "GET / HTTP/3.7\r\nHost: a\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "\0\1\2\3 what\r\n",
          "GET /old\r\n",
        }) {
      Exchange x = new Talk().received(bad).sent(no).closed(Closing.CLOSED_BY_US).always().only();
      assertThat(x.outcome).as(bad).isEqualTo(Outcome.REJECTED);
      assertThat(responseHead(x)).isEqualTo(no);
    }
    Exchange x = new Talk().received(GET).sent(no).always().only();
    assertThat(x.outcome).as("well formed").isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void zeroNineHasABodyAlone() {
    Exchange x = new Talk().received("GET /old\r\n").sent("<html>").always().only();
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(requestHead(x)).isEqualTo("GET /old\r\n");
    assertThat(x.responseHeadLength).isZero();
    assertThat(x.responseBodyBytes).isEqualTo(6);
  }

  @Test
  void otherProtocolsGiveNothing() {
    assertThat(new Talk().received("\0\0\0\1\2\3").sent("\0\0").always().all()).isEmpty();
    assertThat(new Talk().received("\u0016\u0003\u0001\0\5hello").always().all()).isEmpty();
    assertThat(new Talk().received("*1\r\n$4\r\nPING\r\n").sent("+PONG\r\n").always().all())
        .isEmpty();
    assertThat(new Talk().received("\r\n\r\n").always().all()).isEmpty();
    assertThat(new Talk().sent("220 mail ready\r\n").received("EHLO x\r\n").always().all())
        .isEmpty();
    WireSession session = new WireSession(new Seen(), new Counters());
    session.sent(Talk.bytes("220 x"), 0, 5, 0, 5, 1);
    assertThat(session.receiveSkip()).isEqualTo(Long.MAX_VALUE);
    assertThat(session.sendSkip()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aResponseThatNobodyAskedForIsPassedOver() {
    Seen seen =
        new Talk()
            .received(GET)
            .sent(OK + "12345" + "HTTP/1.1 408 Idle\r\nContent-Length: 2\r\n\r\nno")
            .received(GET)
            .sent(OK + "12345")
            .always();
    assertThat(seen.all()).hasSize(2);
    assertThat(responseHead(seen.get(1))).isEqualTo(OK);
  }

  @Test
  void aStalledRequestThatIsAnsweredWith408TimedOut() {
    Exchange x =
        new Talk()
            .received("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
            .sent("HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n")
            .closed(Closing.CLOSED_BY_US)
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.TIMEOUT);
  }

  @Test
  void aHeadBehindTheLimitIsCutAndStillFramed() {
    String filler = ("X-Filler: " + "y".repeat(1014) + "\r\n").repeat(66);
    String request =
        "POST / HTTP/1.1\r\nHost: x\r\n" + filler + "Content-Length: 3\r\nLast: 1\r\n\r\n";
    Exchange x = new Talk().received(request + "abc").sent(OK + "12345").whole().only();
    assertThat(x.requestHeadLength).isEqualTo(Exchange.HEAD_BYTES_MAX);
    assertThat(x.requestHeadCut).isTrue();
    assertThat(x.requestBodyBytes).isEqualTo(3);
    assertThat(x.requestBytes).isEqualTo(request.length() + 3);
    Talk talk =
        new Talk()
            .received(request + "abc" + GET)
            .sent(
                "HTTP/1.1 200 OK\r\n"
                    + filler
                    + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
                    + OK);
    String whole = talk.whole().text();
    for (int size : new int[] {1, 7, 1000, 1024, 65_535, 65_536, 65_537}) {
      assertThat(talk.replay((step, at, left) -> Math.min(size, left)).text()).isEqualTo(whole);
    }
  }

  @Test
  void gapsInsideBodiesOfKnownLengthCostNothing() {
    Exchange x =
        new Talk()
            .received("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nab")
            .receivedGap(990)
            .received("12345678")
            .sent("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n")
            .sentGap(256)
            .sent("\r\n0\r\n\r\n")
            .always()
            .only();
    assertThat(x.requestBodyBytes).isEqualTo(1000);
    assertThat(x.responseBodyBytes).isEqualTo(256);
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    x =
        new Talk()
            .received("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
            .receivedGap(10)
            .sent("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
            .sentGap(7)
            .always()
            .only();
    assertThat(x.rxEnd).isEqualTo(x.rxHeadEnd + 10);
    assertThat(x.responseBytes).isEqualTo(x.txEnd);
  }

  @Test
  void afterAGapTheNextRecognisableRequestIsRead() {
    Seen seen =
        new Talk()
            .received(GET)
            .sent(OK + "12345")
            .received("GET /lost HTTP/1.1\r\nHos")
            .receivedGap(10)
            .received("rest of the lost one\r\n\r\n")
            .sent(OK + "12345")
            .received(GET)
            .sent(OK + "12345")
            .whole();
    assertThat(seen.all()).hasSize(2);
    assertThat(seen.losses()).isEqualTo(1);
    assertThat(seen.get(1).connectionRequest).isZero();
    seen =
        new Talk()
            .received(GET)
            .sent("HTTP/1.1 20")
            .sentGap(10)
            .sent("anything")
            .received(GET)
            .sent(OK + "12345")
            .whole();
    assertThat(seen.all()).hasSize(1);
    assertThat(seen.losses()).isEqualTo(1);
    assertThat(seen.only().seenNs).isEqualTo(5000);
  }

  @Test
  void aConnectionJoinedInTheMiddleStartsAtARequest() {
    Seen seen =
        Talk.joinedInTheMiddle()
            .sent("rest of a body")
            .received("half a request\r\n\r\n")
            .sent("more")
            .received(GET)
            .sent(OK + "12345")
            .whole();
    Exchange x = seen.only();
    assertThat(x.connectionRequest).isZero();
    assertThat(requestHead(x)).isEqualTo(GET);
    assertThat(responseHead(x)).isEqualTo(OK);
  }

  @Test
  void underTlsPositionsAreThoseOfTheRecords() {
    Seen seen = new Seen();
    WireSession session = new WireSession(seen, new Counters());
    byte[] get = Talk.bytes(GET);
    byte[] ok = Talk.bytes(OK + "12345");
    session.received(get, 0, 10, 500, 540, 1);
    session.received(get, 10, get.length - 10, 540, 700, 2);
    session.sent(ok, 0, ok.length, 900, 1000, 3);
    Exchange x = seen.only();
    assertThat(x.rxStart).isEqualTo(500);
    assertThat(x.rxHeadEnd).isEqualTo(700);
    assertThat(x.rxEnd).isEqualTo(700);
    assertThat(x.txStart).isEqualTo(900);
    assertThat(x.txEnd).isEqualTo(1000);
    assertThat(x.requestBytes).isEqualTo(get.length);
  }

  @Test
  void bytesThatAreNotNeededAreTold() {
    WireSession session = new WireSession(new Seen(), new Counters());
    byte[] put = Talk.bytes("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nab");
    session.received(put, 0, put.length, 0, put.length, 1);
    assertThat(session.receiveSkip()).isEqualTo(98);
    byte[] ok = Talk.bytes("HTTP/1.1 200 OK\r\n\r\n");
    session.sent(ok, 0, ok.length, 0, ok.length, 1);
    assertThat(session.sendSkip()).isEqualTo(Long.MAX_VALUE - 1);
    session.closed(Closing.END, 2);
    assertThat(session.receiveSkip()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void moreRequestsThanAreKeptAreCounted() {
    Seen seen = new Talk().received(GET.repeat(PendingRequests.COUNT_MAX + 1)).whole();
    assertThat(seen.all()).isEmpty();
    assertThat(seen.losses()).isEqualTo(PendingRequests.COUNT_MAX + 1);
  }

  @Test
  void aKeptAliveExchangeAllocatesNothing() {
    Exchange x = new Exchange();
    WireExchanges out =
        new WireExchanges() {
          @Override
          public Exchange claim() {
            x.clear();
            return x;
          }

          @Override
          public void abandon(Exchange exchange) {}

          @Override
          public void finished(Exchange exchange) {}
        };
    WireSession session = new WireSession(out, new Counters());
    byte[] get = Talk.bytes(GET);
    byte[] ok = Talk.bytes(OK + "12345");
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    // What the JVM allocates for itself while it warms up is not the session's.
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        session.received(get, 0, get.length, 0, get.length, 1);
        session.sent(ok, 0, ok.length, 0, ok.length, 2);
      }
      least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
    }
    assertThat(least).isLessThan(1000);
  }
}

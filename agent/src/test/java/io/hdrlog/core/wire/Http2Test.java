package io.hdrlog.core.wire;

import static io.hdrlog.core.wire.Seen.requestHead;
import static io.hdrlog.core.wire.Seen.requestTrailer;
import static io.hdrlog.core.wire.Seen.responseHead;
import static io.hdrlog.core.wire.Seen.responseTrailer;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.health.Counters;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class Http2Test {
  private final Frames client = new Frames();
  private final Frames server = new Frames();

  private Talk begun() {
    return new Talk()
        .received(Frames.PREFACE, Frames.settings(3, 100))
        .sent(Frames.settings(), Frames.settingsAck())
        .received(Frames.settingsAck());
  }

  @Test
  void aStreamIsAnExchange() {
    byte[] get = client.get(1, "/a?b=c", "x-a", "1", "x-a", "2");
    byte[] answer = server.headers(1, false, ":status", "200", "x-b", "3");
    int before = Frames.PREFACE.length + 15 + 9;
    Exchange x = begun().received(get).sent(answer, Frames.data(1, true, 5)).always().only();
    assertThat(requestHead(x))
        .isEqualTo("GET /a?b=c HTTP/2\r\n:authority: example.org\r\nx-a: 1\r\nx-a: 2\r\n\r\n");
    assertThat(responseHead(x)).isEqualTo("HTTP/2 200 \r\nx-b: 3\r\n\r\n");
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.protocolVersion).isEqualTo("2");
    assertThat(x.connectionRequest).isEqualTo(1);
    assertThat(x.connectionStream).isEqualTo(1);
    assertThat(x.rxStart).isEqualTo(before);
    assertThat(x.rxHeadEnd).isEqualTo(before + get.length);
    assertThat(x.rxEnd).isEqualTo(before + get.length);
    assertThat(x.txStart).isEqualTo(18);
    assertThat(x.txEnd).isEqualTo(18 + answer.length + 14);
    assertThat(x.requestBytes).isEqualTo(get.length);
    assertThat(x.responseBytes).isEqualTo(answer.length + 14);
    assertThat(x.requestBodyBytes).isZero();
    assertThat(x.responseBodyBytes).isEqualTo(5);
    assertThat(x.rxFloor).isEqualTo(x.rxEnd);
    assertThat(x.txFloor).isEqualTo(x.txEnd);
  }

  @Test
  void streamsInterleaveAndFinishInAnyOrder() {
    Seen seen =
        begun()
            .received(
                client.get(1, "/1"),
                client.post(3, "/3"),
                Frames.data(3, false, 10),
                client.get(5, "/5"))
            .sent(
                server.headers(5, true, ":status", "204"),
                server.headers(1, false, ":status", "200"),
                Frames.data(1, false, 3))
            .received(Frames.data(3, true, 7))
            .sent(server.headers(3, true, ":status", "201"), Frames.data(1, true, 4))
            .always();
    assertThat(seen.all()).extracting(x -> x.connectionStream).containsExactly(5L, 3L, 1L);
    assertThat(seen.get(1).requestBodyBytes).isEqualTo(17);
    assertThat(seen.get(1).connectionRequest).isEqualTo(2);
    assertThat(seen.get(2).responseBodyBytes).isEqualTo(7);
    // Stream 1 is still open when 5 is finished, so its bytes are still of interest.
    assertThat(seen.get(0).rxFloor).isEqualTo(seen.get(2).rxStart);
    assertThat(seen.get(1).txFloor).isEqualTo(seen.get(2).txStart);
  }

  @Test
  void paddingPriorityAndContinuationAreUnwrapped() {
    byte[] padded =
        Frames.frame(0, Frames.PADDED | Frames.END_STREAM, 1, new byte[] {3, 1, 2, 0, 0, 0});
    Exchange x =
        begun()
            .received(
                client.scattered(
                    1, false, 9, ":method", "PUT", ":scheme", "http", ":path", "/p", "a", "b"),
                padded)
            .sent(server.scattered(1, true, 0, ":status", "404", "long", "z".repeat(300)))
            .always()
            .only();
    assertThat(requestHead(x)).isEqualTo("PUT /p HTTP/2\r\na: b\r\n\r\n");
    assertThat(x.requestBodyBytes).isEqualTo(2);
    assertThat(responseHead(x)).contains("z".repeat(300));
  }

  @Test
  void trailersOfGrpcAreKept() {
    Exchange x =
        begun()
            .received(
                client.post(1, "/p.S/M", "content-type", "application/grpc", "te", "trailers"),
                Frames.data(1, true, 20))
            .sent(
                server.headers(1, false, ":status", "200", "content-type", "application/grpc"),
                Frames.data(1, false, 30),
                server.headers(1, true, "grpc-status", "0", "grpc-message", "ok"))
            .always()
            .only();
    assertThat(responseTrailer(x)).isEqualTo("grpc-status: 0\r\ngrpc-message: ok\r\n");
    assertThat(x.responseBodyBytes).isEqualTo(30);
    Exchange only =
        begun()
            .received(
                new Frames().post(1, "/p.S/M"),
                Frames.data(1, false, 1),
                new Frames().headers(1, true, "checksum", "7"))
            .sent(new Frames().headers(1, true, ":status", "200", "grpc-status", "12"))
            .always()
            .only();
    assertThat(responseHead(only)).isEqualTo("HTTP/2 200 \r\ngrpc-status: 12\r\n\r\n");
    assertThat(requestTrailer(only)).isEqualTo("checksum: 7\r\n");
    assertThat(only.outcome).isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void interimResponsesAreListed() {
    Exchange x =
        begun()
            .received(client.get(1, "/"))
            .sent(
                server.headers(1, false, ":status", "103", "link", "x"),
                server.headers(1, true, ":status", "200"))
            .always()
            .only();
    assertThat(x.informational(0)).isEqualTo(103);
    assertThat(responseHead(x)).isEqualTo("HTTP/2 200 \r\n\r\n");
  }

  @Test
  void resetsNameTheirSideAndReason() {
    Seen seen =
        begun()
            .received(client.get(1, "/1"), client.post(3, "/3"), client.post(5, "/5"))
            .received(Frames.reset(1, 8))
            .sent(
                server.headers(3, false, ":status", "200"),
                Frames.reset(3, 2),
                server.headers(5, true, ":status", "413"),
                Frames.reset(5, 0))
            .always();
    assertThat(seen.all())
        .extracting(x -> x.outcome)
        .containsExactly(Outcome.CLIENT_RESET, Outcome.SERVER_RESET, Outcome.COMPLETE);
    assertThat(seen.all())
        .extracting(x -> x.errorType)
        .containsExactly("cancel", "internal_error", null);
  }

  @Test
  void whatComesBehindGoAwayIsRefusedUnlessItIsAnswered() {
    Seen seen =
        begun()
            .received(client.get(1, "/1"))
            .sent(Frames.goAway(1, 0))
            .received(client.get(3, "/3"), client.get(5, "/5"))
            .sent(server.headers(3, true, ":status", "200"))
            .sent(server.headers(1, true, ":status", "200"))
            .closed(Closing.END)
            .always();
    assertThat(seen.get(0).connectionStream).isEqualTo(3);
    assertThat(seen.get(0).outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(seen.get(1).connectionStream).isEqualTo(1);
    assertThat(seen.get(1).outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(seen.get(2).connectionStream).isEqualTo(5);
    assertThat(seen.get(2).outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(seen.get(2).errorType).isEqualTo("refused_stream");
  }

  @Test
  void goAwayEndsWhatTheServerDidNotTouch() {
    Seen seen =
        begun()
            .received(client.get(1, "/1"), client.get(3, "/3"))
            .sent(Frames.goAway(1, 0), server.headers(1, true, ":status", "200"))
            .closed(Closing.CLOSED_BY_US)
            .always();
    assertThat(seen.get(0).connectionStream).isEqualTo(3);
    assertThat(seen.get(0).outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(seen.get(0).errorType).isEqualTo("refused_stream");
    assertThat(seen.get(1).outcome).isEqualTo(Outcome.COMPLETE);
    Exchange x =
        begun()
            .received(new Frames().get(1, "/1"))
            .sent(Frames.goAway(1, 11))
            .closed(Closing.CLOSED_BY_US)
            .always()
            .only();
    assertThat(x.errorType).isEqualTo("enhance_your_calm");
  }

  @Test
  void malformedRequestsThatAreRefusedAreRejected() {
    Exchange x =
        begun()
            .received(client.headers(1, true, ":method", "GET", ":path", "/", "Upper", "a\r\nb: c"))
            .sent(server.headers(1, true, ":status", "400"))
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
    assertThat(requestHead(x)).isEqualTo("GET / HTTP/2\r\nUpper: a??b: c\r\n\r\n");
  }

  @Test
  void tableSizesOfBothSidesAreFollowed() {
    byte[] update = client.tableSize(0);
    byte[] more = client.tableSize(8192);
    byte[] first =
        Talk.join(
            update,
            more,
            client.block(":method", "GET", ":scheme", "http", ":path", "/", "a", "b".repeat(5000)));
    byte[] second =
        client.block(":method", "GET", ":scheme", "http", ":path", "/", "a", "b".repeat(5000));
    assertThat(second.length).isLessThan(50);
    Seen seen =
        new Talk()
            .received(Frames.PREFACE, Frames.settings())
            .sent(Frames.settings(3, 1, 1, 8192))
            .received(
                Frames.settingsAck(), Frames.frame(1, 5, 1, first), Frames.frame(1, 5, 3, second))
            .sent(
                server.headers(1, true, ":status", "200"),
                server.headers(3, true, ":status", "200"))
            .whole();
    assertThat(seen.all()).hasSize(2);
    assertThat(requestHead(seen.get(1))).contains("b".repeat(5000));
  }

  @Test
  void anUpgradedRequestIsAnsweredOnStreamOne() {
    String upgrade =
        String.join(
            "\r\n",
            "GET /up HTTP/1.1",
            "Host: x",
            "Connection: Upgrade, HTTP2-Settings",
            "Upgrade: h2c",
            "HTTP2-Settings: AAMAAABk",
            "",
            "");
    Seen seen =
        new Talk()
            .received(upgrade)
            .sent(
                Talk.bytes("HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
                Frames.settings(),
                server.headers(1, false, ":status", "200"),
                Frames.data(1, true, 4))
            .received(Frames.PREFACE, Frames.settings(), client.get(3, "/next"))
            .sent(server.headers(3, true, ":status", "200"))
            .always();
    assertThat(seen.all()).hasSize(2);
    Exchange x = seen.get(0);
    assertThat(requestHead(x)).isEqualTo(upgrade);
    assertThat(responseHead(x)).isEqualTo("HTTP/2 200 \r\n\r\n");
    assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(x.connectionStream).isEqualTo(1);
    assertThat(x.requestBytes).isEqualTo(upgrade.length());
    assertThat(seen.get(1).connectionRequest).isEqualTo(2);
  }

  @Test
  void whatAClientWroteThatDidNotWaitForTheUpgradeIsLeftOut() {
    Seen seen =
        new Talk()
            .received("GET / HTTP/1.1\r\nUpgrade: h2c\r\n\r\nGET /half HTTP/1.1\r\nHos")
            .sent("HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n")
            .received("t: x\r\n\r\n")
            .sent(Frames.settings(), server.headers(1, true, ":status", "200"))
            .always();
    assertThat(seen.all()).isEmpty();
    assertThat(seen.losses()).isEqualTo(1);
  }

  @Test
  void aServerThatSpeaksFirstIsUnderstood() {
    Exchange x =
        new Talk()
            .sent(Frames.settings(3, 1))
            .received(Frames.PREFACE, Frames.settings(), client.get(1, "/"))
            .sent(server.headers(1, true, ":status", "200"))
            .always()
            .only();
    assertThat(x.connectionStream).isEqualTo(1);
  }

  @Test
  void aPrefaceThatHttp1AnswersIsARejectedRequest() {
    Exchange x =
        new Talk()
            .received(Frames.PREFACE, Frames.settings(), client.get(1, "/"))
            .sent("HTTP/1.1 505 No\r\nContent-Length: 2\r\n\r\nno")
            .closed(Closing.CLOSED_BY_US)
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
    assertThat(requestHead(x)).isEqualTo("PRI * HTTP/2.0\r\n\r\n");
  }

  @Test
  void pushedStreamsAreReadForTheTablesSakeOnly() {
    byte[] promise =
        Talk.join(
            ByteBuffer.allocate(4).putInt(2).array(),
            server.block(":method", "GET", ":path", "/pushed", "x", "y"));
    Exchange x =
        begun()
            .received(client.get(1, "/"))
            .sent(
                Frames.frame(5, Frames.END_HEADERS, 1, promise),
                server.headers(2, true, ":status", "200", "x", "y"),
                server.headers(1, true, ":status", "200", "x", "y"))
            .always()
            .only();
    assertThat(responseHead(x)).isEqualTo("HTTP/2 200 \r\nx: y\r\n\r\n");
  }

  @Test
  void extendedConnectAndTunnelsAreUpgrades() {
    Exchange x =
        begun()
            .received(client.headers(1, false, ":method", "CONNECT", ":authority", "h:1"))
            .sent(server.headers(1, false, ":status", "200"), Frames.data(1, false, 9))
            .always()
            .only();
    assertThat(x.outcome).isEqualTo(Outcome.UPGRADED);
    assertThat(requestHead(x)).startsWith("CONNECT h:1 HTTP/2\r\n");
  }

  @Test
  void gapsInDataCostNothingAndOthersAreCounted() {
    Exchange x =
        begun()
            .received(client.post(1, "/"), Frames.frame(0, 1, 1, new byte[0]))
            .sent(
                server.headers(1, false, ":status", "200"), new byte[] {0, 1, 0, 0, 1, 0, 0, 0, 1})
            .sentGap(256)
            .always()
            .only();
    assertThat(x.responseBodyBytes).isEqualTo(256);
    Seen seen =
        begun().received(new Frames().get(1, "/"), new byte[] {0, 1}).receivedGap(50).always();
    assertThat(seen.all()).isEmpty();
    assertThat(seen.losses()).isEqualTo(1);
  }

  @Test
  void aBlockThatCannotBeReadLosesItsRequestAndThoseAfterIt() {
    Seen seen =
        begun()
            .received(client.get(1, "/1"))
            .received(Frames.frame(1, 5, 3, new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff}))
            .received(client.get(5, "/5"))
            .sent(server.headers(1, true, ":status", "200"))
            .always();
    assertThat(seen.only().connectionStream).isEqualTo(1);
    assertThat(seen.losses()).isEqualTo(2);
  }

  @Test
  void aConnectionThatEndsEndsItsStreams() {
    Talk talk = begun().received(client.get(1, "/1"), client.post(3, "/3"));
    assertThat(talk.closed(Closing.RESET_BY_PEER).always().all())
        .extracting(x -> x.outcome)
        .containsExactly(Outcome.CLIENT_RESET, Outcome.CLIENT_RESET);
    assertThat(talk.closed(Closing.CLOSED_BY_US).always().all())
        .extracting(x -> x.errorType)
        .containsExactly("no_response", "no_response");
  }

  @Test
  void streamsBeyondTheLimitAreCounted() {
    Talk talk = begun();
    for (int i = 0; i <= Http2Streams.COUNT_MAX; i++) {
      talk.received(client.get(2 * i + 1, "/"));
    }
    Seen seen = talk.whole();
    assertThat(seen.losses()).isEqualTo(1);
    assertThat(seen.all()).hasSize(Http2Streams.COUNT_MAX);
  }

  @Test
  void dataIsNotNeeded() {
    WireSession session = new WireSession(new Seen(), new Counters());
    byte[] bytes =
        Talk.join(
            Frames.PREFACE, Frames.settings(), client.post(1, "/"), Frames.data(1, true, 1000));
    session.received(bytes, 0, bytes.length - 900, 0, bytes.length - 900, 1);
    assertThat(session.receiveSkip()).isEqualTo(900);
  }
}

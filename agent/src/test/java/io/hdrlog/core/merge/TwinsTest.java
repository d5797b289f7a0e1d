package io.hdrlog.core.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wire's and the JVM's view of one request become one record, whichever comes first. */
class TwinsTest {
  private static final long MS = 1_000_000;
  private static final String GET = "GET /a?x=1 HTTP/1.1\r\nhost: h\r\nx-a: 1\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ndate: now\r\ncontent-length: 0\r\n\r\n";

  private final List<Exchange> records = new ArrayList<>();
  private final Counters counters = new Counters();
  private final Wire wire = new Wire();
  private final Reading reading = new Reading();
  private Correlator correlator = correlator(false);

  private static final class Reading implements Plaintext {
    private final List<String> ends = new ArrayList<>();

    @Override
    public void gone(boolean byUs, long ns) {
      ends.add((byUs ? "by us at " : "by the peer at ") + ns / MS);
    }
  }

  private static final class Wire implements WireView {
    private boolean on = true;
    private boolean always;
    private boolean expected = true;
    private int unclaimed;

    @Override
    public boolean isOn() {
      return on;
    }

    @Override
    public boolean isAlways() {
      return always;
    }

    @Override
    public boolean isJvmExpected() {
      return expected;
    }

    @Override
    public void unclaimed() {
      unclaimed++;
    }
  }

  private Correlator correlator(boolean kernel) {
    return new Correlator(kernel, wire, this::keep, counters, 0, 100, 100);
  }

  private void keep(Exchange exchange) {
    Exchange copy = new Exchange();
    copy.copyFrom(exchange);
    copy.timing.handlerNs = exchange.timing.handlerNs;
    copy.timing.queueNs = exchange.timing.queueNs;
    records.add(copy);
  }

  private Exchange claim(String request, String response) {
    Exchange x = correlator.claim();
    x.remoteLow = 2;
    x.localLow = 1;
    x.remotePort = 40_000;
    x.localPort = 8080;
    x.addressed = true;
    x.appendRequestHead(Ascii.bytes(request), 0, request.length());
    x.appendResponseHead(Ascii.bytes(response), 0, response.length());
    return x;
  }

  /** Seen by the wire between two instants, milliseconds. */
  private void wire(long number, String request, long headMs, long endMs) {
    Exchange x = claim(request, OK);
    x.entry = Exchange.Entry.WIRE;
    x.connectionRequest = number;
    x.rxStart = (number - 1) * 100;
    x.rxHeadEnd = x.rxStart + 100;
    x.rxEnd = x.rxHeadEnd;
    x.txStart = (number - 1) * 50;
    x.txEnd = x.txStart + 50;
    x.seenNs = headMs * MS;
    x.headNs = headMs * MS;
    x.responseNs = endMs * MS;
    x.endNs = endMs * MS;
    correlator.accept(x);
  }

  private Exchange servlet(String request, long enterMs, long exitMs) {
    Exchange x = claim(request, "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
    x.entry = Exchange.Entry.SERVLET;
    x.seenNs = enterMs * MS;
    x.headNs = enterMs * MS;
    x.enterNs = enterMs * MS;
    x.exitNs = exitMs * MS;
    x.endNs = exitMs * MS;
    x.responseNs = exitMs * MS;
    x.route = "/a";
    x.idRandom = 7;
    return x;
  }

  @Test
  void linesThatTheJvmGaveUpBeforeAreNoDifference() {
    wire.always = true;
    wire(1, "GET /a HTTP/1.1\r\nhost: h\r\nx-a: 1\r\nx-cut: 1\r\n\r\n", 10, 13);
    Exchange jvm = claim("GET /a HTTP/1.1\r\nhost: h\r\nx-a: 2\r\n", OK);
    jvm.entry = Exchange.Entry.NETTY;
    jvm.outcome = Outcome.REJECTED;
    jvm.connectionRequest = 1;
    jvm.seenNs = 11 * MS;
    jvm.endNs = 12 * MS;
    correlator.accept(jvm);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).headersDiffer).containsExactly("http.request.header.x-a");
  }

  /** Neither knows a position, nor when the head ended: it never did, or was none. */
  @ParameterizedTest
  @ValueSource(strings = {"GARBAGE\r\n\r\n", "GET /a HTTP/1.1\r\nhost: h\r\n"})
  void whatHasNoWholeHeadIsOneRecordAllTheSame(String request) {
    Exchange x = claim(request, "");
    x.entry = Exchange.Entry.WIRE;
    x.outcome = Outcome.SERVER_RESET;
    x.connectionRequest = 1;
    x.rxStart = 0;
    x.seenNs = 10 * MS;
    x.endNs = 13 * MS;
    correlator.accept(x);
    Exchange jvm = claim(request, "");
    jvm.entry = Exchange.Entry.NETTY;
    jvm.outcome = Outcome.CLIENT_RESET;
    jvm.seenNs = 11 * MS;
    jvm.endNs = 12 * MS;
    correlator.accept(jvm);
    pass(20_000);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).outcome).isEqualTo(Outcome.CLIENT_RESET);
  }

  /** The container has made an answer ready; the peer was gone. */
  @Test
  void anAnswerThatWasNeverSentDiffersFromNothing() {
    Exchange x = claim(GET, "");
    x.entry = Exchange.Entry.WIRE;
    x.outcome = Outcome.CLIENT_RESET;
    x.connectionRequest = 1;
    x.seenNs = 9 * MS;
    x.headNs = 9 * MS;
    x.endNs = 21 * MS;
    correlator.accept(x);
    correlator.accept(servlet(GET, 10, 20));
    pass(20_000);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).headersDiffer).isNull();
  }

  private void pass(long ms) {
    correlator.now(ms * MS);
    correlator.tick();
  }

  @Test
  void theServletsPartIsAddedToTheWiresWhicheverComesFirst() {
    for (boolean wireFirst : new boolean[] {true, false}) {
      records.clear();
      correlator = correlator(false);
      correlator.watched(claim(GET, OK), reading);
      if (wireFirst) {
        wire(1, GET, 10, 30);
        assertThat(records).isEmpty();
        correlator.accept(servlet(GET, 12, 25));
      } else {
        correlator.accept(servlet(GET, 12, 25));
        assertThat(records).isEmpty();
        wire(1, GET, 10, 30);
      }
      assertThat(records).hasSize(1);
      Exchange x = records.get(0);
      assertThat(x.sources).isEqualTo(Exchange.FROM_WIRE | Exchange.FROM_JVM);
      assertThat(x.route).isEqualTo("/a");
      assertThat(x.timing.handlerNs).isEqualTo(13 * MS);
      assertThat(x.idRandom).isEqualTo(7);
      assertThat(x.connectionRequest).isEqualTo(1);
      assertThat(new String(x.responseHead, 0, x.responseHeadLength, StandardCharsets.ISO_8859_1))
          .isEqualTo(OK);
      // The container's own header is no difference where the API cannot show it.
      assertThat(x.headersDiffer).isNull();
    }
  }

  @Test
  void eachOfSeveralFindsItsOwn() {
    correlator.watched(claim(GET, OK), reading);
    wire(1, GET, 10, 20);
    wire(2, GET, 11, 40);
    correlator.accept(servlet(GET, 25, 39));
    correlator.accept(servlet(GET, 12, 19));
    assertThat(records).extracting(x -> x.timing.handlerNs).containsExactly(7 * MS, 14 * MS);
  }

  @Test
  void aRequestThatNoHandlerSawGoesOnAlone() {
    correlator.now(0);
    wire(1, GET, 10, 30);
    pass(Correlator.TWIN_MS_MAX - 1);
    assertThat(records).isEmpty();
    pass(Correlator.TWIN_MS_MAX + 1);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).sources).isEqualTo(Exchange.FROM_WIRE);
  }

  @Test
  void whatComesTooLateMakesNoSecondRecord() {
    correlator.now(0);
    wire(1, GET, 10, 30);
    pass(Correlator.TWIN_MS_MAX + 1);
    correlator.accept(servlet(GET, 12, 5_000));
    pass(10_000);
    assertThat(records).hasSize(1);
    // The next one is another.
    correlator.accept(servlet(GET, 10_100, 10_200));
    pass(20_000);
    assertThat(records).hasSize(2);
  }

  @Test
  void nobodyWaitsForAnotherViewWhereNoneIsExpected() {
    wire.expected = false;
    wire(1, GET, 10, 30);
    assertThat(records).hasSize(1);
  }

  @Test
  void aConnectorsOwnViewIsEnoughUnlessTheWiresIsAlwaysWanted() {
    for (boolean always : new boolean[] {false, true}) {
      for (boolean wireFirst : new boolean[] {false, true}) {
        records.clear();
        wire.always = always;
        correlator = correlator(false);
        correlator.watched(claim(GET, OK), reading);
        if (wireFirst) {
          wire(1, GET, 10, 30);
        }
        Exchange tomcat = servlet(GET, 12, 25);
        tomcat.entry = Exchange.Entry.TOMCAT;
        tomcat.connectionRequest = 1;
        tomcat.rxStart = 0;
        correlator.accept(tomcat);
        if (!wireFirst) {
          wire(1, GET, 10, 30);
        }
        pass(10_000);
        assertThat(records).hasSize(1);
        assertThat(records.get(0).sources)
            .isEqualTo(Exchange.FROM_JVM | (always ? Exchange.FROM_WIRE : 0));
        assertThat(correlator.isClaimed(claim(GET, OK))).isEqualTo(!always);
      }
    }
  }

  @Test
  void headersThatTheContainerShowsOtherwiseAreNamed() {
    wire.always = true;
    correlator.watched(claim(GET, OK), reading);
    wire(1, GET, 10, 30);
    correlator.accept(servlet("GET /a?x=1 HTTP/1.1\r\nHost: h\r\nx-a: 2\r\n\r\n", 12, 25));
    assertThat(records.get(0).headersDiffer).containsExactly("http.request.header.x-a");
  }

  @Test
  void streamsOfOneConnectionAreToldApartByTheirTargets() {
    correlator.watched(claim(GET, OK), reading);
    for (int stream = 1; stream <= 5; stream += 2) {
      Exchange x =
          claim("GET /a?n=" + stream + " HTTP/2\r\n:authority: h\r\n\r\n", "HTTP/2 200 \r\n\r\n");
      x.entry = Exchange.Entry.WIRE;
      x.protocolVersion = "2";
      x.connectionStream = stream;
      x.headNs = 10 * MS;
      x.endNs = 50 * MS;
      correlator.accept(x);
    }
    for (int stream = 5; stream >= 1; stream -= 2) {
      Exchange x = servlet("GET /a?n=" + stream + " HTTP/2\r\nhost: h\r\n\r\n", 20, 20 + stream);
      x.protocolVersion = "2";
      correlator.accept(x);
    }
    assertThat(records).hasSize(3);
    assertThat(records)
        .allSatisfy(x -> assertThat(x.timing.handlerNs).isEqualTo(x.connectionStream * MS));
  }

  @Test
  void oneOfSeveralAlikeStreamsThatWasTakenForAnotherMakesNoSecondRecord() {
    correlator.now(0);
    correlator.watched(claim(GET, OK), reading);
    Exchange x = claim("GET /a HTTP/2\r\n:authority: h\r\n\r\n", "HTTP/2 200 \r\n\r\n");
    x.entry = Exchange.Entry.WIRE;
    x.protocolVersion = "2";
    x.connectionStream = 1;
    x.headNs = 10 * MS;
    x.endNs = 50 * MS;
    correlator.accept(x);
    for (int i = 0; i < 2; i++) {
      Exchange jvm = servlet("GET /a HTTP/2\r\nhost: h\r\n\r\n", 20 + 100 * i, 30 + 100 * i);
      jvm.protocolVersion = "2";
      correlator.accept(jvm);
    }
    pass(60_000);
    assertThat(records).hasSize(1);
    // Where the plaintext cannot be read any more, the container's view is all there is.
    correlator.unreadable(claim(GET, OK));
    Exchange jvm = servlet("GET /a HTTP/2\r\nhost: h\r\n\r\n", 300, 310);
    jvm.protocolVersion = "2";
    correlator.accept(jvm);
    pass(120_000);
    assertThat(records).hasSize(2);
  }

  @Test
  void theRequestThatUpgradedToHttp2IsOneRecordOfThreeViews() {
    for (int order = 0; order < 3; order++) {
      records.clear();
      wire.always = true;
      correlator = correlator(false);
      correlator.watched(claim(GET, OK), reading);
      for (int i = 0; i < 3; i++) {
        int view = (order + i) % 3;
        Exchange x = view == 0 ? claim(GET, OK) : servlet(GET, 20, 30);
        if (view == 0) {
          x.entry = Exchange.Entry.WIRE;
          x.protocolVersion = "2";
          x.connectionStream = 1;
          x.headNs = 10 * MS;
          x.endNs = 50 * MS;
        } else {
          x.entry = Exchange.Entry.TOMCAT;
          x.protocolVersion = view == 1 ? null : "2";
          x.outcome = view == 1 ? Outcome.CLIENT_RESET : Outcome.COMPLETE;
        }
        correlator.accept(x);
      }
      pass(120_000);
      assertThat(records).as("order " + order).hasSize(1);
      assertThat(records.get(0).outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(records.get(0).timing.handlerNs).isEqualTo(10 * MS);
    }
  }

  @Test
  void outcomesOfBothViewsAreJoined() {
    correlator.watched(claim(GET, OK), reading);
    wire(1, GET, 10, 30);
    Exchange failed = servlet(GET, 12, 25);
    failed.outcome = Outcome.ERROR;
    failed.errorType = "java.io.IOException";
    correlator.accept(failed);
    assertThat(records.get(0).outcome).isEqualTo(Outcome.ERROR);
    assertThat(records.get(0).errorType).isEqualTo("java.io.IOException");
  }

  @Test
  void aConnectionThatIsAnsweredAndNothingTellsOfIsNoticed() {
    wire.on = false;
    correlator = correlator(true);
    FakeJournal journal =
        new FakeJournal().mark(MarkKind.ARRIVAL, MS, 100).mark(MarkKind.READ, 2 * MS, 100);
    correlator.now(60_000 * MS);
    correlator.onJournal(journal);
    assertThat(wire.unclaimed).isZero();
    correlator.onJournal(journal.mark(MarkKind.SEND, 3 * MS, 50));
    assertThat(wire.unclaimed).isEqualTo(1);
  }

  @Test
  void aSlowConnectionOfAPortThatAConnectorTellsOfIsNoStranger() {
    wire.on = false;
    correlator = correlator(true);
    Exchange told = servlet(GET, 12, 25);
    told.entry = Exchange.Entry.TOMCAT;
    correlator.accept(told);
    correlator.now(60_000 * MS);
    FakeJournal another =
        new FakeJournal()
            .mark(MarkKind.ARRIVAL, MS, 100)
            .mark(MarkKind.READ, 2 * MS, 100)
            .mark(MarkKind.SEND, 3 * MS, 50);
    another.remotePort++;
    correlator.onJournal(another);
    assertThat(wire.unclaimed).isZero();
    another.localPort++;
    correlator.onJournal(another);
    assertThat(wire.unclaimed).isEqualTo(1);
  }

  @Test
  void theKernelsMarksGoToTheJoinedExchange() {
    correlator = correlator(true);
    correlator.onJournal(
        new FakeJournal()
            .mark(MarkKind.ARRIVAL, 5 * MS, 100)
            .mark(MarkKind.READ, 9 * MS, 100)
            .mark(MarkKind.SEND, 29 * MS, 50)
            .mark(MarkKind.ACK, 31 * MS, 50));
    correlator.watched(claim(GET, OK), reading);
    wire(1, GET, 10, 30);
    correlator.accept(servlet(GET, 12, 25));
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.queueNs).isEqualTo(4 * MS);
    assertThat(records.get(0).sources)
        .isEqualTo(Exchange.FROM_KERNEL | Exchange.FROM_WIRE | Exchange.FROM_JVM);
    assertThat(counters.losses(LossReason.KERNEL_LATE)).isZero();
  }

  private void closedByTheKernel(int how, long atMs) {
    FakeJournal journal = new FakeJournal();
    journal.flags |= SocketJournal.CLOSED | how;
    correlator.now(atMs * MS);
    correlator.onJournal(journal);
  }

  private void tick(long atMs) {
    correlator.now(atMs * MS);
    correlator.tick();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheKernelHasClosedAndTheJvmHasNotIsOverAfterAWhile(boolean byUs) {
    correlator = correlator(true);
    wire.expected = false;
    correlator.watched(claim(GET, OK), reading);
    closedByTheKernel(byUs ? SocketJournal.RESET_BY_US : SocketJournal.RESET_BY_PEER, 100);
    tick(100 + Correlator.LEAKED_MS);
    assertThat(reading.ends).as("the JVM may be slow").isEmpty();
    tick(101 + Correlator.LEAKED_MS);
    tick(200 + Correlator.CLOSED_MS_MAX);
    assertThat(reading.ends)
        .as("once")
        .containsExactly(byUs ? "by us at 100" : "by the peer at 100");
    assertThat(correlator.connectionCount()).isZero();
  }

  @Test
  void whatTheJvmHasClosedIsNotTheKernelsToEnd() {
    correlator = correlator(true);
    wire.expected = false;
    correlator.watched(claim(GET, OK), reading);
    closedByTheKernel(SocketJournal.RESET_BY_PEER, 100);
    correlator.unwatched(claim(GET, OK), reading);
    tick(101 + Correlator.LEAKED_MS);
    assertThat(reading.ends).isEmpty();
  }

  @Test
  void aHandlerThatTellsWhenItIsDoneIsWaitedFor() {
    correlator = correlator(true);
    correlator.watched(claim(GET, OK), reading);
    closedByTheKernel(SocketJournal.RESET_BY_PEER, 100);
    tick(101 + Correlator.LEAKED_MS);
    assertThat(reading.ends).isEmpty();
  }

  @Test
  void whenTheJvmEndsNothingIsWaitedFor() {
    correlator = correlator(true);
    correlator.watched(claim(GET, OK), reading);
    closedByTheKernel(SocketJournal.RESET_BY_PEER, 100);
    correlator.endClosed();
    assertThat(reading.ends).containsExactly("by the peer at 100");
  }

  @Test
  void aConnectionWithTheEndsOfOneThatNobodyClosedEndsThat() {
    correlator = correlator(true);
    wire.expected = false;
    correlator.watched(claim(GET, OK), reading);
    closedByTheKernel(SocketJournal.RESET_BY_PEER, 100);
    Reading another = new Reading();
    correlator.watched(claim(GET, OK), another);
    FakeJournal next = new FakeJournal();
    next.cookie = 2;
    correlator.onJournal(next);
    tick(200 + Correlator.CLOSED_MS_MAX);
    assertThat(reading.ends).containsExactly("by the peer at 100");
    assertThat(another.ends).as("of the one that goes on").isEmpty();
  }

  @Test
  void aViewThatWasWrittenAsTheJvmWentDownMakesTheOtherSuperfluous() {
    correlator.watched(claim(GET, OK), reading);
    correlator.accept(servlet(GET, 12, 25));
    correlator.drain(() -> false);
    assertThat(records).hasSize(1);
    wire(1, GET, 10, 30);
    tick(60_000);
    correlator.drain(() -> false);
    assertThat(records).hasSize(1);
  }

  /** Stream n: its request is byte n of what is received, its response byte n of what is sent. */
  private Exchange stream(long number, long floor) {
    Exchange x = claim("GET /a HTTP/2\r\n\r\n", "HTTP/2 200\r\n\r\n");
    x.entry = Exchange.Entry.WIRE;
    x.protocolVersion = "2";
    x.connectionStream = number;
    x.rxStart = number - 1;
    x.rxHeadEnd = number;
    x.rxEnd = number;
    x.txStart = number - 1;
    x.txEnd = number;
    x.rxFloor = floor;
    x.txFloor = floor;
    x.headNs = 10 * MS;
    x.endNs = 50 * MS;
    return x;
  }

  private Exchange ofStream(long number, long exitMs) {
    Exchange jvm = servlet("GET /a HTTP/2\r\n\r\n", 12, exitMs);
    jvm.protocolVersion = "2";
    jvm.connectionStream = number;
    return jvm;
  }

  @Test
  void aStreamThatTheContainerNamesIsNotTakenForOneAlike() {
    correlator.watched(claim(GET, OK), reading);
    for (long number = 1; number < 100; number += 2) {
      correlator.accept(stream(number, 0));
    }
    for (long number = 99; number > 0; number -= 2) {
      correlator.accept(ofStream(number, 12 + number));
    }
    assertThat(records).hasSize(50);
    for (Exchange x : records) {
      assertThat(x.timing.handlerNs).isEqualTo(x.connectionStream * MS);
    }
  }

  @Test
  void aStreamThatWaitsForTheContainerHoldsNobodyUpAndKeepsItsMarks() {
    correlator = correlator(true);
    correlator.now(60 * MS);
    correlator.watched(claim(GET, OK), reading);
    FakeJournal journal = new FakeJournal();
    for (long number = 1; number <= 5; number += 2) {
      journal
          .mark(MarkKind.ARRIVAL, number, number)
          .mark(MarkKind.READ, 2 * number, number)
          .mark(MarkKind.SEND, 100 + number, number)
          .mark(MarkKind.ACK, 200 + number, number);
    }
    correlator.onJournal(journal);
    correlator.accept(ofStream(1, 20));
    correlator.accept(stream(3, 0));
    correlator.accept(stream(5, 0));
    assertThat(records).isEmpty();
    correlator.accept(ofStream(5, 20));
    correlator.accept(stream(1, 5));
    assertThat(records).hasSize(2);
    correlator.accept(ofStream(3, 20));
    assertThat(records).hasSize(3);
    for (Exchange x : records) {
      assertThat(x.timing.queueNs).as("stream %s", x.connectionStream).isEqualTo(x.rxEnd);
    }
  }

  /** The kernel's news of a connection come first, all the more so where the reading is behind. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void marksThatComeBeforeThePlaintextAreKeptForIt(boolean young) {
    correlator = correlator(true);
    wire.expected = false;
    correlator.now((young ? 60 : 60_000) * MS);
    int streams = 2 * Marks.SIZE_FREE;
    FakeJournal journal = new FakeJournal();
    for (long i = 0; i < streams; i++) {
      long number = 2 * i + 1;
      journal
          .mark(MarkKind.ARRIVAL, number, number)
          .mark(MarkKind.READ, 2 * number, number)
          .mark(MarkKind.SEND, 100 + number, number)
          .mark(MarkKind.ACK, 200 + number, number);
      correlator.onJournal(journal);
    }
    correlator.watched(claim(GET, OK), reading);
    for (long i = 0; i < streams; i++) {
      correlator.accept(stream(2 * i + 1, 0));
    }
    assertThat(records).hasSize(streams);
    long timed = records.stream().filter(x -> x.timing.queueNs == x.rxEnd).count();
    if (young) {
      assertThat(timed).isEqualTo(streams);
    } else {
      // Nobody has asked for them in all that time: the room is for others.
      assertThat(timed).isLessThan(streams);
    }
  }

  @Test
  void aStreamThatTheContainerToldOfAloneIsNotToldAgainByTheWire() {
    correlator.watched(claim(GET, OK), reading);
    correlator.accept(ofStream(3, 20));
    pass(Correlator.WIRE_MS_MAX + 1);
    assertThat(records).isEmpty();
    pass(Correlator.PENDING_MS_MAX + 1);
    assertThat(records).hasSize(1);
    correlator.accept(stream(3, 0));
    correlator.accept(stream(1, 0));
    pass(2 * Correlator.PENDING_MS_MAX);
    assertThat(records).extracting(x -> x.connectionStream).containsExactly(3L, 1L);
  }

  @Test
  void anEndMakesNoSecondRecordOfAStreamThatTheContainerDoesNotName() {
    correlator.watched(claim(GET, OK), reading);
    correlator.accept(ofStream(Exchange.UNKNOWN, 20));
    correlator.accept(stream(1, 0));
    correlator.accept(ofStream(Exchange.UNKNOWN, 20));
    correlator.drain(() -> false);
    assertThat(records).hasSize(1);
  }

  private Exchange upgrade(Exchange.Entry entry) {
    String switching = "HTTP/1.1 101 \r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n";
    Exchange x = claim(GET, switching);
    x.entry = entry;
    x.outcome = Outcome.UPGRADED;
    x.headNs = 12 * MS;
    return x;
  }

  @Test
  void anUpgradeToHttp2IsItsFirstStreamHoweverLongThatTakes() {
    correlator.watched(claim(GET, OK), reading);
    correlator.accept(upgrade(Exchange.Entry.NETTY));
    pass(10 * Correlator.PENDING_MS_MAX);
    assertThat(records).isEmpty();
    correlator.accept(stream(1, 0));
    pass(20 * Correlator.PENDING_MS_MAX);
    assertThat(records).extracting(x -> x.outcome).containsExactly(Outcome.COMPLETE);
  }

  @Test
  void anUpgradeToHttp2IsAllThereIsWhereNothingTellsOfItsStreams() {
    correlator.accept(upgrade(Exchange.Entry.NETTY));
    // Tomcat's own HTTP/2 tells of the same request again.
    correlator.accept(upgrade(Exchange.Entry.TOMCAT));
    pass(Correlator.PENDING_MS_MAX);
    assertThat(records).extracting(x -> x.entry).containsExactly(Exchange.Entry.NETTY);
  }
}

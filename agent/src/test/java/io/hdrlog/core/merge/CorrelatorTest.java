package io.hdrlog.core.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CorrelatorTest {
  private static final long MS = 1_000_000;

  private final List<Exchange> records = new ArrayList<>();
  private final Counters counters = new Counters();
  private final Correlator correlator = correlator(true, 100, 100);
  private final FakeJournal journal = new FakeJournal();

  private Correlator correlator(boolean kernel, int connectionsMax, int pendingMax) {
    // No memory for finished ones: each is passed on at once.
    return new Correlator(
        kernel, WireView.OFF, this::keep, counters, 0, connectionsMax, pendingMax);
  }

  private void keep(Exchange exchange) {
    Exchange copy = new Exchange();
    copy.copyFrom(exchange);
    Timing from = exchange.timing;
    Timing to = copy.timing;
    to.startNs = from.startNs;
    to.acceptNs = from.acceptNs;
    to.receiveNs = from.receiveNs;
    to.queueNs = from.queueNs;
    to.dispatchNs = from.dispatchNs;
    to.handlerNs = from.handlerNs;
    to.firstByteNs = from.firstByteNs;
    to.sendNs = from.sendNs;
    to.ackNs = from.ackNs;
    to.totalNs = from.totalNs;
    to.pauseNs = from.pauseNs;
    records.add(copy);
  }

  /** An exchange whose request is bytes [rx, rx+100) and whose response is [tx, tx+50). */
  private void publish(long rx, long tx, long seenNs, int remotePort) {
    publish(correlator, rx, tx, seenNs, remotePort);
  }

  private static void publish(Correlator to, long rx, long tx, long seenNs, int remotePort) {
    Exchange exchange = claim(to, remotePort);
    exchange.rxStart = rx;
    exchange.rxHeadEnd = rx + 100;
    exchange.rxEnd = rx + 100;
    exchange.txStart = tx;
    exchange.txEnd = tx + 50;
    exchange.responseHeadLength = 50;
    exchange.seenNs = seenNs;
    exchange.enterNs = seenNs + 10;
    exchange.exitNs = seenNs + 30;
    exchange.endNs = seenNs + 40;
    to.accept(exchange);
  }

  /** An exchange between the ends of {@link FakeJournal}, but for the client's port. */
  private static Exchange claim(Correlator from, int remotePort) {
    Exchange exchange = from.claim();
    exchange.remoteLow = 2;
    exchange.localLow = 1;
    exchange.remotePort = remotePort;
    exchange.localPort = 8080;
    exchange.addressed = true;
    return exchange;
  }

  @Test
  void anExchangeGetsTheInstantsThatReachedItsBytes() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 60)
        .mark(MarkKind.ARRIVAL, 1_500, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 3_000, 20)
        .mark(MarkKind.SEND, 3_200, 50)
        .mark(MarkKind.ACK, 3_900, 50);
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);

    assertThat(records).hasSize(1);
    Exchange record = records.get(0);
    Timing timing = record.timing;
    assertThat(timing.startNs).isEqualTo(1_000);
    assertThat(timing.receiveNs).isEqualTo(500);
    assertThat(timing.queueNs).isEqualTo(500);
    assertThat(timing.dispatchNs).isEqualTo(110);
    assertThat(timing.handlerNs).isEqualTo(20);
    assertThat(timing.firstByteNs).isEqualTo(1_500);
    assertThat(timing.sendNs).isEqualTo(200);
    assertThat(timing.ackNs).isEqualTo(700);
    assertThat(timing.totalNs).isEqualTo(2_900);
    assertThat(record.sources).isEqualTo(Exchange.FROM_KERNEL | Exchange.FROM_JVM);
    assertThat(record.cookie).isEqualTo(1);
  }

  private Exchange servlet(long seenNs) {
    Exchange exchange = correlator.claim();
    exchange.entry = Exchange.Entry.SERVLET;
    exchange.remoteLow = 2;
    exchange.localLow = 1;
    exchange.remotePort = 40_000;
    exchange.localPort = 8080;
    exchange.addressed = true;
    exchange.responseHeadLength = 50;
    exchange.seenNs = seenNs;
    exchange.headNs = seenNs;
    exchange.enterNs = seenNs;
    exchange.responseNs = seenNs;
    exchange.exitNs = seenNs + 30;
    exchange.endNs = seenNs + 30;
    return exchange;
  }

  @Test
  void withoutPositionsAnExchangeIsCompleteWhenNothingMoreIsSent() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 2_120, 20)
        .mark(MarkKind.SEND, 2_200, 50)
        .mark(MarkKind.ACK, 2_300, 50);
    correlator.onJournal(journal);
    correlator.accept(servlet(2_100));
    assertThat(records).isEmpty();
    correlator.now(2_100 + 300_000_000L);
    correlator.tick();
    assertThat(records).hasSize(1);
    Timing timing = records.get(0).timing;
    assertThat(timing.queueNs).isEqualTo(1_000);
    assertThat(timing.firstByteNs).isEqualTo(1_120);
    assertThat(timing.sendNs).isEqualTo(80);
    assertThat(timing.ackNs).isEqualTo(100);
    assertThat(timing.totalNs).isEqualTo(1_300);
  }

  /** That the first is settled takes the second along, which the tick would have come to next. */
  @Test
  void aTickGoesOnBehindWhatWentAlongWithAnother() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 2_200, 50)
        .mark(MarkKind.ACK, 2_300, 50);
    correlator.onJournal(journal);
    correlator.accept(servlet(2_100));
    Exchange unanswered = servlet(2_400);
    unanswered.entry = Exchange.Entry.NETTY;
    unanswered.responseHeadLength = 0;
    unanswered.responseNs = Timing.ABSENT;
    correlator.accept(unanswered);
    publish(0, 0, 2_100, 40_001);
    assertThat(correlator.pendingCount()).isEqualTo(3);
    correlator.now(2_100 + Correlator.NAMELESS_MS_MAX * MS);
    correlator.tick();
    assertThat(records).extracting(r -> r.remotePort).containsExactly(40_000, 40_000, 40_001);
    assertThat(correlator.pendingCount()).isZero();
  }

  @Test
  void withoutPositionsTheNextRequestEndsAnExchange() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 2_200, 50)
        .mark(MarkKind.ACK, 2_300, 50);
    correlator.onJournal(journal);
    correlator.accept(servlet(2_100));
    journal.mark(MarkKind.ARRIVAL, 2_900, 200).mark(MarkKind.READ, 3_000, 200);
    correlator.onJournal(journal);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.ackNs).isEqualTo(100);
  }

  @Test
  void whatTheNextResponseSentIsNotForgottenWithTheOneBefore() {
    correlator.accept(servlet(2_100));
    correlator.accept(servlet(3_100));
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 2_200, 50)
        .mark(MarkKind.ACK, 2_300, 50)
        .mark(MarkKind.ARRIVAL, 2_900, 200)
        .mark(MarkKind.READ, 3_000, 200)
        .mark(MarkKind.SEND, 3_200, 100)
        .mark(MarkKind.ACK, 3_300, 100);
    journal.flags |= SocketJournal.CLOSED;
    correlator.onJournal(journal);
    assertThat(records).hasSize(2);
    assertThat(records.get(0).timing.firstByteNs).isEqualTo(1_200);
    assertThat(records.get(1).timing.firstByteNs).isEqualTo(300);
    assertThat(records.get(1).timing.ackNs).isEqualTo(100);
  }

  @Test
  void streamsOfOneSocketAreNamedAndNotTimed() {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    correlator.onJournal(journal);
    Exchange exchange = servlet(2_100);
    exchange.protocolVersion = "2";
    correlator.accept(exchange);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).cookie).isEqualTo(1);
    assertThat(records.get(0).timing.queueNs).isEqualTo(Timing.ABSENT);
  }

  @Test
  void anExchangeWaitsForTheKernelWhicheverStreamIsFirst() {
    publish(0, 0, 2_100, 40_000);
    assertThat(records).isEmpty();
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    correlator.onJournal(journal);
    assertThat(records).isEmpty();
    journal.mark(MarkKind.SEND, 3_000, 50).mark(MarkKind.ACK, 3_100, 50);
    correlator.onJournal(journal);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.totalNs).isEqualTo(2_100);
  }

  @Test
  void anAcknowledgementThatIsNotedBeforeTheSendWaitsForIt() {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    journal.mark(MarkKind.ACK, 2_900, 50);
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);
    assertThat(records).isEmpty();
    journal.mark(MarkKind.SEND, 3_000, 50);
    correlator.onJournal(journal);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.ackNs).isZero();
    assertThat(records.get(0).timing.totalNs).isEqualTo(2_000);
  }

  @Test
  void pipelinedRequestsInOneSegmentShareItsArrivalButNotTheirSends() {
    journal.mark(MarkKind.ARRIVAL, 1_000, 300).mark(MarkKind.READ, 2_000, 300);
    for (int i = 0; i < 3; i++) {
      journal.mark(MarkKind.SEND, 3_000 + i * 100L, 50L * (i + 1));
    }
    journal.mark(MarkKind.ACK, 9_000, 150);
    correlator.onJournal(journal);
    for (int i = 0; i < 3; i++) {
      publish(100L * i, 50L * i, 2_100, 40_000);
    }
    assertThat(records).hasSize(3);
    assertThat(records).extracting(r -> r.timing.startNs).containsOnly(1_000L);
    assertThat(records)
        .extracting(r -> r.timing.firstByteNs)
        .containsExactly(2_000L, 2_100L, 2_200L);
  }

  @Test
  void withoutTheKernelStreamNothingWaitsAndNothingIsMadeUp() {
    Correlator alone = correlator(false, 10, 10);
    publish(alone, 0, 0, 2_100, 40_000);
    assertThat(records).hasSize(1);
    Timing timing = records.get(0).timing;
    assertThat(timing.startNs).isEqualTo(2_100);
    assertThat(timing.handlerNs).isEqualTo(20);
    assertThat(timing.queueNs).isEqualTo(Timing.ABSENT);
    assertThat(timing.totalNs).isEqualTo(Timing.ABSENT);
    assertThat(records.get(0).sources).isEqualTo(Exchange.FROM_JVM);
  }

  @Test
  void aConnectionTheKernelNeverNamesDelaysItsRecordsForABoundedTime() {
    correlator.now(0);
    publish(0, 0, 2_100, 40_000);
    correlator.now((Correlator.NAMELESS_MS_MAX - 1) * MS);
    correlator.tick();
    assertThat(records).isEmpty();
    correlator.now(Correlator.NAMELESS_MS_MAX * MS);
    correlator.tick();
    assertThat(records).hasSize(1);
    assertThat(counters.losses(LossReason.KERNEL_LATE)).isEqualTo(1);
    assertThat(records.get(0).sources).isEqualTo(Exchange.FROM_JVM);
  }

  @Test
  void anAcknowledgementThatNeverComesLeavesTheRestOfTheTiming() {
    correlator.now(0);
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 3_000, 50);
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);
    correlator.now(Correlator.PENDING_MS_MAX * MS);
    correlator.tick();
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.ackNs).isEqualTo(Timing.ABSENT);
    assertThat(records.get(0).timing.totalNs).isEqualTo(2_000);
  }

  @Test
  void aResetBeforeTheLastAcknowledgementIsTheClients() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 3_000, 50);
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);
    assertThat(records).extracting(r -> r.outcome).containsExactly(Outcome.CLIENT_RESET);
  }

  /** One that is in a handler when the JVM ends, having begun at {@code seenNs}. */
  private void cutOff(long seenNs, long endNs) {
    Exchange exchange = claim(correlator, 40_000);
    exchange.rxStart = 0;
    exchange.rxHeadEnd = 100;
    exchange.seenNs = seenNs;
    exchange.enterNs = seenNs;
    exchange.endNs = endNs;
    exchange.outcome = Outcome.SERVER_RESET;
    exchange.errorType = "no_response";
    correlator.accept(exchange);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoeverResetTheConnectionBeforeTheJvmEndsCutTheRequestOff(boolean peer) {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    journal.flags |= peer ? SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER : 0;
    correlator.onJournal(journal);
    correlator.ending(Correlator.YOUNG_NS + 2_000);
    cutOff(2_000, Correlator.YOUNG_NS + 2_000);
    correlator.drain(() -> false);
    assertThat(records)
        .extracting(r -> r.outcome)
        .containsExactly(peer ? Outcome.CLIENT_RESET : Outcome.SERVER_RESET);
    assertThat(records.get(0).errorType).isEqualTo(peer ? null : "no_response");
    assertThat(counters.losses(LossReason.SHUTDOWN)).isZero();
  }

  @Test
  void whatWasYoungWhenTheJvmEndedMayHaveBeenAnsweredAndIsCounted() {
    correlator.ending(Correlator.YOUNG_NS);
    cutOff(1, Correlator.YOUNG_NS);
    correlator.drain(() -> false);
    assertThat(records).isEmpty();
    assertThat(counters.losses(LossReason.SHUTDOWN)).isEqualTo(1);
  }

  @Test
  void whatTheServiceItselfDidNotAnswerBeforeIsTold() {
    correlator.ending(2 * Correlator.YOUNG_NS);
    cutOff(2 * Correlator.YOUNG_NS - 5, 2 * Correlator.YOUNG_NS - 1);
    correlator.drain(() -> false);
    assertThat(records).extracting(r -> r.outcome).containsExactly(Outcome.SERVER_RESET);
  }

  @Test
  void ofABrokenResponseOnlyWhatTheKernelTookCounts() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 3_000, 30);
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);
    assertThat(records.get(0).txEnd).isEqualTo(30);
  }

  /** A writer whose first write failed encrypts the same once more, as if it were more of it. */
  @Test
  void whatWasNeverSentIsNoMalformedResponse() {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.entry = Exchange.Entry.WIRE;
    exchange.rxStart = 0;
    exchange.rxHeadEnd = 100;
    exchange.rxEnd = 100;
    exchange.txStart = 0;
    exchange.txEnd = 90;
    exchange.responseHeadLength = 40;
    exchange.seenNs = 2_100;
    exchange.outcome = Outcome.ERROR;
    exchange.errorType = Exchange.MALFORMED_RESPONSE;
    correlator.accept(exchange);
    assertThat(records.get(0).outcome).isEqualTo(Outcome.CLIENT_RESET);
    assertThat(records.get(0).errorType).isNull();
    assertThat(records.get(0).responseHeadLength).isZero();
  }

  /** Of HTTP/2 the head is known as text, which is not what was sent. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofABrokenStreamTheBodyIsNotReckoned(boolean http2) {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 2_000, 100)
        .mark(MarkKind.SEND, 3_000, 1_030);
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.protocolVersion = http2 ? "2" : null;
    exchange.rxStart = 0;
    exchange.rxHeadEnd = 100;
    exchange.txStart = 0;
    exchange.txEnd = 2_000;
    exchange.responseHeadLength = 130;
    exchange.responseBodyBytes = 1_900;
    exchange.responseBytes = 2_000;
    exchange.seenNs = 2_100;
    correlator.accept(exchange);
    assertThat(records.get(0).responseBytes).isEqualTo(1_030);
    assertThat(records.get(0).responseBodyBytes).isEqualTo(http2 ? Exchange.UNKNOWN : 900);
  }

  @Test
  void aResponseOfWhichTheKernelTookNothingWasNotSent() {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    publish(0, 0, 2_100, 40_000);
    Exchange record = records.get(0);
    assertThat(record.outcome).isEqualTo(Outcome.CLIENT_RESET);
    assertThat(record.responseHeadLength).isZero();
    assertThat(record.txEnd).isEqualTo(Exchange.UNKNOWN);
    assertThat(record.timing.handlerNs).isEqualTo(20);
  }

  /** Under TLS the wire has all that was wrapped, long before the socket takes it, or does not. */
  @ParameterizedTest
  @ValueSource(ints = {0, 30})
  void whatTheWireSawWrappedIsNotCompleteIfTheKernelTookLess(int taken) {
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    if (taken > 0) {
      journal.mark(MarkKind.SEND, 3_000, taken);
    }
    journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    correlator.onJournal(journal);
    Exchange x = claim(correlator, 40_000);
    x.entry = Exchange.Entry.WIRE;
    x.secure = true;
    x.rxStart = 0;
    x.rxHeadEnd = 100;
    x.rxEnd = 100;
    x.txStart = 0;
    x.txEnd = 50;
    x.responseBytes = 40;
    x.seenNs = 2_100;
    x.responseHeadLength = 20;
    correlator.accept(x);
    Exchange record = records.get(0);
    assertThat(record.outcome).isEqualTo(Outcome.CLIENT_RESET);
    assertThat(record.responseBytes).isEqualTo(Exchange.UNKNOWN);
    assertThat(record.responseHeadLength).isEqualTo(taken == 0 ? 0 : 20);
  }

  @Test
  void aPortThatIsReusedAtOnceBelongsToTheNewConnection() {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 1_100, 100)
        .mark(MarkKind.SEND, 1_200, 50)
        .mark(MarkKind.ACK, 1_300, 50);
    journal.flags |= SocketJournal.CLOSED;
    correlator.onJournal(journal);

    FakeJournal next = new FakeJournal();
    next.cookie = 2;
    next.establishedNs = 5_000;
    next.mark(MarkKind.ARRIVAL, 6_000, 100).mark(MarkKind.READ, 6_100, 100);
    next.mark(MarkKind.SEND, 6_200, 50).mark(MarkKind.ACK, 6_300, 50);
    correlator.onJournal(next);

    publish(0, 0, 1_150, 40_000);
    publish(0, 0, 6_150, 40_000);
    assertThat(records).extracting(r -> r.timing.startNs).containsExactly(1_000L, 6_000L);
    assertThat(records).extracting(r -> r.cookie).containsExactly(1L, 2L);
  }

  @Test
  void positionsGoOnPastFourGigabytes() {
    long far = (1L << 32) + 1_000;
    long step = 1L << 30;
    int number = 0;
    for (long at = step; at < far; at += step) {
      journal.mark(MarkKind.ARRIVAL, ++number, at).mark(MarkKind.READ, number, at);
      correlator.onJournal(journal);
    }
    journal.mark(MarkKind.ARRIVAL, 100, far + 100).mark(MarkKind.READ, 110, far + 100);
    journal.mark(MarkKind.SEND, 120, 50).mark(MarkKind.ACK, 130, 50);
    correlator.onJournal(journal);
    publish(far, 0, 115, 40_000);
    assertThat(records).extracting(r -> r.timing.startNs).containsExactly(100L);
    assertThat(records).extracting(r -> r.timing.queueNs).containsExactly(10L);
  }

  @Test
  void theFirstByteOfALongResponseIsKnownBehindAHandshake() {
    journal.mark(MarkKind.ARRIVAL, 10, 300).mark(MarkKind.READ, 11, 300);
    int sent = 0;
    for (int i = 0; i < 5; i++) {
      journal.mark(MarkKind.SEND, 20 + i, sent += 100);
    }
    journal.mark(MarkKind.ARRIVAL, 50, 400).mark(MarkKind.READ, 51, 400);
    for (int i = 0; i < 2_000; i++) {
      journal.mark(MarkKind.SEND, 100 + i, sent += 1_000);
      correlator.onJournal(journal);
    }
    journal.mark(MarkKind.ACK, 5_000, sent);
    correlator.onJournal(journal);
    Exchange x = claim(correlator, 40_000);
    x.rxStart = 300;
    x.rxHeadEnd = 400;
    x.rxEnd = 400;
    x.txStart = 500;
    x.txEnd = sent;
    x.responseHeadLength = 50;
    x.seenNs = 60;
    correlator.accept(x);
    assertThat(records).extracting(r -> r.timing.firstByteNs).containsExactly(50L);
    assertThat(records).extracting(r -> r.timing.sendNs).containsExactly(1_999L);
  }

  @Test
  void marksThatWereOverwrittenMakeATimeAbsentNotWrong() {
    for (int i = 1; i <= 20; i++) {
      journal.mark(MarkKind.ARRIVAL, i, i * 5L);
    }
    journal.mark(MarkKind.READ, 30, 100).mark(MarkKind.SEND, 40, 50).mark(MarkKind.ACK, 50, 50);
    correlator.onJournal(journal);
    publish(0, 0, 31, 40_000);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.receiveNs).isEqualTo(Timing.ABSENT);
    assertThat(records.get(0).timing.queueNs).isEqualTo(10);
  }

  @Test
  void aLongResponseIsTimedFromItsFirstToItsLastSend() {
    journal.mark(MarkKind.ARRIVAL, 1, 100).mark(MarkKind.READ, 2, 100);
    correlator.onJournal(journal);
    for (int i = 1; i <= 3_000; i++) {
      journal.mark(MarkKind.SEND, 1_000 + i, i * 10L);
      correlator.onJournal(journal);
    }
    journal.mark(MarkKind.ACK, 9_000, 30_000);
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.rxStart = 0;
    exchange.rxHeadEnd = 100;
    exchange.rxEnd = 100;
    exchange.txStart = 0;
    exchange.txEnd = 30_000;
    exchange.responseHeadLength = 10;
    exchange.seenNs = 3;
    correlator.accept(exchange);
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.firstByteNs).isEqualTo(1_000);
    assertThat(records.get(0).timing.sendNs).isEqualTo(2_999);
  }

  @Test
  void underTlsTheInstantsAreFoundByTimeOnTheSameSocket() {
    journal
        .mark(MarkKind.ARRIVAL, 100, 500)
        .mark(MarkKind.READ, 120, 500)
        .mark(MarkKind.SEND, 130, 2_000)
        .mark(MarkKind.ACK, 140, 2_000)
        .mark(MarkKind.ARRIVAL, 1_000, 630)
        .mark(MarkKind.READ, 1_400, 630)
        .mark(MarkKind.SEND, 3_000, 2_100)
        .mark(MarkKind.ACK, 3_500, 2_100);
    // The handshake is over: nothing of it is part of the first request.
    Exchange exchange = claim(correlator, 40_000);
    exchange.secure = true;
    exchange.responseHeadLength = 50;
    exchange.seenNs = 1_450;
    exchange.headNs = 1_460;
    exchange.enterNs = 1_500;
    exchange.exitNs = 2_500;
    exchange.responseNs = 2_400;
    exchange.endNs = 3_050;
    correlator.onJournal(journal);
    correlator.accept(exchange);
    assertThat(records).hasSize(1);
    Timing timing = records.get(0).timing;
    assertThat(timing.startNs).isEqualTo(1_000);
    assertThat(timing.queueNs).isEqualTo(400);
    assertThat(timing.dispatchNs).isEqualTo(100);
    assertThat(timing.ackNs).isEqualTo(500);
  }

  /** The client's Finished may have come in the same turn, and long before the request. */
  @ParameterizedTest
  @CsvSource({
    "TLSv1.2,1,101,true",
    "TLSv1.3,2,101,true",
    "TLSv1.3,1,100,true",
    "TLSv1.3,1,101,false",
    ",1,101,false"
  })
  void theBeginningOfAFirstRequestIsNotToldFromTheEndOfItsHandshake(
      String version, int request, long receiveMs, boolean told) {
    long end = 1_000 + receiveMs * MS;
    journal
        .mark(MarkKind.ARRIVAL, 100, 500)
        .mark(MarkKind.READ, 120, 500)
        .mark(MarkKind.SEND, 130, 2_000)
        .mark(MarkKind.ACK, 140, 2_000)
        .mark(MarkKind.ARRIVAL, 1_000, 580)
        .mark(MarkKind.ARRIVAL, end, 710)
        .mark(MarkKind.READ, end + 100, 710)
        .mark(MarkKind.SEND, end + 1_700, 2_100)
        .mark(MarkKind.ACK, end + 2_200, 2_100);
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.secure = true;
    exchange.tlsVersion = version;
    exchange.connectionRequest = request;
    exchange.responseHeadLength = 50;
    exchange.seenNs = end + 150;
    exchange.headNs = end + 160;
    exchange.responseNs = end + 1_100;
    exchange.endNs = end + 1_750;
    correlator.accept(exchange);
    Timing timing = records.get(0).timing;
    assertThat(timing.receiveNs).isEqualTo(told ? receiveMs * MS : Timing.ABSENT);
    assertThat(timing.totalNs).isEqualTo(told ? receiveMs * MS + 2_200 : Timing.ABSENT);
    assertThat(timing.queueNs).isEqualTo(100);
    assertThat(timing.firstByteNs).isEqualTo(1_700);
  }

  /** All was encoded by 1,500; the socket takes it as the peer reads. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void underTlsAnEventLoopsResponseIsCompleteWhenItsLengthHasGone(boolean reset) {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 1_100, 100)
        .mark(MarkKind.SEND, 1_450, 3_000)
        .mark(MarkKind.ACK, 1_460, 3_000);
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.entry = Exchange.Entry.NETTY;
    exchange.secure = true;
    exchange.responseHeadLength = 50;
    exchange.responseBodyBytes = 10_000;
    exchange.responseBytes = 10_050;
    exchange.seenNs = 1_150;
    exchange.headNs = 1_160;
    exchange.responseNs = 1_400;
    exchange.endNs = 1_500;
    correlator.accept(exchange);
    assertThat(records).isEmpty();
    if (reset) {
      journal.flags |= SocketJournal.CLOSED | SocketJournal.RESET_BY_PEER;
    } else {
      journal.mark(MarkKind.SEND, 9_000, 10_200).mark(MarkKind.ACK, 9_500, 10_200);
    }
    correlator.onJournal(journal);
    Exchange record = records.get(0);
    assertThat(record.outcome).isEqualTo(reset ? Outcome.CLIENT_RESET : Outcome.COMPLETE);
    assertThat(record.responseBodyBytes).isEqualTo(reset ? Exchange.UNKNOWN : 10_000);
    assertThat(record.responseBytes).isEqualTo(reset ? Exchange.UNKNOWN : 10_050);
    assertThat(record.timing.firstByteNs).isEqualTo(450);
    assertThat(record.timing.sendNs).isEqualTo(reset ? Timing.ABSENT : 7_550);
    assertThat(record.timing.ackNs).isEqualTo(reset ? Timing.ABSENT : 500);
  }

  /** What TLS adds to the pieces before makes up for the length of the last. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void underTlsTheLastPieceOfAnEventLoopsResponseIsNotSentBeforeItWasHandedOver(boolean sent) {
    journal
        .mark(MarkKind.ARRIVAL, 1_000, 100)
        .mark(MarkKind.READ, 1_100, 100)
        .mark(MarkKind.SEND, 1_450, 170)
        .mark(MarkKind.SEND, 2_450, 200)
        .mark(MarkKind.ACK, 2_460, 200);
    correlator.onJournal(journal);
    Exchange exchange = claim(correlator, 40_000);
    exchange.entry = Exchange.Entry.NETTY;
    exchange.secure = true;
    exchange.responseHeadLength = 140;
    exchange.responseBodyBytes = 6;
    exchange.seenNs = 1_150;
    exchange.headNs = 1_160;
    exchange.responseNs = 1_400;
    exchange.handedOverNs = 3_400;
    exchange.endNs = 3_500;
    correlator.accept(exchange);
    assertThat(records).isEmpty();
    if (sent) {
      journal.mark(MarkKind.SEND, 3_600, 240).mark(MarkKind.ACK, 3_900, 240);
    } else {
      journal.flags |= SocketJournal.CLOSED;
    }
    correlator.onJournal(journal);
    Timing timing = records.get(0).timing;
    assertThat(timing.firstByteNs).isEqualTo(450);
    assertThat(timing.sendNs).isEqualTo(sent ? 2_150 : Timing.ABSENT);
    assertThat(timing.ackNs).isEqualTo(sent ? 300 : Timing.ABSENT);
    assertThat(timing.totalNs).isEqualTo(sent ? 2_900 : Timing.ABSENT);
  }

  @Test
  void tablesStayBounded() {
    Correlator small = correlator(true, 10, 5);
    for (int i = 0; i < 1_000; i++) {
      publish(small, 0, 0, 1_000, 1_000 + i);
    }
    assertThat(small.connectionCount()).isLessThanOrEqualTo(10);
    assertThat(small.pendingCount()).isLessThanOrEqualTo(5);
    small.drain(() -> false);
    assertThat(records).hasSize(1_000);
    assertThat(small.pendingCount()).isZero();
  }

  @Test
  void finishedExchangesWaitInBoundedMemoryAndInOrder() {
    Correlator bursty =
        new Correlator(false, WireView.OFF, this::keep, counters, 100 * 2_048, 10, 10);
    for (int i = 0; i < 1_000; i++) {
      publish(bursty, 0, 0, i, 1_000);
    }
    assertThat(records).hasSize(900);
    assertThat(bursty.write(64)).isTrue();
    assertThat(bursty.write(64)).isFalse();
    assertThat(records).extracting(r -> r.seenNs).isSorted().hasSize(1_000);
  }

  @Test
  void whatCannotBeWrittenBeforeTheEndIsCounted() {
    Correlator ending = new Correlator(true, WireView.OFF, this::keep, counters, 1 << 20, 10, 10);
    for (int i = 0; i < 10; i++) {
      publish(ending, 0, 0, i, 1_000 + i);
    }
    ending.drain(() -> records.size() == 3);
    assertThat(records).hasSize(3);
    assertThat(counters.losses(LossReason.SHUTDOWN)).isEqualTo(7);
    assertThat(ending.write(1)).isFalse();
  }

  @Test
  void anExchangeWhoseReportWasDroppedGoesOnAfterASecondWithoutNews() {
    Correlator dropping = correlator(true, 100, 100);
    dropping.now(0);
    journal.mark(MarkKind.ARRIVAL, 1_000, 100).mark(MarkKind.READ, 2_000, 100);
    dropping.onJournal(journal);
    publish(dropping, 0, 0, 2_100, 40_000);
    dropping.now(50 * MS);
    dropping.reportsDropped(1);
    dropping.tick();
    dropping.now((Correlator.SILENT_MS_MAX - 1) * MS);
    dropping.reportsDropped(1);
    dropping.tick();
    assertThat(records).isEmpty();
    dropping.now(Correlator.SILENT_MS_MAX * MS);
    dropping.tick();
    assertThat(records).hasSize(1);
    assertThat(records.get(0).timing.queueNs).isEqualTo(1_000);

    dropping.now(50 * MS + (Correlator.SILENT_MS_MAX + 1) * MS);
    // What comes later is not affected, nor is a connection that is heard of.
    publish(dropping, 100, 50, 3_100, 40_000);
    dropping.now(3 * Correlator.SILENT_MS_MAX * MS);
    dropping.tick();
    assertThat(records).hasSize(1);
    dropping.reportsDropped(2);
    journal.mark(MarkKind.ARRIVAL, 3_000, 200);
    dropping.onJournal(journal);
    dropping.now((4 * Correlator.SILENT_MS_MAX - 1) * MS);
    dropping.tick();
    assertThat(records).hasSize(1);
    journal.mark(MarkKind.READ, 3_050, 200).mark(MarkKind.SEND, 3_200, 100);
    journal.mark(MarkKind.ACK, 3_300, 100);
    dropping.onJournal(journal);
    assertThat(records).hasSize(2);
    assertThat(records.get(1).timing.ackNs).isEqualTo(100);
  }

  @Test
  void closedConnectionsAreForgotten() {
    for (int i = 0; i < 50; i++) {
      FakeJournal closed = new FakeJournal();
      closed.cookie = i + 1L;
      closed.remotePort = 1_000 + i;
      closed.mark(MarkKind.ARRIVAL, 1, 10);
      closed.flags |= SocketJournal.CLOSED;
      correlator.now(i);
      correlator.onJournal(closed);
    }
    assertThat(correlator.connectionCount()).isEqualTo(50);
    correlator.now((Correlator.CLOSED_MS_MAX + 1) * MS);
    correlator.tick();
    assertThat(correlator.connectionCount()).isZero();
  }

  @Test
  void everyExchangeComesOutOnceWhateverTheOrderOfTheStreams() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      records.clear();
      Correlator mixed = correlator(true, 1_000, 1_000);
      int exchanges = 1 + random.nextInt(20);
      FakeJournal socket = new FakeJournal();
      int published = 0;
      for (int i = 0; i < exchanges; i++) {
        long at = 10_000L * (i + 1);
        socket.mark(MarkKind.ARRIVAL, at, 100L * (i + 1));
        if (random.nextInt(4) == 0) {
          mixed.onJournal(socket);
        }
        socket.mark(MarkKind.READ, at + 100, 100L * (i + 1));
        socket.mark(MarkKind.SEND, at + 200 + i, 50L * (i + 1));
        socket.mark(MarkKind.ACK, at + 300, 50L * (i + 1));
        mixed.onJournal(socket);
        while (published <= i && random.nextBoolean()) {
          publish(
              mixed, 100L * published, 50L * published, 10_000L * (published + 1) + 110, 40_000);
          published++;
        }
      }
      while (published < exchanges) {
        publish(mixed, 100L * published, 50L * published, 10_000L * (published + 1) + 110, 40_000);
        published++;
      }
      assertThat(records).hasSize(exchanges);
      for (int i = 0; i < exchanges; i++) {
        assertThat(records.get(i).timing.firstByteNs).isEqualTo(200L + i);
      }
    }
  }
}

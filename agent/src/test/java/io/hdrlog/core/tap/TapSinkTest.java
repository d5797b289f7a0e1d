package io.hdrlog.core.tap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TapSinkTest {
  private static final byte[] REQUEST =
      "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] RESPONSE =
      "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Counters counters = new Counters();
  private final List<String> log = new ArrayList<>();
  private final Exchange last = new Exchange();
  private int published;
  private final TapSink sink =
      new TapSink(
          exchange -> {
            last.copyFrom(exchange);
            published++;
            return true;
          },
          (head, length, seenNs, random) -> "id",
          null,
          TapOptions.defaults(),
          counters,
          new AgentLog() {
            @Override
            public void info(String line) {
              log.add(line);
            }

            @Override
            public void warn(String line) {
              log.add(line);
            }

            @Override
            public void error(String line) {
              log.add(line);
            }
          });

  @Test
  void aRequestToTomcatAllocatesNothing() {
    Object wrapper = new Object();
    sink.onCoyoteAccepted(wrapper);
    Object state = sink.onCoyoteState();
    assertThat(allocated(() -> coyote(state, wrapper))).isZero();
    assertThat(last.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(last.route).isEqualTo("/context/api/*");
  }

  /** A processor in the midst of a request: its handler was entered. */
  private Object coyoteBusy(Object wrapper, byte[] request, boolean whole) {
    Object state = sink.onCoyoteState();
    sink.onCoyoteAccepted(wrapper);
    if (sink.onCoyoteAttach(state, wrapper)) {
      sink.onCoyoteOpened(state, null, null);
    }
    sink.onCoyoteFilled(state, request, 0, request.length, true);
    if (whole) {
      sink.onCoyoteHead(state, request.length);
      sink.onCoyoteEnter(state);
    }
    return state;
  }

  @Test
  void aRequestThatNettysApplicationGaveUpWaitingForTimedOut() {
    Object state = nettyChannel(20);
    decode(state, "GET /a HTTP/1.1\r\nA: ".getBytes(StandardCharsets.US_ASCII), false, null);
    byte[] response = "HTTP/1.1 408 \r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    int copied = sink.onNettyResponding(state, 408, response.length);
    System.arraycopy(response, 0, sink.onNettyResponseArray(state), 0, copied);
    sink.onNettyEncoded(state, response.length, 0, true);
    sink.onNettyClosing(state);
    sink.onNettyClosed(state);
    assertThat(published).isEqualTo(1);
    assertThat(last.outcome).isEqualTo(Outcome.TIMEOUT);
  }

  @Test
  void whatTomcatIsBusyWithWhenTheJvmEndsWasCutOff() {
    coyoteBusy(new Object(), REQUEST, true);
    sink.endOpen();
    assertThat(published).isEqualTo(1);
    assertThat(last.outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(last.errorType).isEqualTo("no_response");
    assertThat(last.requestHeadLength).isEqualTo(REQUEST.length);
    assertThat(last.rxHeadEnd).isEqualTo(REQUEST.length);
    assertThat(last.exitNs).isEqualTo(Timing.ABSENT);
    sink.endOpen();
    assertThat(published).as("told once").isEqualTo(1);
  }

  @Test
  void ofHalfAHeadOnlyWholeLinesAreToldThen() {
    coyoteBusy(
        new Object(), "GET /a HTTP/1.1\r\nA: b\r\nCo".getBytes(StandardCharsets.US_ASCII), false);
    sink.endOpen();
    assertThat(new String(last.requestHead, 0, last.requestHeadLength, StandardCharsets.US_ASCII))
        .isEqualTo("GET /a HTTP/1.1\r\nA: b\r\n");
  }

  @Test
  void aResponseThatHasBegunIsNotWholeThen() {
    Object state = coyoteBusy(new Object(), REQUEST, true);
    sink.onCoyoteResponse(state, RESPONSE, 0, RESPONSE.length);
    sink.endOpen();
    assertThat(last.outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(last.errorType).isNull();
    assertThat(last.responseHeadLength).isEqualTo(RESPONSE.length);
    assertThat(last.responseBodyBytes).isEqualTo(Exchange.UNKNOWN);
  }

  @Test
  void norIsOneForgottenThatIsOnAClosedConnection() {
    Object wrapper = new Object();
    coyoteBusy(wrapper, REQUEST, true);
    sink.onCoyoteClosed(wrapper);
    sink.endOpen();
    assertThat(published).isEqualTo(1);
    assertThat(last.outcome).isEqualTo(Outcome.SERVER_RESET);
  }

  @Test
  void whatCameToItsEndIsToldNoMore() {
    Object wrapper = new Object();
    Object state = coyoteBusy(wrapper, REQUEST, true);
    sink.onCoyoteClosed(wrapper);
    sink.onCoyoteResponse(state, RESPONSE, 0, RESPONSE.length);
    sink.onCoyoteEnd(state, 0, 0, 5, 5);
    sink.onCoyoteDetach(state);
    sink.onCoyoteClosed(new Object());
    sink.endOpen();
    assertThat(published).isEqualTo(1);
    assertThat(last.outcome).isEqualTo(Outcome.COMPLETE);
  }

  @Test
  void whatNettyHasOpenWhenTheJvmEndsWasCutOff() {
    Object state = nettyChannel(2 * REQUEST.length);
    netty(state, false);
    netty(state, false);
    sink.endOpen();
    assertThat(published).isEqualTo(2);
    assertThat(last.outcome).isEqualTo(Outcome.SERVER_RESET);
    assertThat(last.errorType).isEqualTo("no_response");
    sink.endOpen();
    sink.onNettyClosed(state);
    assertThat(published).as("told once").isEqualTo(2);
  }

  private void coyote(Object state, Object wrapper) {
    if (sink.onCoyoteAttach(state, wrapper)) {
      sink.onCoyoteOpened(state, null, null);
    }
    sink.onCoyoteFilled(state, REQUEST, 0, REQUEST.length, true);
    sink.onCoyoteHead(state, REQUEST.length);
    sink.onCoyoteEnter(state);
    sink.onCoyoteMapped(state, false, getClass().getClassLoader());
    sink.onCoyoteExit(state, null);
    sink.onCoyoteRoute(state, "/context", "/api", false);
    sink.onCoyoteResponse(state, RESPONSE, 0, RESPONSE.length);
    sink.onCoyoteLeave(state);
    sink.onCoyoteEnd(state, 0, 0, 5, 5);
    sink.onCoyoteDetach(state);
  }

  @Test
  void aRequestToNettyAllocatesNothing() {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    Object state = sink.onNettyOpen(end, end);
    assertThat(allocated(() -> netty(state, true))).isZero();
    assertThat(last.outcome).isEqualTo(Outcome.COMPLETE);
    assertThat(last.requestHeadLength).isEqualTo(REQUEST.length);
  }

  private void netty(Object state, boolean answered) {
    decode(state, REQUEST, true, null);
    if (answered) {
      answer(state);
    }
  }

  /** The decoder takes all of the bytes, and makes a whole request of them or none. */
  private void decode(Object state, byte[] bytes, boolean message, Throwable failure) {
    int copied = sink.onNettyDecoding(state, bytes.length, 0, message);
    if (copied > 0) {
      System.arraycopy(bytes, 0, sink.onNettyArray(state), sink.onNettyOffset(state), copied);
    }
    sink.onNettyDecoded(state, bytes.length, copied, message, message, 0, failure);
  }

  /** A channel seen from its beginning, of which so many bytes are read at first. */
  private Object nettyChannel(int bytes) {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    Object state = sink.onNettyAccepted();
    sink.onNettyRead(state, bytes);
    sink.onNettyKnown(state, end, end);
    return state;
  }

  private void answer(Object state) {
    int copied = sink.onNettyResponding(state, 200, RESPONSE.length);
    if (copied > 0) {
      System.arraycopy(RESPONSE, 0, sink.onNettyResponseArray(state), 0, copied);
    }
    sink.onNettyEncoded(state, RESPONSE.length + 5, 5, true);
  }

  /**
   * Bytes that this thread allocates in 10,000 calls, once all is warm. The least of five rounds:
   * the JVM itself allocates a few hundred now and then when it compiles again, a call that
   * allocates does so in each round.
   */
  private static long allocated(Runnable call) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 6; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        call.run();
      }
      long after = threads.getCurrentThreadAllocatedBytes();
      least = round == 0 ? least : Math.min(least, after - before);
    }
    return least;
  }

  @Test
  void moreThanSoManyPipelinedRequestsAreCountedAndTheRestStaysInStep() {
    InetSocketAddress end = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
    Object state = sink.onNettyFirst();
    sink.onNettyRead(state, REQUEST.length);
    sink.onNettyKnown(state, end, end);
    int more = 10;
    for (int i = 0; i < NettyChannel.OPEN_MAX + more; i++) {
      netty(state, false);
    }
    assertThat(counters.losses(LossReason.TABLE_FULL)).isEqualTo(more);
    for (int i = 0; i < NettyChannel.OPEN_MAX + more; i++) {
      answer(state);
    }
    assertThat(published).isEqualTo(NettyChannel.OPEN_MAX);
    netty(state, true);
    assertThat(published).isEqualTo(NettyChannel.OPEN_MAX + 1);
    assertThat(last.connectionRequest).isEqualTo(NettyChannel.OPEN_MAX + more + 1);
    assertThat(last.rxStart).isEqualTo((long) (NettyChannel.OPEN_MAX + more) * REQUEST.length);
    assertThat(last.txEnd)
        .isEqualTo((long) (NettyChannel.OPEN_MAX + more + 1) * (RESPONSE.length + 5));
  }

  @Test
  void emptyLinesInFrontOfARequestHaveNoNumber() {
    byte[] emptyLine = {'\r', '\n'};
    Object state = nettyChannel(emptyLine.length);
    for (int number = 1; number <= 3; number++) {
      decode(state, emptyLine, false, null);
      decode(state, emptyLine, false, null);
      netty(state, true);
      assertThat(published).isEqualTo(number);
      assertThat(last.connectionRequest).isEqualTo(number);
      long before = (long) (number - 1) * REQUEST.length + number * 4L;
      assertThat(last.rxStart).isEqualTo(before);
    }
  }

  private static final String GIVEN_UP = "GET /a?b=c HTTP/1.1\r\nHost: h\r\nX-Card: 4111 1111 11";
  private static final String SHOWN = "GET /a?b=c HTTP/1.1\r\nHost: h\r\n";

  @Test
  void ofAHeadThatNettyGivesUpWholeLinesAreShown() {
    byte[] head = GIVEN_UP.getBytes(StandardCharsets.US_ASCII);
    Object state = nettyChannel(head.length);
    decode(state, head, true, new IllegalStateException("too long"));
    answer(state);
    assertThat(last.outcome).isEqualTo(Outcome.REJECTED);
    assertThat(lastHead()).isEqualTo(SHOWN);
  }

  @Test
  void ofAHeadThatTomcatGivesUpWholeLinesAreShown() {
    byte[] head = GIVEN_UP.getBytes(StandardCharsets.US_ASCII);
    Object state = sink.onCoyoteState();
    sink.onCoyoteAttach(state, new Object());
    sink.onCoyoteFilled(state, head, 0, head.length, true);
    sink.onCoyoteError(state, true, new IllegalStateException("too long"));
    sink.onCoyoteResponse(state, RESPONSE, 0, RESPONSE.length);
    sink.onCoyoteEnd(state, 0, 0, 0, 0);
    assertThat(last.outcome).isEqualTo(Outcome.REJECTED);
    assertThat(lastHead()).isEqualTo(SHOWN);
  }

  private String lastHead() {
    return new String(last.requestHead, 0, last.requestHeadLength, StandardCharsets.US_ASCII);
  }

  @Test
  void connectionsOlderThanTheAgentHaveNoPositions() {
    Object state = sink.onCoyoteState();
    coyote(state, new Object());
    assertThat(last.rxStart).isEqualTo(Exchange.UNKNOWN);
    assertThat(last.txEnd).isEqualTo(Exchange.UNKNOWN);
    assertThat(last.connectionRequest).isZero();
  }

  @Test
  void aFailureIsCountedEachTimeAndToldOnce() {
    for (int i = 0; i < 3; i++) {
      sink.onFailed(new IllegalStateException("wrong"));
    }
    assertThat(counters.losses(LossReason.TAP_FAILED)).isEqualTo(3);
    assertThat(log).singleElement().asString().startsWith("tap failed exception=");
  }
}

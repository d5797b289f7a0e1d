package io.hdrlog.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.merge.Plaintext;
import io.hdrlog.core.merge.WireView;
import io.hdrlog.core.tap.WireChannel;
import io.hdrlog.core.tap.WireChannels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that end otherwise than by a close in the JVM. */
class WireReaderTest {
  private static final String GET = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
  private static final String HALF =
      "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n12345";
  private static final String REFUSED = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  private static final String BROKEN = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";

  private final Counters counters = new Counters();
  private final List<String> records = new ArrayList<>();
  private final WireReader reader = new WireReader(counters);
  private final WireChannel channel = WireChannels.fromStart(40_000);
  private long received;
  private long sent;

  WireReaderTest() {
    reader.to(new Correlator(false, WireView.OFF, this::keep, counters, 0));
  }

  private void keep(Exchange x) {
    String why = x.errorType == null ? "" : " " + x.errorType;
    records.add(x.outcome.name().toLowerCase(Locale.ROOT) + why);
  }

  private void received(String text) {
    received = moved(false, received, text);
  }

  private void sent(String text) {
    sent = moved(true, sent, text);
  }

  private long moved(boolean out, long from, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    long to = from + bytes.length;
    reader.moved(channel, out, from, bytes, bytes.length, from, to, 1_000);
    return to;
  }

  private void jvmEnds() {
    reader.ended(channel, 2_000);
  }

  @Test
  void whatIsOpenWhenTheJvmEndsIsEndedByThisSide() {
    received(GET);
    jvmEnds();
    assertThat(records).containsExactly("server_reset no_response");
  }

  @Test
  void halfARequestToo() {
    received(HALF);
    jvmEnds();
    assertThat(records).containsExactly("server_reset no_response");
  }

  @Test
  void andHalfAResponse() {
    received(GET);
    sent(BROKEN);
    jvmEnds();
    assertThat(records).containsExactly("server_reset");
  }

  @Test
  void anAnswerBeforeTheEndOfTheRequestIsComplete() {
    received(HALF);
    sent(REFUSED);
    assertThat(records).isEmpty();
    jvmEnds();
    assertThat(records).containsExactly("complete");
  }

  @Test
  void anIdleConnectionHasNothingToTell() {
    received(GET);
    sent(REFUSED);
    assertThat(records).containsExactly("complete");
    jvmEnds();
    assertThat(records).hasSize(1);
    assertThat(channel.forgotten()).as("it may go on").isFalse();
  }

  @ParameterizedTest
  @CsvSource({"true, server_reset no_response", "false, client_reset"})
  void aClientThatHasEndedItsDirectionMayWaitForAnAnswer(boolean whole, String outcome) {
    received(whole ? GET : HALF);
    channel.ended = true;
    jvmEnds();
    assertThat(records).containsExactly(outcome);
  }

  @Test
  void whatFailedBeforeIsTheClients() {
    received(GET);
    channel.failed = true;
    jvmEnds();
    assertThat(records).containsExactly("client_reset");
  }

  @Test
  void streamsOfHttp2Too() {
    received("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0\0\0\4\0\0\0\0\0");
    // HEADERS that end stream 1 with :method GET, :path /, :scheme http, :authority a.
    received("\0\0\6\1\5\0\0\0\1" + "\u0082\u0084\u0086A\1a");
    jvmEnds();
    assertThat(records).containsExactly("server_reset no_response");
  }

  /** The plaintext is of the next connection with these ends. */
  @Test
  void whatTheKernelClosedBeforeTheNewestPlaintextIsAnother() {
    received(GET);
    Plaintext of = (Plaintext) channel.session();
    of.gone(false, 999);
    assertThat(records).isEmpty();
    of.gone(false, 1_000);
    assertThat(records).containsExactly("client_reset");
  }

  @Test
  void aCloseAfterThatIsNoSecondEnd() {
    received(GET);
    jvmEnds();
    sent(BROKEN);
    reader.closed(channel, 3_000);
    jvmEnds();
    assertThat(records).hasSize(1);
    assertThat(channel.forgotten()).isTrue();
  }
}

package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.instrument.netty.NettyApp;
import io.hdrlog.core.instrument.tomcat.TomcatApp;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.tap.Tap;
import java.util.Map;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent comes to servers that run already and have connections. */
class AttachTest {
  private static final String GET =
      """
      GET /app/a HTTP/1.1\r
      Host: localhost\r
      \r
      """;

  private final Harness harness = Harness.install();

  @ParameterizedTest
  @ValueSource(classes = {TomcatApp.class, NettyApp.class})
  void classesThatAreLoadedAreChangedAndRestored(Class<?> app) throws Exception {
    ByteBuddyAgent.install().removeTransformer(harness.instrumenter);
    TapSink sink = harness.newSink(TapOptions.defaults());
    Tap.install(sink);
    try (IsolatedLoader loader = new IsolatedLoader(entry -> true)) {
      int port = (Integer) loader.call(app, "start");
      try (RawClient old = new RawClient(port)) {
        old.send(GET).response();
        harness.exchanges.clear();
        old.send(GET).response();
        harness.nothing();

        Instrumenter attached =
            Instrumenter.install(
                ByteBuddyAgent.install(), sink, TapOptions.defaults(), Map.of(), new Quiet());
        try {
          old.send(GET).response();
          Exchange x = harness.only();
          assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
          assertThat(Harness.requestHead(x)).isEqualTo(GET);
          assertThat(x.rxStart).isEqualTo(Exchange.UNKNOWN);
          assertThat(x.connectionRequest).isZero();
          assertThat(x.addressed).isTrue();
          try (RawClient young = new RawClient(port)) {
            young.send(GET).response();
            Exchange y = harness.only();
            assertThat(y.rxStart).isZero();
            assertThat(y.txEnd).isEqualTo(young.received);
            assertThat(y.connectionRequest).isEqualTo(1);
            assertThat(y.addressed).isTrue();
          }
        } finally {
          attached.uninstall();
        }
        old.send(GET).response();
        harness.nothing();
      } finally {
        loader.call(app, "stop");
      }
    } finally {
      Tap.install(harness.sink);
      ByteBuddyAgent.install().addTransformer(harness.instrumenter, true);
      harness.instrumenter.again();
    }
  }

  private static final class Quiet implements io.hdrlog.core.health.AgentLog {
    @Override
    public void info(String line) {}

    @Override
    public void warn(String line) {}

    @Override
    public void error(String line) {
      throw new AssertionError(line);
    }
  }
}

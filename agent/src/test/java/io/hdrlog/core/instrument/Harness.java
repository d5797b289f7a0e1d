package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.instrument.requestid.LoggingMaps;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.tap.Tap;
import java.lang.instrument.Instrumentation;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import net.bytebuddy.agent.ByteBuddyAgent;

/** The tap, installed in this JVM, with a queue where the ring will be. */
public final class Harness {
  /** How long a record may take to come. */
  private static final int PATIENCE_SECONDS = 5;

  /** How long is waited to see that none comes. */
  private static final int QUIET_MS = 150;

  private static Harness installed;

  public final BlockingQueue<Exchange> exchanges = new LinkedBlockingQueue<>();
  public final Counters counters = new Counters();
  public final List<String> log = new CopyOnWriteArrayList<>();
  private final AgentLog agentLog;
  public final TapSink sink;
  public final Instrumenter instrumenter;

  private Harness(TapOptions options) {
    AgentLog agentLog =
        new AgentLog() {
          @Override
          public void info(String line) {
            log.add(line);
          }

          @Override
          public void warn(String line) {
            log.add("warn " + line);
          }

          @Override
          public void error(String line) {
            log.add("error " + line);
          }
        };
    this.agentLog = agentLog;
    sink = newSink(options);
    Tap.install(sink);
    Instrumentation instrumentation = ByteBuddyAgent.install();
    instrumenter = Instrumenter.install(instrumentation, sink, options, Map.of(), agentLog);
  }

  /** Another sink that feeds the same queue. */
  public TapSink newSink(TapOptions options) {
    return new TapSink(
        exchange -> {
          Exchange copy = new Exchange();
          copy.copyFrom(exchange);
          return exchanges.add(copy);
        },
        (head, length, seenNs, random) -> "id-" + random,
        new LoggingMaps(),
        options,
        counters,
        agentLog);
  }

  /** Installs the tap once for the JVM; the id is given back to clients. */
  public static synchronized Harness install() {
    if (installed == null) {
      installed = new Harness(new TapOptions("x-request-id", true, "request_id", true, true));
    }
    return installed;
  }

  /** The next record. */
  public Exchange next() throws InterruptedException {
    Exchange exchange = exchanges.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    assertThat(exchange).as("a record; agent log: %s", log).isNotNull();
    return exchange;
  }

  /** The only record: no other follows. */
  public Exchange only() throws InterruptedException {
    Exchange exchange = next();
    nothing();
    return exchange;
  }

  /** No record comes, and nothing went wrong. */
  public void nothing() throws InterruptedException {
    Exchange other = exchanges.poll(QUIET_MS, TimeUnit.MILLISECONDS);
    assertThat(other == null ? null : requestHead(other)).isNull();
    assertThat(counters.losses(LossReason.TAP_FAILED)).as("agent log: %s", log).isZero();
  }

  public static String requestHead(Exchange x) {
    return new String(x.requestHead, 0, x.requestHeadLength, StandardCharsets.ISO_8859_1);
  }

  public static String responseHead(Exchange x) {
    return new String(x.responseHead, 0, x.responseHeadLength, StandardCharsets.ISO_8859_1);
  }
}

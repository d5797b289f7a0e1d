package io.hdrlog.core;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.encode.WallClock;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.FileAgentLog;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.instrument.Instrumenter;
import io.hdrlog.core.instrument.requestid.LoggingMaps;
import io.hdrlog.core.ring.ExchangeRing;
import io.hdrlog.core.run.Pipeline;
import io.hdrlog.core.run.WireStream;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.tap.Tap;
import java.lang.instrument.Instrumentation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** The agent, started: this page is the picture in docs/architecture.md. */
public final class Hdrlog {
  private Hdrlog() {}

  /**
   * Starts both streams and what is behind them. Called once, by the premain classes, before the
   * application's main method or, attached, at any time.
   *
   * @param arguments the agent's argument string, may be null
   * @param attached whether the application is running already
   * @param kernelRefusal why the kernel stream cannot be tried in this JVM; null if it can
   */
  public static void start(
      String arguments, Instrumentation instrumentation, boolean attached, String kernelRefusal) {
    List<String> problems = new ArrayList<>();
    Config config = ConfigLoader.load(arguments, problems);
    if (!config.enabled()) {
      return;
    }
    FileAgentLog log =
        new FileAgentLog(config.dir(), config.serviceFileName(), InstantSource.system());
    Startup.announce(log, config, problems, attached);

    Counters counters = new Counters();
    WallClock wallClock = new WallClock();
    RequestIds requestIds = new RequestIds(config.requestIdHeader(), wallClock.offsetNs());

    // Application threads: advice -> tap -> ring.
    ExchangeRing ring = new ExchangeRing(config.bufferBytes(), counters);
    TapOptions options =
        new TapOptions(
            config.requestIdHeader(),
            config.requestIdResponse(),
            config.requestIdMdc(),
            true,
            config.wire() != Config.Wire.OFF);
    TapSink sink = new TapSink(ring, requestIds::id, new LoggingMaps(), options, counters, log);
    Tap.install(sink);
    WireStream wire = new WireStream(config, instrumentation, sink, log);
    wire.through(Instrumenter.install(instrumentation, sink, options, wire.sightings(), log));

    // One thread: rings and kernel -> correlator -> select -> mask, encode -> file.
    Pipeline pipeline =
        Pipeline.of(config, ring, wire, requestIds, wallClock, kernelRefusal, counters, log);
    pipeline.start();
    Runtime.getRuntime().addShutdownHook(new Thread(pipeline::stop, "hdrlog-shutdown"));
  }
}

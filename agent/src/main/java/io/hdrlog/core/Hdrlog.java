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
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** The agent, started: this page is the picture in docs/architecture.md. */
public final class Hdrlog {
  private Hdrlog() {}

  /**
   * Starts both streams and what is behind them. Called once, by the premain classes, on a thread
   * beside the application's main thread or, attached, at any time.
   *
   * @param arguments the agent's argument string, may be null
   * @param handOver takes the transformer from the one that stood in for it, and gives the names of
   *     what was loaded meanwhile; null if the application is running already
   * @param kernelRefusal why the kernel stream cannot be tried in this JVM; null if it can
   * @return false if the options switch everything off
   */
  public static boolean start(
      String arguments,
      Instrumentation instrumentation,
      Function<ClassFileTransformer, Collection<String>> handOver,
      String kernelRefusal) {
    List<String> problems = new ArrayList<>();
    Config config = ConfigLoader.load(arguments, problems);
    if (!config.enabled()) {
      return false;
    }
    FileAgentLog log =
        new FileAgentLog(config.dir(), config.serviceFileName(), InstantSource.system());
    Startup.announce(log, config, problems, handOver == null);

    Counters counters = new Counters();
    WallClock wallClock = new WallClock();
    RequestIds requestIds = new RequestIds(config.requestIdHeader(), wallClock.offsetNs());

    // Application threads: advice -> tap -> ring.
    // A service that runs already may be under load; one that starts is not.
    int parcels = handOver == null ? Integer.MAX_VALUE : Pipeline.PARCELS_AT_START;
    ExchangeRing ring = new ExchangeRing(config.ringBytes(), parcels, counters);
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
    Instrumenter instrumenter =
        Instrumenter.install(instrumentation, handOver, sink, options, wire.sightings(), log);
    wire.through(instrumenter);

    // One thread: rings and kernel -> correlator -> select -> mask, encode -> file.
    Pipeline pipeline =
        Pipeline.of(
            config,
            ring,
            sink,
            wire,
            requestIds,
            wallClock,
            kernelRefusal,
            hook -> LastHook.register(instrumentation, hook),
            counters,
            log);
    pipeline.start();
    stopWithTheJvm(pipeline);
    if (handOver != null) {
      instrumenter.warm();
    }
    return true;
  }

  private static void stopWithTheJvm(Pipeline pipeline) {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(pipeline::stop, "hdrlog-shutdown"));
    } catch (IllegalStateException shuttingDown) {
      // A program that was done before its log could start; there is nothing to write.
    }
  }
}

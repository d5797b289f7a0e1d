package io.hdrlog.core.run;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.encode.EncoderSettings;
import io.hdrlog.core.encode.JsonEncoder;
import io.hdrlog.core.encode.WallClock;
import io.hdrlog.core.file.SystemCalls;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.HealthReporter;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.http.TrustedProxies;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.mask.KeyFile;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.ring.ExchangeRing;
import io.hdrlog.core.select.Filter;
import io.hdrlog.core.select.Sampler;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.core.write.LogFile;
import io.hdrlog.core.write.LogFileOptions;
import io.hdrlog.tap.Tap;
import java.time.InstantSource;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;

/** Everything behind the ring, put together as the options say, and its thread. */
public final class Pipeline {
  private static final long STOP_MS_MAX = 2_000;

  /** More than a service that is not compiled yet publishes while its kernel stream is opened. */
  public static final int PARCELS_AT_START = 1_024;

  /** Finished exchanges may wait for the writer in so many times the ring's memory. */
  private static final long BACKLOG_RINGS_MAX = 4;

  private final Consumer consumer;

  private Pipeline(Consumer consumer) {
    this.consumer = consumer;
  }

  /**
   * Puts the parts together; opens nothing yet.
   *
   * @param lastHook has something run when all shutdown hooks are done; false where it cannot
   */
  public static Pipeline of(
      Config config,
      ExchangeRing ring,
      TapSink sink,
      WireStream wire,
      RequestIds requestIds,
      WallClock wallClock,
      String kernelRefusal,
      Predicate<Runnable> lastHook,
      Counters counters,
      AgentLog log) {
    Kernel kernel = new Kernel(config, kernelRefusal, log);
    Urgency urgency = new Urgency(SystemCalls::find);
    Parts parts =
        new Parts(
            config, sink, wire, requestIds, wallClock, kernel, urgency, lastHook, counters, log);
    return new Pipeline(new Consumer(ring, wire, new WireReader(counters), parts, parts, urgency));
  }

  /** Starts the consumer's thread. */
  public void start() {
    Thread thread = new Thread(consumer, "hdrlog-consumer");
    thread.setDaemon(true);
    thread.start();
  }

  /** Has what waits written; for the JVM's shutdown. */
  public void stop() {
    consumer.stop(STOP_MS_MAX);
  }

  /**
   * What the consumer drives. Made on its thread where it can be: key, file and kernel programs are
   * not worth a millisecond of the application's start.
   */
  private static final class Parts implements StreamOpener, Housekeeping {
    private final Config config;
    private final TapSink sink;
    private final WireStream wire;
    private final RequestIds requestIds;
    private final WallClock wallClock;
    private final Kernel kernel;
    private final Urgency urgency;
    private final Predicate<Runnable> lastHook;
    private final Counters counters;
    private final AgentLog log;
    private final HealthReporter health;
    private RecordWriter writer;
    private boolean told;

    Parts(
        Config config,
        TapSink sink,
        WireStream wire,
        RequestIds requestIds,
        WallClock wallClock,
        Kernel kernel,
        Urgency urgency,
        Predicate<Runnable> lastHook,
        Counters counters,
        AgentLog log) {
      this.config = config;
      this.sink = sink;
      this.wire = wire;
      this.requestIds = requestIds;
      this.wallClock = wallClock;
      this.kernel = kernel;
      this.urgency = urgency;
      this.lastHook = lastHook;
      this.counters = counters;
      this.log = log;
      this.health = new HealthReporter(counters, log, kernel::losses, InstantSource.system());
    }

    @Override
    public KernelSource openKernel() {
      if (kernel.isToBeTried()) {
        // It takes a while, and the service may be under load already.
        urgency.start(System.nanoTime());
      }
      return kernel.open();
    }

    @Override
    public Correlator newCorrelator(KernelSource source) {
      writer =
          new RecordWriter(
              Filter.parse(
                  config.filter(),
                  config.sample(),
                  new Sampler(config.sampleSlowNs(), new SplittableRandom()::nextDouble),
                  log::warn),
              new JsonEncoder(encoderSettings()),
              wallClock,
              new LogFile(fileOptions(), InstantSource.system(), counters, log),
              counters,
              this::failed);
      Correlator correlator =
          new Correlator(
              source != null, wire, writer, counters, BACKLOG_RINGS_MAX * config.ringBytes());
      if (source != null && source.reportsPauses()) {
        correlator.pausesWatchedSince(kernel.openedNs());
      }
      return correlator;
    }

    private EncoderSettings encoderSettings() {
      KeyFile keyFile = KeyFile.load(config.dir(), config.serviceFileName());
      if (keyFile.problem() != null) {
        log.warn(keyFile.problem());
      }
      EncoderSettings settings = new EncoderSettings();
      settings.service = config.service();
      settings.instanceId = UUID.randomUUID().toString();
      settings.requestHeaders = config.requestHeaders();
      settings.responseHeaders = config.responseHeaders();
      settings.maskHeaders = config.maskHeaders();
      settings.maskQuery = config.maskQuery();
      settings.maskValues = config.maskValues();
      settings.maskMode = config.maskMode();
      settings.maskIp = config.maskIp();
      settings.key = keyFile.key();
      settings.trustedProxies = TrustedProxies.parse(config.trustedProxies(), log::warn);
      settings.requestIds = requestIds;
      return settings;
    }

    private LogFileOptions fileOptions() {
      return new LogFileOptions(
          config.dir(),
          config.serviceFileName(),
          config.rotateSizeBytes(),
          config.rotateTimeNs(),
          config.rotateKeep(),
          config.rotateTotalBytes(),
          config.rotateCompress());
    }

    @Override
    public boolean runLast(Runnable last) {
      boolean known = lastHook.test(last);
      if (!known) {
        log.info(
            "requests that are open when the JVM ends have no record: no place for a last hook");
      }
      return known;
    }

    @Override
    public void idle() {
      writer.flush();
    }

    @Override
    public void tick(long nowNs) {
      writer.tick(nowNs);
      health.tick();
      kernel.tellNews();
    }

    @Override
    public void stopped() {
      if (writer != null) {
        writer.settle();
      }
      health.summary();
    }

    @Override
    public void silence() {
      Tap.install(null);
    }

    @Override
    public void endOpen() {
      sink.endOpen();
    }

    @Override
    public void failed(Throwable fault) {
      counters.lost(LossReason.CONSUMER_FAILED);
      if (!told) {
        try {
          log.error("consumer failed, records were lost: " + fault);
          told = true;
        } catch (OutOfMemoryError again) {
          // It is counted, and said when there is memory for a line.
        }
      }
    }
  }
}

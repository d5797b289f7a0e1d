package io.hdrlog.bench.jmh;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.encode.EncoderSettings;
import io.hdrlog.core.encode.JsonEncoder;
import io.hdrlog.core.encode.Utf8Buffer;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.select.Filter;
import io.hdrlog.core.select.Sampler;
import io.hdrlog.core.write.LogFile;
import io.hdrlog.core.write.LogFileOptions;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** What stands behind the correlator, put together with the defaults of every option. */
final class Tail implements AutoCloseable {
  private static final int BATCH_BYTES = 64 * 1024;
  private static final long WALL_OFFSET_NS = 1_790_000_000_000_000_000L;

  final Heads heads = new Heads();
  final JsonEncoder encoder;
  final Utf8Buffer batch = new Utf8Buffer(2 * BATCH_BYTES);
  final LogFile file;

  private final Filter filter;
  private final Path dir;
  private int batched;

  Tail() throws IOException {
    List<String> problems = new ArrayList<>();
    Config config = ConfigLoader.load("service=bench", problems);
    AgentLog log = new Silent();
    EncoderSettings settings = new EncoderSettings();
    settings.service = config.service();
    settings.instanceId = "00000000-0000-4000-8000-000000000000";
    settings.maskHeaders = config.maskHeaders();
    settings.maskQuery = config.maskQuery();
    settings.maskValues = config.maskValues();
    settings.maskMode = config.maskMode();
    settings.key = new byte[32];
    encoder = new JsonEncoder(settings);
    filter =
        Filter.parse(
            config.filter(),
            config.sample(),
            new Sampler(config.sampleSlowNs(), () -> 0.5),
            problems::add);
    dir = Files.createTempDirectory("hdrlog-bench");
    file =
        new LogFile(
            new LogFileOptions(dir, "bench", 64L << 20, 0, 2, 256L << 20, false),
            InstantSource.system(),
            new Counters(),
            log);
    if (!problems.isEmpty()) {
      throw new IllegalStateException(problems.toString());
    }
  }

  /** One finished exchange: selected, masked, encoded; written with many others. */
  void record(Exchange exchange) {
    heads.read(exchange);
    if (!filter.keep(exchange, heads)) {
      return;
    }
    encoder.encode(exchange, heads, WALL_OFFSET_NS, batch);
    batched++;
    if (batch.length() >= BATCH_BYTES) {
      file.write(batch.array(), 0, batch.length(), batched);
      batch.clear();
      batched = 0;
    }
  }

  /** Masked and encoded, and forgotten; gives the record's length. */
  int encode(Exchange exchange) {
    heads.read(exchange);
    batch.clear();
    return encoder.encode(exchange, heads, WALL_OFFSET_NS, batch);
  }

  @Override
  public void close() throws IOException {
    file.close();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
      for (Path each : files) {
        Files.delete(each);
      }
    }
    Files.delete(dir);
  }

  /** For parts that want a log. */
  static final class Silent implements AgentLog {
    @Override
    public void info(String line) {}

    @Override
    public void warn(String line) {}

    @Override
    public void error(String line) {
      throw new IllegalStateException(line);
    }
  }
}

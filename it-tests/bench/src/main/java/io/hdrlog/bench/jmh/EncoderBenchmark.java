package io.hdrlog.bench.jmh;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.MaskMode;
import io.hdrlog.core.mask.Masker;
import io.hdrlog.core.mask.Ranges;
import io.hdrlog.core.mask.Signs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Parsing heads, masking, encoding: one record of 16 request and 8 response headers. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 10, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncoderBenchmark {
  private static final int EXCHANGES = 256;

  private final Exchange[] exchanges = new Exchange[EXCHANGES];
  private final Heads heads = new Heads();
  private final Ranges ranges = new Ranges();
  private final byte[] value =
      "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
          .getBytes(StandardCharsets.US_ASCII);
  private Masker masker;
  private HeaderRule rule;
  private Tail tail;
  private int next;

  @Setup
  public void fill() throws IOException {
    tail = new Tail();
    Sample sample = new Sample();
    for (int i = 0; i < EXCHANGES; i++) {
      exchanges[i] = new Exchange();
      sample.exchange(exchanges[i]);
      sample.skipJournal();
    }
    masker =
        new Masker(
            List.of("authorization", "cookie"),
            List.of("*token*"),
            true,
            MaskMode.REDACT,
            new byte[32],
            false);
    rule = masker.rule("user-agent".getBytes(StandardCharsets.US_ASCII));
  }

  @TearDown
  public void close() throws IOException {
    tail.close();
  }

  private Exchange next() {
    next = (next + 1) % EXCHANGES;
    return exchanges[next];
  }

  @Benchmark
  public Object parse() {
    heads.read(next());
    return heads;
  }

  @Benchmark
  public int parseMaskAndEncode() {
    return tail.encode(next());
  }

  /** One value in which there may be a secret and is none. */
  @Benchmark
  public int maskHarmlessValue() {
    ranges.clear();
    masker.header(rule, value, 0, value.length, Signs.of(value, 0, value.length), ranges);
    return ranges.count();
  }
}

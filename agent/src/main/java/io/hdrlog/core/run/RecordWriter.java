package io.hdrlog.core.run;

import io.hdrlog.core.encode.JsonEncoder;
import io.hdrlog.core.encode.Utf8Buffer;
import io.hdrlog.core.encode.WallClock;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.http.Heads;
import io.hdrlog.core.select.Filter;
import io.hdrlog.core.write.LogFile;
import java.util.function.Consumer;

/** The way of one finished exchange: selected, masked and encoded, written. */
final class RecordWriter implements Consumer<Exchange> {
  private static final int BATCH_BYTES = 64 * 1024;

  private final Filter filter;
  private final JsonEncoder encoder;
  private final WallClock clock;
  private final LogFile file;
  private final Counters counters;
  private final Heads heads = new Heads();
  private final Utf8Buffer batch = new Utf8Buffer(BATCH_BYTES * 2);
  private final Consumer<Throwable> faults;
  private int batched;

  RecordWriter(
      Filter filter,
      JsonEncoder encoder,
      WallClock clock,
      LogFile file,
      Counters counters,
      Consumer<Throwable> faults) {
    this.faults = faults;
    this.filter = filter;
    this.encoder = encoder;
    this.clock = clock;
    this.file = file;
    this.counters = counters;
  }

  /** Never throws: one record's fault must not end the stream. */
  @Override
  public void accept(Exchange exchange) {
    try {
      record(exchange);
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
  }

  private void record(Exchange exchange) {
    heads.read(exchange);
    if (!filter.keep(exchange, heads)) {
      counters.sampledOut();
      return;
    }
    encoder.encode(exchange, heads, clock.offsetNs(), batch);
    batched++;
    if (batch.length() >= BATCH_BYTES) {
      hand();
    }
  }

  private void hand() {
    if (batched > 0) {
      file.write(batch.array(), 0, batch.length(), batched);
      batched = 0;
      batch.clear();
    }
  }

  /** What is encoded goes to the file. */
  void flush() {
    hand();
    file.flush();
  }

  /** As {@link #flush}, for the last time. */
  void settle() {
    hand();
    file.settle();
  }

  /** Called now and then: the wall clock moves against the monotonic one. */
  void tick(long nowNs) {
    clock.resample(nowNs);
  }
}

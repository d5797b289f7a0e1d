package io.hdrlog.core.file;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/** Stands until a test moves it. */
public final class ManualClock implements InstantSource {
  private final AtomicLong ms =
      new AtomicLong(Instant.parse("2026-11-22T18:00:00.123Z").toEpochMilli());

  public void advanceMs(long by) {
    ms.addAndGet(by);
  }

  @Override
  public Instant instant() {
    return Instant.ofEpochMilli(ms.get());
  }

  @Override
  public long millis() {
    return ms.get();
  }
}

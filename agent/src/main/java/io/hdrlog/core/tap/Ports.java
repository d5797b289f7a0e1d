package io.hdrlog.core.tap;

import java.util.concurrent.atomic.AtomicLongArray;

/** A set of ports, for any thread; what was added stays. */
final class Ports {
  private final AtomicLongArray bits = new AtomicLongArray((1 << 16) / Long.SIZE);

  void add(int port) {
    int at = port / Long.SIZE;
    if (!has(port)) {
      bits.accumulateAndGet(at, 1L << port, (before, bit) -> before | bit);
    }
  }

  /** False for what is no port. */
  boolean has(int port) {
    return port >= 0 && port < 1 << 16 && (bits.get(port / Long.SIZE) >>> port & 1) != 0;
  }
}

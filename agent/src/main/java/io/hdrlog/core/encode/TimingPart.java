package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Heads;

/** {@code timing}: what was measured, and nothing else. */
final class TimingPart implements Part {
  private static final Fragment OPEN = Fragment.of("\"timing\":{");
  private static final Fragment[] NAMES = {
    Fragment.of("\"accept_ns\":"),
    Fragment.of("\"receive_ns\":"),
    Fragment.of("\"queue_ns\":"),
    Fragment.of("\"dispatch_ns\":"),
    Fragment.of("\"handler_ns\":"),
    Fragment.of("\"first_byte_ns\":"),
    Fragment.of("\"send_ns\":"),
    Fragment.of("\"ack_ns\":"),
    Fragment.of("\"total_ns\":"),
    Fragment.of("\"pause_ns\":")
  };

  /** In the order of the names. */
  private final long[] times = new long[NAMES.length];

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    read(e.timing);
    int start = out.length();
    out.put(OPEN);
    // In a loop, since a number's digits make much code.
    for (int i = 0; i < times.length; i++) {
      // A time below zero was not measured either, whatever it came from.
      if (times[i] >= 0) {
        out.field(NAMES[i], times[i]);
      }
    }
    out.closeObject(start);
  }

  private void read(Timing timing) {
    times[0] = timing.acceptNs;
    times[1] = timing.receiveNs;
    times[2] = timing.queueNs;
    times[3] = timing.dispatchNs;
    times[4] = timing.handlerNs;
    times[5] = timing.firstByteNs;
    times[6] = timing.sendNs;
    times[7] = timing.ackNs;
    times[8] = timing.totalNs;
    times[9] = timing.pauseNs;
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Timing;

/** Writes {@code timing}: what was measured, and nothing else. */
final class TimingWriter {
  private static final Fragment OPEN = Fragment.of("\"timing\":{");
  private static final Fragment ACCEPT = Fragment.of("\"accept_ns\":");
  private static final Fragment RECEIVE = Fragment.of("\"receive_ns\":");
  private static final Fragment QUEUE = Fragment.of("\"queue_ns\":");
  private static final Fragment DISPATCH = Fragment.of("\"dispatch_ns\":");
  private static final Fragment HANDLER = Fragment.of("\"handler_ns\":");
  private static final Fragment FIRST_BYTE = Fragment.of("\"first_byte_ns\":");
  private static final Fragment SEND = Fragment.of("\"send_ns\":");
  private static final Fragment ACK = Fragment.of("\"ack_ns\":");
  private static final Fragment TOTAL = Fragment.of("\"total_ns\":");
  private static final Fragment PAUSE = Fragment.of("\"pause_ns\":");

  private TimingWriter() {}

  static void write(Timing timing, Utf8Buffer out) {
    int start = out.length();
    out.put(OPEN);
    field(ACCEPT, timing.acceptNs, out);
    field(RECEIVE, timing.receiveNs, out);
    field(QUEUE, timing.queueNs, out);
    field(DISPATCH, timing.dispatchNs, out);
    field(HANDLER, timing.handlerNs, out);
    field(FIRST_BYTE, timing.firstByteNs, out);
    field(SEND, timing.sendNs, out);
    field(ACK, timing.ackNs, out);
    field(TOTAL, timing.totalNs, out);
    field(PAUSE, timing.pauseNs, out);
    out.closeObject(start);
  }

  /** A time below zero was not measured either, whatever it came from. */
  private static void field(Fragment name, long ns, Utf8Buffer out) {
    if (ns >= 0) {
      out.put(name);
      out.number(ns);
      out.put(',');
    }
  }
}

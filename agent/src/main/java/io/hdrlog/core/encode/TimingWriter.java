package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;

/** Writes {@code timing}: what was measured, and nothing else. */
final class TimingWriter {
  private static final byte[] OPEN = Ascii.bytes("\"timing\":{");
  private static final byte[] ACCEPT = Ascii.bytes("\"accept_ns\":");
  private static final byte[] RECEIVE = Ascii.bytes("\"receive_ns\":");
  private static final byte[] QUEUE = Ascii.bytes("\"queue_ns\":");
  private static final byte[] DISPATCH = Ascii.bytes("\"dispatch_ns\":");
  private static final byte[] HANDLER = Ascii.bytes("\"handler_ns\":");
  private static final byte[] FIRST_BYTE = Ascii.bytes("\"first_byte_ns\":");
  private static final byte[] SEND = Ascii.bytes("\"send_ns\":");
  private static final byte[] ACK = Ascii.bytes("\"ack_ns\":");
  private static final byte[] TOTAL = Ascii.bytes("\"total_ns\":");
  private static final byte[] PAUSE = Ascii.bytes("\"pause_ns\":");

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
  private static void field(byte[] name, long ns, Utf8Buffer out) {
    if (ns >= 0) {
      out.put(name);
      out.number(ns);
      out.put(',');
    }
  }
}

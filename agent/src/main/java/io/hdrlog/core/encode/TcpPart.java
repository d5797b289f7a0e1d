package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code tcp}. */
final class TcpPart implements Part {
  private static final Fragment TCP = Fragment.of("\"tcp\":{");
  private static final Fragment RTT = Fragment.of("\"rtt_us\":");
  private static final Fragment RETRANSMITS = Fragment.of("\"retransmits\":");

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    int start = out.length();
    out.put(TCP);
    if (e.rttUs >= 0) {
      out.field(RTT, e.rttUs);
    }
    if (e.retransmits >= 0) {
      out.field(RETRANSMITS, e.retransmits);
    }
    out.closeObject(start);
  }
}

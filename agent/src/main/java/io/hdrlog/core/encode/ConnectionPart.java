package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code connection}. */
final class ConnectionPart implements Part {
  private static final Fragment CONNECTION = Fragment.of("\"connection\":{");
  private static final Fragment CONNECTION_ID = Fragment.of("\"id\":\"");
  private static final Fragment CONNECTION_REQUEST = Fragment.of("\"request\":");
  private static final Fragment CONNECTION_STREAM = Fragment.of("\"stream\":");

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    int start = out.length();
    out.put(CONNECTION);
    if (e.cookie != 0) {
      out.put(CONNECTION_ID);
      out.hex(e.cookie);
      out.put(Fragment.END_TEXT);
    }
    if (e.connectionRequest > 0) {
      out.field(CONNECTION_REQUEST, e.connectionRequest);
    }
    if (e.connectionStream >= 0) {
      out.field(CONNECTION_STREAM, e.connectionStream);
    }
    out.closeObject(start);
  }
}

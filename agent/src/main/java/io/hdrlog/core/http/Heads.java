package io.hdrlog.core.http;

import io.hdrlog.core.exchange.Exchange;

/** The two first lines of an exchange, read once for the filter, the sampler and the encoder. */
public final class Heads {
  private static final byte[] HOST = Ascii.bytes("host");
  private static final byte[] AUTHORITY = Ascii.bytes(":authority");

  public final Head request = new Head();
  public final Head response = new Head();
  private final Field field = new Field();

  /** Reads the request line and the status line; the header lines stay unread. */
  public void read(Exchange exchange) {
    HeadParser.parseRequestLine(exchange.requestHead, 0, exchange.requestHeadLength, request);
    HeadParser.parseStatusLine(exchange.responseHead, 0, exchange.responseHeadLength, response);
  }

  /** The Host header's line, or null; valid until the next call. */
  public Field host() {
    int at = request.headersOffset;
    while (HeadParser.next(request.bytes, at, request.limit, field)) {
      at = field.next;
      if (field.named
          && (Ascii.equalsIgnoreCase(request.bytes, field.nameOffset, field.nameLength, HOST)
              || Ascii.equalsIgnoreCase(
                  request.bytes, field.nameOffset, field.nameLength, AUTHORITY))) {
        return field;
      }
    }
    return null;
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code truncated}: the names of fields that were cut at a limit, gathered from other parts. */
final class Truncated implements Part {
  private static final Fragment TRUNCATED = Fragment.of("\"truncated\":[");

  private final Utf8Buffer names = new Utf8Buffer(256);

  void clear() {
    names.clear();
  }

  void add(byte[] path) {
    names.put('"');
    names.put(path);
    names.put('"');
    names.put(',');
  }

  /** Names as array elements, each with a comma behind it. */
  void addAll(Utf8Buffer elements) {
    names.put(elements.array(), 0, elements.length());
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    if (names.length() > 0) {
      out.put(TRUNCATED);
      out.put(names.array(), 0, names.length());
      out.closeArray();
    }
  }
}

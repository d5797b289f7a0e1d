package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code sources}, and {@code headers.differ} where two of them disagree. */
final class SourcesPart implements Part {
  private static final Fragment HEADERS_DIFFER = Fragment.of("\"headers\":{\"differ\":[");

  private final Fragment[] sources = new Fragment[8];

  SourcesPart() {
    for (int bits = 0; bits < sources.length; bits++) {
      sources[bits] = sources(bits);
    }
  }

  private static Fragment sources(int bits) {
    StringBuilder b = new StringBuilder("\"sources\":[");
    b.append((bits & Exchange.FROM_KERNEL) != 0 ? "\"kernel\"," : "");
    b.append((bits & Exchange.FROM_JVM) != 0 ? "\"jvm\"," : "");
    b.append((bits & Exchange.FROM_WIRE) != 0 ? "\"wire\"," : "");
    if (bits == 0) {
      return Fragment.of("");
    }
    b.setCharAt(b.length() - 1, ']');
    return Fragment.of(b.append(',').toString());
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    out.put(sources[e.sources & 7]);
    if (e.headersDiffer == null) {
      return;
    }
    out.put(HEADERS_DIFFER);
    for (String path : e.headersDiffer) {
      out.put('"');
      out.text(path);
      out.put(Fragment.END_TEXT);
    }
    out.closeArray();
    out.closeObject(out.length());
  }
}

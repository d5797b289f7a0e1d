package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.Heads;

/** {@code url}. */
final class UrlPart implements Part {
  private static final Fragment URL_HTTP = Fragment.of("\"url\":{\"scheme\":\"http\",");
  private static final Fragment URL_HTTPS = Fragment.of("\"url\":{\"scheme\":\"https\",");
  private static final Fragment URL_SCHEME = Fragment.of("\"url\":{\"scheme\":\"");
  private static final Fragment PATH = Fragment.of("\"path\":");
  private static final Fragment QUERY = Fragment.of("\"query\":");
  private static final byte[] URL_PATH_PATH = Ascii.bytes("url.path");
  private static final byte[] URL_QUERY_PATH = Ascii.bytes("url.query");

  private final ValueWriter values;
  private final Truncated truncated;

  UrlPart(ValueWriter values, Truncated truncated) {
    this.values = values;
    this.truncated = truncated;
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    Head head = heads.request;
    if (head.schemeLength > 0) {
      out.put(URL_SCHEME);
      for (int i = 0; i < head.schemeLength; i++) {
        out.put((char) Ascii.lower(head.bytes[head.schemeOffset + i]));
      }
      out.put(Fragment.END_TEXT);
    } else {
      out.put(e.secure ? URL_HTTPS : URL_HTTP);
    }
    if (head.pathLength > 0) {
      out.put(PATH);
      values.path(head.bytes, head.pathOffset, head.pathLength, out);
      out.put(',');
      addIfCut(URL_PATH_PATH);
    }
    if (head.queryLength > 0) {
      out.put(QUERY);
      values.query(head.bytes, head.queryOffset, head.queryLength, out);
      out.put(',');
      addIfCut(URL_QUERY_PATH);
    }
    out.closeObject(out.length());
  }

  private void addIfCut(byte[] path) {
    if (values.wasCut()) {
      truncated.add(path);
    }
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code tls}. */
final class TlsPart implements Part {
  private static final Fragment TLS = Fragment.of("\"tls\":{");
  private static final Fragment TLS_PROTOCOL = Fragment.of("\"protocol\":{\"version\":\"");
  private static final Fragment TLS_CIPHER = Fragment.of("\"cipher\":\"");
  private static final Fragment TLS_CLIENT = Fragment.of("\"client\":{\"server_name\":\"");
  private static final Fragment TLS_PROVIDER = Fragment.of("\"provider\":\"");

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    if (e.tlsVersion == null
        && e.tlsCipher == null
        && e.tlsServerName == null
        && e.tlsProvider == null) {
      return;
    }
    out.put(TLS);
    known(TLS_PROTOCOL, e.tlsVersion, Fragment.END_TEXT_OBJECT, out);
    known(TLS_CIPHER, e.tlsCipher, Fragment.END_TEXT, out);
    known(TLS_CLIENT, e.tlsServerName, Fragment.END_TEXT_OBJECT, out);
    known(TLS_PROVIDER, e.tlsProvider, Fragment.END_TEXT, out);
    out.closeObject(out.length());
  }

  private static void known(Fragment opening, String text, Fragment closing, Utf8Buffer out) {
    if (text != null) {
      out.put(opening);
      out.text(text);
      out.put(closing);
    }
  }
}

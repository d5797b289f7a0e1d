package io.hdrlog.core.encode;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Heads;

/** {@code session.id}. */
final class SessionPart implements Part {
  private static final Fragment SESSION = Fragment.of("\"session\":{\"id\":\"");

  private final SessionId sessionId;
  private final HeaderBlock request;
  private final HeaderBlock response;

  SessionPart(byte[] key, HeaderBlock request, HeaderBlock response) {
    sessionId = new SessionId(key);
    this.request = request;
    this.response = response;
  }

  @Override
  public void write(Exchange e, Heads heads, Utf8Buffer out) {
    if (!find(request, HeaderName.Kind.COOKIE) && !find(response, HeaderName.Kind.SET_COOKIE)) {
      return;
    }
    out.put(SESSION);
    out.put(sessionId.id(), 0, SessionId.LENGTH);
    out.put(Fragment.END_TEXT_OBJECT);
  }

  private boolean find(HeaderBlock headers, HeaderName.Kind kind) {
    for (int i = 0; i < headers.specials(); i++) {
      if (headers.kind(i) == kind
          && sessionId.find(
              headers.bytes(),
              headers.valueOffset(i),
              headers.valueLength(i),
              kind == HeaderName.Kind.SET_COOKIE)) {
        return true;
      }
    }
    return false;
  }
}

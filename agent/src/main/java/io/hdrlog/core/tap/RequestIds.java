package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;

/** The request id, and its place in the logging framework's map. */
final class RequestIds {
  private final RequestIdSource source;
  private final MdcSource mdcs;
  private final String key;

  /** {@code mdcs} null, or an empty key: the id is put into no map. */
  RequestIds(RequestIdSource source, MdcSource mdcs, String key) {
    this.source = source;
    this.mdcs = key.isEmpty() ? null : mdcs;
    this.key = key;
  }

  String of(Exchange x) {
    return source.idOf(x.requestHead, x.requestHeadLength, x.seenNs, x.idRandom);
  }

  /** The map that the application logs with, or null. */
  Mdc mdc(ClassLoader application) {
    return mdcs == null ? null : mdcs.of(application);
  }

  /** Puts the id and returns what stood there before. */
  String enter(Mdc mdc, String id) {
    String before = mdc.get(key);
    mdc.put(key, id);
    return before;
  }

  /** Puts back what stood there before. */
  void leave(Mdc mdc, String before) {
    mdc.put(key, before);
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/** The exchanges that a session found. */
final class Seen implements WireExchanges {
  private final List<Exchange> finished = new ArrayList<>();
  private final Set<Exchange> claimed = Collections.newSetFromMap(new IdentityHashMap<>());
  private long losses;

  @Override
  public Exchange claim() {
    Exchange x = new Exchange(16, 16);
    claimed.add(x);
    return x;
  }

  @Override
  public void abandon(Exchange exchange) {
    giveBack(exchange);
  }

  @Override
  public void finished(Exchange exchange) {
    giveBack(exchange);
    finished.add(exchange);
  }

  private void giveBack(Exchange exchange) {
    if (!claimed.remove(exchange)) {
      throw new AssertionError("given back twice, or never claimed");
    }
  }

  int open() {
    return claimed.size();
  }

  void mustBeBalanced() {
    if (!claimed.isEmpty()) {
      throw new AssertionError("claimed and never given back: " + claimed.size());
    }
  }

  void losses(long count) {
    losses = count;
  }

  long losses() {
    return losses;
  }

  List<Exchange> all() {
    return finished;
  }

  Exchange get(int index) {
    return finished.get(index);
  }

  Exchange only() {
    if (finished.size() != 1) {
      throw new AssertionError("not one exchange:\n" + text());
    }
    return finished.get(0);
  }

  static String requestHead(Exchange x) {
    return text(x.requestHead, x.requestHeadLength);
  }

  static String responseHead(Exchange x) {
    return text(x.responseHead, x.responseHeadLength);
  }

  static String requestTrailer(Exchange x) {
    return text(x.requestTrailer, x.requestTrailerLength);
  }

  static String responseTrailer(Exchange x) {
    return text(x.responseTrailer, x.responseTrailerLength);
  }

  private static String text(byte[] bytes, int length) {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }

  /** Everything that was found, but for random bits. */
  String text() {
    StringBuilder b = new StringBuilder();
    for (Exchange x : finished) {
      b.append(x.outcome).append(' ').append(x.errorType);
      b.append(" n=").append(x.connectionRequest).append('/').append(x.connectionStream);
      b.append(" v=").append(x.protocolVersion);
      b.append(" rx=").append(x.rxStart).append(',').append(x.rxHeadEnd).append(',');
      b.append(x.rxEnd).append('>').append(x.rxFloor);
      b.append(" tx=").append(x.txStart).append(',').append(x.txEnd).append('>');
      b.append(x.txFloor);
      b.append(" ns=").append(ns(x.seenNs)).append(',').append(ns(x.headNs)).append(',');
      b.append(ns(x.responseNs)).append(',').append(ns(x.endNs));
      b.append(" body=").append(x.requestBodyBytes).append('/').append(x.responseBodyBytes);
      b.append(" bytes=").append(x.requestBytes).append('/').append(x.responseBytes);
      for (int i = 0; i < x.informationalCount; i++) {
        b.append(" 1xx=").append(x.informational[i]);
      }
      b.append(x.requestHeadCut ? " cut" : "").append(x.responseHeadCut ? " response-cut" : "");
      b.append('\n').append(requestHead(x));
      b.append("--\n").append(responseHead(x));
      b.append("--\n").append(requestTrailer(x)).append("--\n").append(responseTrailer(x));
      b.append("==\n");
    }
    return b.toString();
  }

  private static String ns(long ns) {
    return ns == Timing.ABSENT ? "-" : Long.toString(ns);
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
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

  /**
   * Whether the same was found, but for random bits: what {@link #text} tells of two is then the
   * same. Without that text, which would be most of what a fuzzer's time goes to.
   */
  boolean sameAs(Seen other) {
    if (losses != other.losses || finished.size() != other.finished.size()) {
      return false;
    }
    for (int i = 0; i < finished.size(); i++) {
      if (!same(finished.get(i), other.finished.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static boolean same(Exchange a, Exchange b) {
    return a.outcome == b.outcome
        && Objects.equals(a.errorType, b.errorType)
        && a.connectionRequest == b.connectionRequest
        && a.connectionStream == b.connectionStream
        && Objects.equals(a.protocolVersion, b.protocolVersion)
        && a.rxStart == b.rxStart
        && a.rxHeadEnd == b.rxHeadEnd
        && a.rxEnd == b.rxEnd
        && a.rxFloor == b.rxFloor
        && a.txStart == b.txStart
        && a.txEnd == b.txEnd
        && a.txFloor == b.txFloor
        && a.seenNs == b.seenNs
        && a.headNs == b.headNs
        && a.responseNs == b.responseNs
        && a.endNs == b.endNs
        && a.requestBodyBytes == b.requestBodyBytes
        && a.responseBodyBytes == b.responseBodyBytes
        && a.requestBytes == b.requestBytes
        && a.responseBytes == b.responseBytes
        && informational(a).equals(informational(b))
        && a.requestHeadCut == b.requestHeadCut
        && a.responseHeadCut == b.responseHeadCut
        && same(a.requestHead, a.requestHeadLength, b.requestHead, b.requestHeadLength)
        && same(a.responseHead, a.responseHeadLength, b.responseHead, b.responseHeadLength)
        && same(a.requestTrailer, a.requestTrailerLength, b.requestTrailer, b.requestTrailerLength)
        && same(
            a.responseTrailer, a.responseTrailerLength, b.responseTrailer, b.responseTrailerLength);
  }

  private static String informational(Exchange x) {
    StringBuilder b = new StringBuilder();
    for (int i = 0; i < x.informationalCount(); i++) {
      b.append(" 1xx=").append(x.informational(i));
    }
    return b.toString();
  }

  private static boolean same(byte[] a, int aLength, byte[] b, int bLength) {
    return Arrays.equals(a, 0, aLength, b, 0, bLength);
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
      b.append(informational(x));
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

package io.hdrlog.core.merge;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;
import io.hdrlog.core.http.HeaderDifference;
import java.util.Arrays;

/** One request, seen by the wire and by the JVM: whether two exchanges are that, and made one. */
final class Twins {
  private static final byte[] UPGRADE = Ascii.bytes("upgrade");
  private static final byte[] H2C = Ascii.bytes("h2c");

  private final Head wireHead = new Head();
  private final Head jvmHead = new Head();
  private final HeaderDifference difference = new HeaderDifference();

  /**
   * When a request was handed to the application, or else when its head was read; where that never
   * ended, when it began.
   */
  static long entered(Exchange jvm) {
    if (jvm.enterNs != Timing.ABSENT) {
      return jvm.enterNs;
    }
    return jvm.headNs != Timing.ABSENT ? jvm.headNs : jvm.seenNs;
  }

  /** From when on the JVM may have told of what the wire showed. */
  static long readable(Exchange wire) {
    return wire.headNs != Timing.ABSENT ? wire.headNs : wire.seenNs;
  }

  boolean same(Exchange wire, Exchange jvm) {
    if (wire.connectionStream == Exchange.UNKNOWN && jvm.protocolVersion == null) {
      if (wire.rxStart != Exchange.UNKNOWN && jvm.rxStart != Exchange.UNKNOWN) {
        return wire.rxStart == jvm.rxStart;
      }
      if (wire.connectionRequest > 0 && jvm.connectionRequest > 0) {
        return wire.connectionRequest == jvm.connectionRequest;
      }
      // One after the other: only one can have been in the application's hands at that time.
      return within(wire, jvm) && sameLine(wire, jvm, false);
    }
    if (wire.connectionStream == Exchange.UNKNOWN) {
      return false;
    }
    return jvm.connectionStream != Exchange.UNKNOWN
        ? wire.connectionStream == jvm.connectionStream
        : within(wire, jvm) && sameLine(wire, jvm, true);
  }

  /**
   * The request upgraded to HTTP/2, was answered as its first stream, and this is HTTP/1's view.
   */
  static boolean isUpgraded(Exchange wire, Exchange jvm) {
    return wire.connectionStream != Exchange.UNKNOWN && jvm.protocolVersion == null;
  }

  /** A connector of HTTP/1 that has handed the connection on, and knows no more than that. */
  boolean isUpgradeToHttp2(Exchange jvm) {
    if (jvm.outcome != Outcome.UPGRADED || jvm.responseHeadLength == 0) {
      return false;
    }
    HeadParser.parseResponse(jvm.responseHead, 0, jvm.responseHeadLength, jvmHead);
    for (int i = 0; i < jvmHead.headerCount; i++) {
      if (isLower(UPGRADE, jvmHead.nameOffset(i), jvmHead.nameLength(i))
          && isLower(H2C, jvmHead.valueOffset(i), jvmHead.valueLength(i))) {
        return true;
      }
    }
    return false;
  }

  private boolean isLower(byte[] text, int offset, int length) {
    boolean same = length == text.length;
    for (int i = 0; same && i < length; i++) {
      same = Ascii.lower(jvmHead.bytes[offset + i]) == text[i];
    }
    return same;
  }

  private static boolean within(Exchange wire, Exchange jvm) {
    long entered = entered(jvm);
    long readable = readable(wire);
    if (entered == Timing.ABSENT || readable == Timing.ABSENT) {
      return false;
    }
    return entered - readable >= 0 && (wire.endNs == Timing.ABSENT || entered - wire.endNs <= 0);
  }

  private boolean sameLine(Exchange wire, Exchange jvm, boolean target) {
    HeadParser.parseRequestLine(wire.requestHead, 0, wire.requestHeadLength, wireHead);
    HeadParser.parseRequestLine(jvm.requestHead, 0, jvm.requestHeadLength, jvmHead);
    return equal(
            wireHead.methodOffset,
            wireHead.methodLength,
            jvmHead.methodOffset,
            jvmHead.methodLength)
        && (!target
            || (equal(
                    wireHead.pathOffset,
                    wireHead.pathLength,
                    jvmHead.pathOffset,
                    jvmHead.pathLength)
                && sameQuery()));
  }

  /** Only what no container shows otherwise than it came can tell two requests apart. */
  private boolean sameQuery() {
    if (wireHead.queryLength < 0 || jvmHead.queryLength < 0) {
      return wireHead.queryLength <= 0 && jvmHead.queryLength <= 0;
    }
    for (int i = 0; i < wireHead.queryLength; i++) {
      if (wireHead.bytes[wireHead.queryOffset + i] < 0) {
        return true;
      }
    }
    return equal(
        wireHead.queryOffset, wireHead.queryLength, jvmHead.queryOffset, jvmHead.queryLength);
  }

  private boolean equal(int wireOffset, int wireLength, int jvmOffset, int jvmLength) {
    if (wireLength <= 0 || jvmLength <= 0) {
      // What is no request line has neither.
      return wireLength <= 0 && jvmLength <= 0;
    }
    return wireLength == jvmLength
        && Arrays.equals(
            wireHead.bytes,
            wireOffset,
            wireOffset + wireLength,
            jvmHead.bytes,
            jvmOffset,
            jvmOffset + jvmLength);
  }

  /** Adds to what the wire showed what only the JVM knows. */
  void join(Exchange wire, Exchange jvm) {
    wire.headersDiffer = difference.of(wire, jvm);
    wire.sources |= jvm.sources | Exchange.FROM_JVM;
    wire.entry = Exchange.Entry.WIRE;
    wire.timing.handlerNs = jvm.timing.handlerNs;
    // The id that the application was shown is made of these two.
    wire.idRandom = jvm.idRandom;
    wire.seenNs = jvm.seenNs != Timing.ABSENT ? jvm.seenNs : wire.seenNs;
    wire.enterNs = jvm.enterNs;
    wire.exitNs = jvm.exitNs;
    wire.route = jvm.route;
    wire.errorType = jvm.errorType != null ? jvm.errorType : wire.errorType;
    if (jvm.outcome != Outcome.COMPLETE) {
      wire.outcome = jvm.outcome;
    } else if (wire.outcome == Outcome.REJECTED) {
      // It reached a handler, whatever is wrong with it.
      wire.outcome = Outcome.COMPLETE;
    }
    if (jvm.tlsVersion != null) {
      wire.tlsVersion = jvm.tlsVersion;
      wire.tlsCipher = jvm.tlsCipher;
      wire.tlsServerName = jvm.tlsServerName;
      wire.tlsProvider = jvm.tlsProvider;
    }
    wire.secure |= jvm.secure;
    if (!wire.addressed && jvm.addressed) {
      wire.copyEndsFrom(jvm);
    }
  }
}

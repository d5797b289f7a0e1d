package io.hdrlog.core.http;

import io.hdrlog.core.exchange.Exchange;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a container made of the headers that went over the wire: the names of those that it shows
 * otherwise. Values are compared, never kept.
 *
 * <p>The Servlet API shows of a response only what was set through it, so there a header that the
 * container added is no difference.
 */
public final class HeaderDifference {
  private static final int NAMES_MAX = 64;

  private static final byte[] HOST = {'h', 'o', 's', 't'};

  private boolean http2;
  private final Head wireHead = new Head();
  private final Head jvmHead = new Head();

  /** The paths of the headers that differ, in the order of the wire; null if none does. */
  public String[] of(Exchange wire, Exchange jvm) {
    List<String> paths = null;
    http2 = wire.connectionStream != Exchange.UNKNOWN;
    if (differ(wire.requestHead, wire.requestHeadLength, jvm.requestHead, jvm.requestHeadLength)) {
      HeadParser.parseRequest(wire.requestHead, 0, wire.requestHeadLength, wireHead);
      HeadParser.parseRequest(jvm.requestHead, 0, jvm.requestHeadLength, jvmHead);
      boolean complete = isWhole(jvm.requestHead, jvm.requestHeadLength);
      paths = collect("http.request.header.", complete, paths);
    }
    // What the container made ready and nobody was sent is no other view of anything.
    if (wire.responseHeadLength > 0
        && jvm.responseHeadLength > 0
        && differ(
            wire.responseHead, wire.responseHeadLength, jvm.responseHead, jvm.responseHeadLength)) {
      HeadParser.parseResponse(wire.responseHead, 0, wire.responseHeadLength, wireHead);
      HeadParser.parseResponse(jvm.responseHead, 0, jvm.responseHeadLength, jvmHead);
      paths = collect("http.response.header.", jvm.entry != Exchange.Entry.SERVLET, paths);
    }
    return paths == null ? null : paths.toArray(new String[0]);
  }

  /** Of a head that was given up before its end, lines are unknown, which is no difference. */
  private static boolean isWhole(byte[] head, int length) {
    int end = length > 1 && head[length - 1] == '\n' ? length - 1 : 0;
    if (end > 0 && head[end - 1] == '\r') {
      end--;
    }
    return end > 0 && head[end - 1] == '\n';
  }

  private static boolean differ(byte[] a, int aLength, byte[] b, int bLength) {
    return !Arrays.equals(a, 0, aLength, b, 0, bLength);
  }

  private List<String> collect(String path, boolean complete, List<String> paths) {
    List<String> found = paths;
    if (complete) {
      found = missing(wireHead, jvmHead, path, found);
    }
    return missing(jvmHead, wireHead, path, found);
  }

  /** Adds the headers of one that the other does not show with the same value equally often. */
  private List<String> missing(Head of, Head in, String path, List<String> paths) {
    List<String> found = paths;
    for (int i = 0; i < of.headerCount; i++) {
      if (isAuthority(of, i)) {
        continue;
      }
      if (count(of, of, i) > count(of, in, i)) {
        found = found == null ? new ArrayList<>() : found;
        String name =
            path
                + new String(
                        of.bytes, of.nameOffset(i), of.nameLength(i), StandardCharsets.ISO_8859_1)
                    .toLowerCase(Locale.ROOT);
        if (found.size() < NAMES_MAX && !found.contains(name)) {
          found.add(name);
        }
      }
    }
    return found;
  }

  /** Containers show HTTP/2's {@code :authority} as {@code Host}, and some as both. */
  private boolean isAuthority(Head head, int header) {
    int offset = head.nameOffset(header);
    int length = head.nameLength(header);
    if (!http2 || length == 0) {
      return false;
    }
    if (head.bytes[offset] == ':') {
      return true;
    }
    boolean host = length == HOST.length;
    for (int i = 0; host && i < length; i++) {
      host = Ascii.lower(head.bytes[offset + i]) == HOST[i];
    }
    return host;
  }

  private static int count(Head of, Head in, int header) {
    int count = 0;
    for (int i = 0; i < in.headerCount; i++) {
      if (sameName(of, header, in, i) && sameValue(of, header, in, i)) {
        count++;
      }
    }
    return count;
  }

  private static boolean sameName(Head a, int i, Head b, int j) {
    if (a.nameLength(i) != b.nameLength(j)) {
      return false;
    }
    for (int k = 0; k < a.nameLength(i); k++) {
      if (Ascii.lower(a.bytes[a.nameOffset(i) + k]) != Ascii.lower(b.bytes[b.nameOffset(j) + k])) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameValue(Head a, int i, Head b, int j) {
    return Arrays.equals(
        a.bytes,
        a.valueOffset(i),
        a.valueOffset(i) + a.valueLength(i),
        b.bytes,
        b.valueOffset(j),
        b.valueOffset(j) + b.valueLength(j));
  }
}

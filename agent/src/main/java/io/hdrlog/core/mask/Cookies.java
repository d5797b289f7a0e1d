package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;

/** Finds the values in Cookie and Set-Cookie: names stay, and of Set-Cookie the attributes. */
final class Cookies {
  private static final byte[][] ATTRIBUTES = {
    Ascii.bytes("expires"),
    Ascii.bytes("max-age"),
    Ascii.bytes("domain"),
    Ascii.bytes("path"),
    Ascii.bytes("secure"),
    Ascii.bytes("httponly"),
    Ascii.bytes("samesite"),
    Ascii.bytes("partitioned"),
    Ascii.bytes("priority"),
    Ascii.bytes("version"),
  };

  private Cookies() {}

  static void find(byte[] b, int from, int to, boolean setCookie, Ranges out) {
    int i = from;
    boolean first = true;
    while (i < to) {
      while (i < to && (Ascii.isBlank(b[i]) || b[i] == ';')) {
        i++;
      }
      if (i >= to) {
        return;
      }
      int equals = i;
      while (equals < to && b[equals] != '=' && b[equals] != ';') {
        equals++;
      }
      boolean named = equals < to && b[equals] == '=';
      int value = named ? equals + 1 : i;
      int end = valueEnd(b, value, to);
      int trimmed = end;
      while (trimmed > value && Ascii.isBlank(b[trimmed - 1])) {
        trimmed--;
      }
      boolean attribute = setCookie && !first && isAttribute(b, i, named ? equals : trimmed);
      if (!attribute) {
        out.addEvenEmpty(value, trimmed);
      }
      first = false;
      i = end + 1;
    }
  }

  /** At the semicolon; a value that begins with a quote may hold some. */
  static int valueEnd(byte[] b, int from, int to) {
    int i = from;
    while (i < to && Ascii.isBlank(b[i])) {
      i++;
    }
    if (i < to && b[i] == '"') {
      int close = Ascii.indexOf(b, i + 1, to, '"');
      i = close < 0 ? i : close;
    }
    int end = Ascii.indexOf(b, i, to, ';');
    return end < 0 ? to : end;
  }

  private static boolean isAttribute(byte[] b, int from, int to) {
    int end = to;
    while (end > from && Ascii.isBlank(b[end - 1])) {
      end--;
    }
    for (byte[] attribute : ATTRIBUTES) {
      if (Ascii.equalsIgnoreCase(b, from, end - from, attribute)) {
        return true;
      }
    }
    return false;
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;

/**
 * {@code error.type} is a class or a short reason. Containers put pieces of the request into their
 * messages ("invalid header line [X-Api-Key: ...]"): everything from the first sign that no class
 * and no reason has is left away.
 */
final class ErrorType {
  static final int LENGTH_MAX = 200;

  private ErrorType() {}

  /** Writes what is kept, and returns its length. */
  static int clean(String type, byte[] into) {
    int n = 0;
    for (int i = 0; i < type.length() && n < LENGTH_MAX; i++) {
      char c = type.charAt(i);
      if (!Ascii.isAlphanumeric(c) && "_.$-/ ".indexOf(c) < 0) {
        break;
      }
      into[n++] = (byte) c;
    }
    while (n > 0 && into[n - 1] == ' ') {
      n--;
    }
    return n;
  }
}

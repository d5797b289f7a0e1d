package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Constant JSON text, padded to whole words: short pieces are copied faster word by word, some
 * bytes too many, than by a call of arraycopy.
 */
final class Fragment {
  static final Fragment END_TEXT = of("\",");
  static final Fragment END_OBJECT = of("},");
  static final Fragment END_TEXT_OBJECT = of("\"},");

  final byte[] padded;
  final int length;

  Fragment(byte[] text) {
    padded = Arrays.copyOf(text, (text.length + 7) & ~7);
    length = text.length;
  }

  static Fragment of(String ascii) {
    return new Fragment(Ascii.bytes(ascii));
  }
}

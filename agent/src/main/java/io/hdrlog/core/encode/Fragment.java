package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Constant JSON text, padded to whole words: short pieces are copied faster word by word, some
 * bytes too many, than by a call of arraycopy.
 */
final class Fragment {
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

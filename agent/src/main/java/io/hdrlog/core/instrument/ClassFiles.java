package io.hdrlog.core.instrument;

import java.nio.charset.StandardCharsets;

/** Questions to a class file that need no more than its bytes. */
public final class ClassFiles {
  private ClassFiles() {}

  /** Whether the text, ASCII, stands anywhere in the file: as a name, or as a part of one. */
  public static boolean mentions(byte[] bytes, String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    byte first = wanted[0];
    int last = bytes.length - wanted.length;
    for (int i = 0; i <= last; i++) {
      if (bytes[i] == first && matches(bytes, i, wanted)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(byte[] bytes, int at, byte[] wanted) {
    for (int i = 1; i < wanted.length; i++) {
      if (bytes[at + i] != wanted[i]) {
        return false;
      }
    }
    return true;
  }
}

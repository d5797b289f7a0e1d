package io.hdrlog.core.mask;

/**
 * Which kinds of bytes a value has: one cheap look at it, which spares nearly every value the
 * dearer ones.
 */
public final class Signs {
  /** Above 127: may be UTF-8 or not. */
  public static final int HIGH = 1;

  /** What JSON escapes. */
  public static final int ESCAPED = 1 << 1;

  /** What may begin a parameter. */
  static final int PARAMETER = 1 << 2;

  /** The end of a userinfo. */
  static final int AT = 1 << 3;

  /** What {@link Secrets} looks at, but for digits. */
  static final int TRIGGER = 1 << 4;

  static final int DIGIT = 1 << 5;

  private static final byte[] SIGNS = new byte[256];

  static {
    for (int i = 0; i < 256; i++) {
      int signs = i >= 128 ? HIGH : 0;
      signs |= i < ' ' || i == '"' || i == '\\' ? ESCAPED : 0;
      signs |= i == '?' || i == '#' || i == ';' || i == '%' ? PARAMETER : 0;
      signs |= i == '@' ? AT : 0;
      if (Secrets.isTrigger(i)) {
        signs |= i >= '0' && i <= '9' ? DIGIT : TRIGGER;
      }
      SIGNS[i] = (byte) signs;
    }
  }

  private Signs() {}

  public static int of(byte[] b, int from, int to) {
    int signs = 0;
    for (int i = from; i < to; i++) {
      signs |= SIGNS[b[i] & 0xff];
    }
    return signs;
  }
}

package io.hdrlog.core.http;

/** The W3C {@code traceparent}: {@code 00-<32 hex>-<16 hex>-<2 hex>}. */
public final class TraceParent {
  public static final int TRACE_OFFSET = 3;
  public static final int TRACE_LENGTH = 32;
  public static final int SPAN_OFFSET = 36;
  public static final int SPAN_LENGTH = 16;
  private static final int LENGTH = 55;

  private static final boolean[] LOWER_HEX = new boolean[256];

  static {
    for (char c : "0123456789abcdef".toCharArray()) {
      LOWER_HEX[c] = true;
    }
  }

  private TraceParent() {}

  /** True if the bytes are one; later versions may go on behind a dash, as the standard says. */
  public static boolean isValid(byte[] b, int offset, int length) {
    if (length < LENGTH
        || b[offset + 2] != '-'
        || b[offset + 35] != '-'
        || b[offset + 52] != '-'
        || !isHex(b, offset, 2)
        || !isHex(b, offset + TRACE_OFFSET, TRACE_LENGTH)
        || !isHex(b, offset + SPAN_OFFSET, SPAN_LENGTH)
        || !isHex(b, offset + 53, 2)) {
      return false;
    }
    boolean first = b[offset] == '0' && b[offset + 1] == '0';
    boolean refused = b[offset] == 'f' && b[offset + 1] == 'f';
    if (refused || (length > LENGTH && (first || b[offset + LENGTH] != '-'))) {
      return false;
    }
    return !isZero(b, offset + TRACE_OFFSET, TRACE_LENGTH)
        && !isZero(b, offset + SPAN_OFFSET, SPAN_LENGTH);
  }

  /** Upper case is not allowed by the standard. */
  private static boolean isHex(byte[] b, int offset, int length) {
    boolean hex = true;
    for (int i = offset; i < offset + length; i++) {
      hex &= LOWER_HEX[b[i] & 0xff];
    }
    return hex;
  }

  private static boolean isZero(byte[] b, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (b[i] != '0') {
        return false;
      }
    }
    return true;
  }
}

package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;

/**
 * Values that are no secret by their shape alone: UUIDs and {@code traceparent}, which change with
 * every request and are nothing but digits that would have to be looked at.
 */
final class Shapes {
  private static final byte OTHER = 0;
  private static final byte HEX = 1;
  private static final byte DASH = 2;

  private static final byte[] KIND = new byte[256];
  private static final byte[] UUID = shape("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
  private static final byte[] TRACE_PARENT =
      shape("xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx");

  static {
    for (int i = 0; i < 256; i++) {
      KIND[i] = Ascii.hex(i) >= 0 ? HEX : i == '-' ? DASH : OTHER;
    }
  }

  private Shapes() {}

  private static byte[] shape(String text) {
    byte[] shape = new byte[text.length()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = text.charAt(i) == '-' ? DASH : HEX;
    }
    return shape;
  }

  static boolean isHarmless(byte[] b, int from, int to) {
    int length = to - from;
    return (length == UUID.length && has(UUID, b, from))
        || (length == TRACE_PARENT.length && has(TRACE_PARENT, b, from));
  }

  private static boolean has(byte[] shape, byte[] b, int from) {
    int different = 0;
    for (int i = 0; i < shape.length; i++) {
      different |= KIND[b[from + i] & 0xff] ^ shape[i];
    }
    return different == 0;
  }
}

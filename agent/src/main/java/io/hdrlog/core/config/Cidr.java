package io.hdrlog.core.config;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.IpAddress;

/** Tells whether a text is an address or a CIDR block. */
final class Cidr {
  private Cidr() {}

  static boolean isValid(String block) {
    int slash = block.indexOf('/');
    byte[] address = Ascii.bytes(slash < 0 ? block : block.substring(0, slash));
    if (!IpAddress.parse(address, 0, address.length, new byte[16])) {
      return false;
    }
    int bitsMax = block.indexOf(':') < 0 ? 32 : 128;
    return slash < 0 || isLength(block.substring(slash + 1), bitsMax);
  }

  private static boolean isLength(String text, int bitsMax) {
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return false;
      }
      value = Math.min(value * 10 + digit, 1000);
    }
    return !text.isEmpty() && value <= bitsMax;
  }
}

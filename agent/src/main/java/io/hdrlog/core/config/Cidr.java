package io.hdrlog.core.config;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** Tells whether a text is an address or a CIDR block, without asking a name server. */
final class Cidr {
  private Cidr() {}

  static boolean isValid(String block) {
    int slash = block.indexOf('/');
    String address = slash < 0 ? block : block.substring(0, slash);
    int bits = address.indexOf(':') >= 0 ? bitsOfV6(address) : bitsOfV4(address);
    if (bits == 0) {
      return false;
    }
    return slash < 0 || isLength(block.substring(slash + 1), bits);
  }

  private static boolean isLength(String text, int bits) {
    if (text.isEmpty() || text.length() > 3) {
      return false;
    }
    int value = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      value = value * 10 + (c - '0');
    }
    return value <= bits;
  }

  private static int bitsOfV4(String address) {
    int parts = 0;
    int from = 0;
    while (from <= address.length()) {
      int dot = address.indexOf('.', from);
      int to = dot < 0 ? address.length() : dot;
      if (!isLength(address.substring(from, to), 255)) {
        return 0;
      }
      parts++;
      from = to + 1;
    }
    return parts == 4 ? 32 : 0;
  }

  private static int bitsOfV6(String address) {
    for (int i = 0; i < address.length(); i++) {
      char c = address.charAt(i);
      boolean hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
      if (!hex && c != ':' && c != '.') {
        return 0;
      }
    }
    try {
      // A text with a colon is never looked up: it is an address, or the call fails at once.
      InetAddress.getByName(address);
      return 128;
    } catch (UnknownHostException e) {
      return 0;
    }
  }
}

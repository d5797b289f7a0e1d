package io.hdrlog.core.http;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The networks whose word on the client's address is taken. */
public final class TrustedProxies {
  private final byte[][] networks;
  private final int[] bits;

  private TrustedProxies(byte[][] networks, int[] bits) {
    this.networks = networks;
    this.bits = bits;
  }

  /** Reads addresses and CIDR blocks; a bad one is named to {@code problems} and left out. */
  public static TrustedProxies parse(List<String> cidrs, Consumer<String> problems) {
    List<byte[]> networks = new ArrayList<>();
    List<Integer> bits = new ArrayList<>();
    for (String cidr : cidrs) {
      String text = cidr.strip();
      if (text.isEmpty()) {
        continue;
      }
      int slash = text.indexOf('/');
      byte[] address = Ascii.bytes(slash < 0 ? text : text.substring(0, slash));
      byte[] network = new byte[16];
      boolean read = IpAddress.parse(address, 0, address.length, network);
      int offset = Ascii.indexOf(address, 0, address.length, ':') < 0 ? 96 : 0;
      int length = slash < 0 ? 128 : prefix(text.substring(slash + 1), 128 - offset) + offset;
      if (!read || length < offset) {
        problems.accept(
            "trusted.proxies: value="
                + text
                + " is no address or CIDR block and was left out; allowed: 10.0.0.0/8, 2001:db8::/32");
        continue;
      }
      networks.add(network);
      bits.add(length);
    }
    return new TrustedProxies(
        networks.toArray(new byte[0][]), bits.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The prefix length, or a number below zero that no offset brings back to a valid one. */
  private static int prefix(String text, int max) {
    try {
      int n = Integer.parseInt(text);
      return n >= 0 && n <= max ? n : -1000;
    } catch (NumberFormatException e) {
      return -1000;
    }
  }

  public boolean isEmpty() {
    return networks.length == 0;
  }

  public boolean contains(byte[] address) {
    for (int i = 0; i < networks.length; i++) {
      if (within(address, networks[i], bits[i])) {
        return true;
      }
    }
    return false;
  }

  private static boolean within(byte[] address, byte[] network, int bits) {
    int whole = bits >>> 3;
    for (int i = 0; i < whole; i++) {
      if (address[i] != network[i]) {
        return false;
      }
    }
    int rest = bits & 7;
    return rest == 0 || ((address[whole] ^ network[whole]) & (0xff00 >>> rest) & 0xff) == 0;
  }
}

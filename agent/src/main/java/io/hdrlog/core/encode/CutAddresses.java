package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.IpAddress;

/** Cuts every address in a text to its network; ports go with them. */
final class CutAddresses {
  /** {@code ::} may become a little longer; no address grows by more than this factor. */
  static final int GROWTH_MAX = 4;

  private final byte[] address = new byte[16];

  /** Copies [from, to), addresses cut, and returns the length. */
  int rewrite(byte[] b, int from, int to, byte[] into) {
    int n = 0;
    int i = from;
    while (i < to) {
      if (!isAddressByte(b[i])) {
        into[n++] = b[i++];
        continue;
      }
      int end = i;
      int colon = -1;
      while (end < to && isAddressByte(b[end])) {
        colon = b[end] == ':' ? end : colon;
        end++;
      }
      if (IpAddress.parse(b, i, end, address)
          || (colon > i && IpAddress.parse(b, i, colon, address))) {
        IpAddress.cut(address);
        n = IpAddress.format(address, into, n);
      } else {
        System.arraycopy(b, i, into, n, end - i);
        n += end - i;
      }
      i = end;
    }
    return n;
  }

  private static boolean isAddressByte(byte c) {
    return c == '.' || c == ':' || Ascii.hex(c) >= 0;
  }
}

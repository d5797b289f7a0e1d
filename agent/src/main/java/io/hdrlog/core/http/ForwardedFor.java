package io.hdrlog.core.http;

/**
 * Walks the addresses of Forwarded (RFC 7239) or X-Forwarded-For from the last, which the nearest
 * proxy wrote, to the first that no trusted proxy vouches for.
 *
 * <p>An element that names no address (unknown, an obfuscated identifier, garbage) ends the walk
 * without an answer: whatever stands before it may be forged.
 */
public final class ForwardedFor {
  /** More proxies than any path has; of a longer list the last ones count. */
  private static final int ELEMENTS_MAX = 64;

  private static final byte[] FOR = Ascii.bytes("for");

  private final TrustedProxies trusted;
  private final byte[] hop = new byte[16];
  private final int[] from = new int[ELEMENTS_MAX];
  private final int[] to = new int[ELEMENTS_MAX];
  private long elements;

  /** True once the walk is over. */
  private boolean over;

  private boolean found;
  private final byte[] address = new byte[16];

  public ForwardedFor(TrustedProxies trusted) {
    this.trusted = trusted;
  }

  /** Begins a walk. Values are then given last line first. */
  public void begin() {
    over = false;
    found = false;
  }

  /** One line of X-Forwarded-For. */
  public void list(byte[] b, int offset, int length) {
    elements = 0;
    int end = offset + length;
    int start = offset;
    for (int i = offset; i <= end; i++) {
      if (i == end || b[i] == ',') {
        // RFC 9110, 5.6.1.2: an empty element is none.
        if (!isBlank(b, start, i)) {
          element(b, start, i);
        }
        start = i + 1;
      }
    }
    walk(b);
  }

  /** One line of Forwarded. */
  public void forwarded(byte[] b, int offset, int length) {
    elements = 0;
    int end = offset + length;
    int i = offset;
    while (i < end) {
      // One element: pairs up to a comma outside quotes. Without "for" it still counts as a hop.
      int forFrom = i;
      int forTo = i;
      boolean inElement = true;
      while (inElement) {
        int pair = i;
        int equals = -1;
        boolean quoted = false;
        while (i < end && (quoted || (b[i] != ';' && b[i] != ','))) {
          if (b[i] == '"') {
            quoted = !quoted;
          } else if (quoted && b[i] == '\\') {
            i++;
          } else if (!quoted && b[i] == '=' && equals < 0) {
            equals = i;
          }
          i++;
        }
        i = Math.min(i, end);
        if (equals >= 0 && isFor(b, pair, equals)) {
          forFrom = equals + 1;
          forTo = i;
        }
        inElement = i < end && b[i] == ';';
        i++;
      }
      element(b, forFrom, forTo);
    }
    walk(b);
  }

  /** True if the walk found one; it is then in {@link #address()}. */
  public boolean found() {
    return found;
  }

  public byte[] address() {
    return address;
  }

  private static boolean isBlank(byte[] b, int start, int end) {
    int i = start;
    while (i < end && Ascii.isBlank(b[i])) {
      i++;
    }
    return i == end;
  }

  private void element(byte[] b, int start, int end) {
    int f = start;
    int t = end;
    while (f < t && (Ascii.isBlank(b[f]) || b[f] == '"')) {
      f++;
    }
    while (t > f && (Ascii.isBlank(b[t - 1]) || b[t - 1] == '"')) {
      t--;
    }
    int slot = (int) (elements++ % ELEMENTS_MAX);
    from[slot] = f;
    to[slot] = t;
  }

  private void walk(byte[] b) {
    long first = Math.max(0, elements - ELEMENTS_MAX);
    for (long i = elements - 1; i >= first && !over; i--) {
      int slot = (int) (i % ELEMENTS_MAX);
      if (!parse(b, from[slot], to[slot])) {
        over = true;
        found = false;
        return;
      }
      System.arraycopy(hop, 0, address, 0, 16);
      found = true;
      over = !trusted.contains(hop);
    }
    if (first > 0 && !over) {
      over = true;
      found = false;
    }
  }

  /** An address with or without port: a.b.c.d:1, [v6]:1, v6. */
  private boolean parse(byte[] b, int start, int end) {
    if (start < end && b[start] == '[') {
      int close = Ascii.indexOf(b, start, end, ']');
      return close > 0 && isPort(b, close + 1, end) && IpAddress.parse(b, start + 1, close, hop);
    }
    int colon = Ascii.indexOf(b, start, end, ':');
    if (colon >= 0 && Ascii.indexOf(b, colon + 1, end, ':') < 0) {
      return isPort(b, colon, end) && IpAddress.parse(b, start, colon, hop);
    }
    return IpAddress.parse(b, start, end, hop);
  }

  private static boolean isPort(byte[] b, int from, int to) {
    if (from == to) {
      return true;
    }
    return b[from] == ':' && to - from <= 20;
  }

  private static boolean isFor(byte[] b, int from, int to) {
    int f = from;
    while (f < to && Ascii.isBlank(b[f])) {
      f++;
    }
    return Ascii.equalsIgnoreCase(b, f, to - f, FOR);
  }
}

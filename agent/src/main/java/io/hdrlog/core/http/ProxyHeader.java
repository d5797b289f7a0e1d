package io.hdrlog.core.http;

/**
 * What a balancer that speaks the PROXY protocol puts in front of all that its client sends
 * (proxy-protocol.txt, sections 2.1 and 2.2). It is no part of a request, and says of the client
 * what the socket's own ends do not: nothing of it is taken.
 */
public final class ProxyHeader {
  private static final byte[][] TEXT = {
    Ascii.bytes("PROXY TCP4 "), Ascii.bytes("PROXY TCP6 "), Ascii.bytes("PROXY UNKNOWN")
  };
  private static final byte[] BINARY = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

  /** The longest line of version 1, its end included. */
  private static final int TEXT_BYTES_MAX = 107;

  private static final int BINARY_HEAD_BYTES = 16;

  private ProxyHeader() {}

  /** Whether a header may begin with these two bytes; nearly no request does. */
  public static boolean mayBegin(byte first, byte second) {
    return (first == 'P' && second == 'R') || (first == '\r' && second == '\n');
  }

  /**
   * How long the header is that begins at {@code from}; 0 if none does, or not all of it is there:
   * its sender has to send it at once.
   */
  public static int length(byte[] bytes, int from, int to) {
    if (startsWith(bytes, from, to, BINARY)) {
      if (to - from < BINARY_HEAD_BYTES) {
        return 0;
      }
      int more = (bytes[from + 14] & 0xff) << 8 | (bytes[from + 15] & 0xff);
      int length = BINARY_HEAD_BYTES + more;
      return length <= to - from ? length : 0;
    }
    for (byte[] text : TEXT) {
      if (startsWith(bytes, from, to, text)) {
        int end = Math.min(to, from + TEXT_BYTES_MAX);
        for (int i = from + text.length; i < end; i++) {
          if (bytes[i] == '\n') {
            return bytes[i - 1] == '\r' ? i + 1 - from : 0;
          }
        }
      }
    }
    return 0;
  }

  private static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    boolean same = to - from >= prefix.length;
    for (int i = 0; same && i < prefix.length; i++) {
      same = bytes[from + i] == prefix[i];
    }
    return same;
  }
}

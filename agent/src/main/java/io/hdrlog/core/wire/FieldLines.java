package io.hdrlog.core.wire;

import com.twitter.hpack.HeaderListener;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Turns the fields of a block of HTTP/2 into lines as HTTP/1 has them, which is what all that
 * follows reads.
 *
 * <p>A field may hold bytes here that end a line there. They are replaced, or one field could show
 * up as two, the second under a name that is not masked. Both is malformed (RFC 9113, 8.2.1).
 */
final class FieldLines implements HeaderListener {
  private static final byte[] METHOD = Ascii.bytes(":method");
  private static final byte[] PATH = Ascii.bytes(":path");
  private static final byte[] SCHEME = Ascii.bytes(":scheme");
  private static final byte[] AUTHORITY = Ascii.bytes(":authority");
  private static final byte[] PROTOCOL = Ascii.bytes(":protocol");
  private static final byte[] STATUS = Ascii.bytes(":status");
  private static final byte[] CONNECT = Ascii.bytes("CONNECT");
  private static final byte[] REQUEST_VERSION = Ascii.bytes(" HTTP/2\r\n");
  private static final byte[] RESPONSE_VERSION = Ascii.bytes("HTTP/2 ");
  private static final byte[] AUTHORITY_LINE = Ascii.bytes(":authority: ");
  private static final byte[] SPACE = {' '};
  private static final byte[] STATUS_END = Ascii.bytes(" \r\n");
  private static final byte[] LINE_END = Ascii.bytes("\r\n");

  /** Fields that speak of an HTTP/1 connection (RFC 9113, 8.2.2). */
  private static final byte[][] CONNECTION_FIELDS = {
    Ascii.bytes("connection"),
    Ascii.bytes("proxy-connection"),
    Ascii.bytes("keep-alive"),
    Ascii.bytes("transfer-encoding"),
    Ascii.bytes("upgrade")
  };

  private static final byte REPLACED = '?';
  private static final int LINES_KEPT_BYTES = 8 * 1024;

  private byte[] method;
  private byte[] path;
  private byte[] scheme;
  private byte[] authority;
  private byte[] protocol;
  private byte[] status;
  private byte[] lines = new byte[1024];
  private int length;
  private boolean regular;
  private boolean malformed;
  private boolean cut;

  void begin() {
    method = null;
    path = null;
    scheme = null;
    authority = null;
    protocol = null;
    status = null;
    length = 0;
    if (lines.length > LINES_KEPT_BYTES) {
      lines = new byte[1024];
    }
    regular = false;
    malformed = false;
    cut = false;
  }

  /**
   * @param truncated more fields than the decoder gives out
   */
  void end(boolean truncated) {
    cut |= truncated;
  }

  @Override
  public void addHeader(byte[] name, byte[] value, boolean sensitive) {
    if (name.length > 0 && name[0] == ':') {
      malformed |= regular || !pseudo(name, value);
      return;
    }
    regular = true;
    malformed |= name.length == 0 || isConnectionField(name);
    int needed = length + name.length + value.length + 5;
    if (needed > Exchange.HEAD_BYTES_MAX) {
      cut = true;
      return;
    }
    if (needed > lines.length) {
      lines = Arrays.copyOf(lines, Math.max(needed, lines.length * 2));
    }
    if (name.length == 0) {
      lines[length++] = REPLACED;
    }
    for (byte b : name) {
      // Upper case is malformed, but shown as it was.
      malformed |= b >= 'A' && b <= 'Z';
      boolean fine = b != ':' && b != '\r' && b != '\n' && b != 0 && !Ascii.isBlank(b);
      malformed |= !fine || !Ascii.isToken(b);
      lines[length++] = fine ? b : REPLACED;
    }
    lines[length++] = ':';
    lines[length++] = ' ';
    for (byte b : value) {
      lines[length++] = clean(b);
    }
    lines[length++] = '\r';
    lines[length++] = '\n';
  }

  private byte clean(byte b) {
    if (b == '\r' || b == '\n' || b == 0) {
      malformed = true;
      return REPLACED;
    }
    return b;
  }

  /** False if it is unknown or comes twice. */
  private boolean pseudo(byte[] name, byte[] value) {
    boolean first;
    if (Arrays.equals(name, METHOD)) {
      first = method == null;
      method = value;
    } else if (Arrays.equals(name, PATH)) {
      first = path == null;
      path = value;
    } else if (Arrays.equals(name, SCHEME)) {
      first = scheme == null;
      scheme = value;
    } else if (Arrays.equals(name, AUTHORITY)) {
      first = authority == null;
      authority = value;
    } else if (Arrays.equals(name, PROTOCOL)) {
      first = protocol == null;
      protocol = value;
    } else if (Arrays.equals(name, STATUS)) {
      first = status == null;
      status = value;
    } else {
      first = false;
    }
    return first;
  }

  private static boolean isConnectionField(byte[] name) {
    for (byte[] field : CONNECTION_FIELDS) {
      if (Arrays.equals(name, field)) {
        return true;
      }
    }
    return false;
  }

  boolean isConnect() {
    return method != null && Arrays.equals(method, CONNECT);
  }

  /** RFC 9113, 8.3.1. */
  boolean isMalformedRequest() {
    if (malformed || method == null || status != null) {
      return true;
    }
    if (isConnect() && protocol == null) {
      return path != null || scheme != null || authority == null;
    }
    return path == null || path.length == 0 || scheme == null;
  }

  /** The status, or 0. */
  int status() {
    if (status == null || status.length != 3) {
      return 0;
    }
    int code = 0;
    for (byte b : status) {
      if (!Ascii.isDigit(b)) {
        return 0;
      }
      code = code * 10 + b - '0';
    }
    return code;
  }

  /** Writes {@code METHOD path HTTP/2}, the authority and the fields, as one head. */
  void request(Exchange x) {
    part(x, method);
    x.appendRequestHead(SPACE, 0, 1);
    // CONNECT has an authority in the place of a path.
    part(x, path == null && isConnect() ? authority : path);
    x.appendRequestHead(REQUEST_VERSION, 0, REQUEST_VERSION.length);
    if (authority != null) {
      x.appendRequestHead(AUTHORITY_LINE, 0, AUTHORITY_LINE.length);
      part(x, authority);
      x.appendRequestHead(LINE_END, 0, 2);
    }
    x.appendRequestHead(lines, 0, length);
    x.appendRequestHead(LINE_END, 0, 2);
    x.requestHeadCut |= cut;
  }

  private void part(Exchange x, byte[] value) {
    if (value == null) {
      return;
    }
    // Not in place: the bytes may be the table's.
    byte[] cleaned = value.clone();
    for (int i = 0; i < cleaned.length; i++) {
      cleaned[i] = clean(cleaned[i]);
    }
    x.appendRequestHead(cleaned, 0, cleaned.length);
  }

  /** Writes {@code HTTP/2 200} and the fields, as one head. */
  void response(Exchange x) {
    x.appendResponseHead(RESPONSE_VERSION, 0, RESPONSE_VERSION.length);
    if (status() > 0) {
      x.appendResponseHead(status, 0, 3);
    }
    x.appendResponseHead(STATUS_END, 0, STATUS_END.length);
    x.appendResponseHead(lines, 0, length);
    x.appendResponseHead(LINE_END, 0, 2);
    x.responseHeadCut |= cut;
  }

  void requestTrailer(Exchange x) {
    x.appendRequestTrailer(lines, 0, length);
    x.requestTrailerCut |= cut;
  }

  void responseTrailer(Exchange x) {
    x.appendResponseTrailer(lines, 0, length);
    x.responseTrailerCut |= cut;
  }
}

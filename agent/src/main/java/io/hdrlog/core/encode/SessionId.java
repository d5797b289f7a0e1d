package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.mask.Hmac;
import java.util.Arrays;

/**
 * {@code session.id}: the HMAC of the session cookie's value. Values are remembered in fixed slots,
 * since one session makes many requests.
 */
final class SessionId {
  static final int LENGTH = 32;
  private static final byte PURPOSE = 1;
  private static final int SLOTS = 512;
  private static final int VALUE_MAX = 64;
  private static final byte[] JSESSIONID = Ascii.bytes("jsessionid");
  private static final byte[] SESSION = Ascii.bytes("session");

  private final Hmac hmac;
  private final byte[] values = new byte[SLOTS * VALUE_MAX];
  private final byte[] lengths = new byte[SLOTS];
  private final byte[] ids = new byte[SLOTS * LENGTH];
  private final byte[] id = new byte[LENGTH];

  SessionId(byte[] key) {
    hmac = new Hmac(key);
  }

  /** Looks for the session's cookie in the value of Cookie or Set-Cookie; true if it is there. */
  boolean find(byte[] b, int offset, int length, boolean setCookie) {
    int to = offset + length;
    int i = offset;
    while (i < to) {
      int end = Ascii.indexOf(b, i, to, ';');
      end = end < 0 ? to : end;
      int equals = Ascii.indexOf(b, i, end, '=');
      if (equals >= 0 && isSession(b, i, equals)) {
        int from = trimStart(b, equals + 1, end);
        int until = trimEnd(b, from, end);
        if (until > from) {
          hash(b, from, until);
          return true;
        }
      }
      if (setCookie) {
        return false;
      }
      i = end + 1;
    }
    return false;
  }

  byte[] id() {
    return id;
  }

  private static boolean isSession(byte[] b, int from, int to) {
    int start = trimStart(b, from, to);
    int length = trimEnd(b, start, to) - start;
    return Ascii.equalsIgnoreCase(b, start, length, JSESSIONID)
        || Ascii.equalsIgnoreCase(b, start, length, SESSION);
  }

  private void hash(byte[] b, int from, int to) {
    int length = to - from;
    if (length > VALUE_MAX) {
      hmac.hex(PURPOSE, b, from, to, LENGTH, id, 0);
      return;
    }
    int slot = Ascii.hash(b, from, length) & (SLOTS - 1);
    int value = slot * VALUE_MAX;
    if (lengths[slot] != length || !Arrays.equals(values, value, value + length, b, from, to)) {
      hmac.hex(PURPOSE, b, from, to, LENGTH, ids, slot * LENGTH);
      System.arraycopy(b, from, values, value, length);
      lengths[slot] = (byte) length;
    }
    System.arraycopy(ids, slot * LENGTH, id, 0, LENGTH);
  }

  /** Quotes around the value are not part of it. */
  private static int trimStart(byte[] b, int from, int to) {
    int i = from;
    while (i < to && (Ascii.isBlank(b[i]) || b[i] == '"')) {
      i++;
    }
    return i;
  }

  private static int trimEnd(byte[] b, int from, int to) {
    int i = to;
    while (i > from && (Ascii.isBlank(b[i - 1]) || b[i - 1] == '"')) {
      i--;
    }
    return i;
  }
}

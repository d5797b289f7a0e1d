package io.hdrlog.core.encode;

import com.fasterxml.jackson.core.io.CharTypes;
import com.fasterxml.jackson.core.io.NumberOutput;
import io.hdrlog.core.http.Ascii;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A growing array of JSON text. What JSON is, jackson-core says: which bytes are escaped and how
 * ({@link CharTypes}), and numbers ({@link NumberOutput}). Its generator is left out because it
 * wants a String or a copy for each value: for the headers alone it takes longer than the whole
 * record does here (EncoderBench prints both).
 */
public final class Utf8Buffer {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  private static final int[] ESCAPES = CharTypes.get7BitOutputEscapes();
  private static final byte[] HEX = Ascii.bytes("0123456789abcdef");

  /** Grown beyond this, the array is given back when it is cleared. */
  private static final int KEPT_MAX = 4 * 1024 * 1024;

  private byte[] bytes;
  private int length;

  public Utf8Buffer(int size) {
    bytes = new byte[Math.max(64, size)];
  }

  /** The array; valid up to {@link #length()} and until the next write. */
  public byte[] array() {
    return bytes;
  }

  public int length() {
    return length;
  }

  public void clear() {
    length = 0;
    if (bytes.length > KEPT_MAX) {
      bytes = new byte[KEPT_MAX];
    }
  }

  /** Forgets what was written behind {@code length}. */
  public void truncate(int newLength) {
    length = Math.min(length, newLength);
  }

  void ensure(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  void put(char c) {
    ensure(1);
    bytes[length++] = (byte) c;
  }

  void put(byte[] raw) {
    put(raw, 0, raw.length);
  }

  void put(Fragment fragment) {
    byte[] words = fragment.padded;
    ensure(words.length);
    byte[] into = bytes;
    int n = length;
    for (int i = 0; i < words.length; i += 8) {
      LONG.set(into, n + i, (long) LONG.get(words, i));
    }
    length = n + fragment.length;
  }

  void put(byte[] raw, int offset, int count) {
    ensure(count);
    System.arraycopy(raw, offset, bytes, length, count);
    length += count;
  }

  /** Bytes of which none needs an escape, in quotes. */
  void quotedPlain(byte[] b, int from, int to) {
    int count = to - from;
    ensure(count + 2);
    bytes[length++] = '"';
    System.arraycopy(b, from, bytes, length, count);
    length += count;
    bytes[length++] = '"';
  }

  /** Room for {@code count} bytes, which the caller fills from the returned offset. */
  int claim(int count) {
    ensure(count);
    int at = length;
    length += count;
    return at;
  }

  void number(long value) {
    ensure(20);
    length = NumberOutput.outputLong(value, bytes, length);
  }

  /** A field: its name with the colon, the number, a comma. */
  void field(Fragment name, long value) {
    put(name);
    number(value);
    put(',');
  }

  void hex(long value) {
    ensure(16);
    int digits = Math.max(1, (67 - Long.numberOfLeadingZeros(value)) / 4);
    for (int i = digits - 1; i >= 0; i--) {
      bytes[length++] = HEX[(int) (value >>> (i * 4)) & 15];
    }
  }

  /**
   * Ends an object: its last comma becomes the brace, and a comma follows. An object that stayed
   * empty is taken back, its key as well; {@code start} is where the key began.
   */
  void closeObject(int start) {
    if (bytes[length - 1] == '{') {
      length = start;
      return;
    }
    bytes[length - 1] = '}';
    put(',');
  }

  /** Ends an array that is not empty. */
  void closeArray() {
    bytes[length - 1] = ']';
    put(',');
  }

  /** Ends the record: the last comma becomes the brace. */
  void closeLine() {
    bytes[length - 1] = '}';
    put('\n');
  }

  /** A string's characters; a lone surrogate becomes a question mark. */
  void text(String text) {
    ensure(text.length() * 6);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ascii(c);
      } else if (c < 0x800) {
        bytes[length++] = (byte) (0xc0 | c >> 6);
        bytes[length++] = (byte) (0x80 | (c & 0x3f));
      } else if (!Character.isSurrogate(c)) {
        bytes[length++] = (byte) (0xe0 | c >> 12);
        bytes[length++] = (byte) (0x80 | (c >> 6 & 0x3f));
        bytes[length++] = (byte) (0x80 | (c & 0x3f));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        int point = Character.toCodePoint(c, text.charAt(++i));
        bytes[length++] = (byte) (0xf0 | point >> 18);
        bytes[length++] = (byte) (0x80 | (point >> 12 & 0x3f));
        bytes[length++] = (byte) (0x80 | (point >> 6 & 0x3f));
        bytes[length++] = (byte) (0x80 | (point & 0x3f));
      } else {
        bytes[length++] = '?';
      }
    }
  }

  /** Bytes off the wire, escaped; {@code utf8} false: each is an ISO-8859-1 character. */
  void text(byte[] from, int start, int end, boolean utf8) {
    ensure((end - start) * 6);
    byte[] into = bytes;
    int n = length;
    int i = start;
    while (i + 8 <= end) {
      long word = (long) LONG.get(from, i);
      if (isPlain(word)) {
        LONG.set(into, n, word);
        i += 8;
        n += 8;
        continue;
      }
      length = n;
      for (int stop = i + 8; i < stop; i++) {
        one(from[i], utf8);
      }
      n = length;
    }
    length = n;
    while (i < end) {
      one(from[i++], utf8);
    }
  }

  /** True if none of the eight bytes is a control, a quote, a backslash or above 127. */
  private static boolean isPlain(long word) {
    long quote = word ^ (ONES * '"');
    long backslash = word ^ (ONES * '\\');
    long found =
        word | (word - ONES * ' ') | ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash);
    return (found & HIGHS) == 0;
  }

  private void one(byte b, boolean utf8) {
    if (b >= 0) {
      ascii(b);
    } else if (utf8) {
      bytes[length++] = b;
    } else {
      bytes[length++] = (byte) (0xc0 | (b & 0xff) >> 6);
      bytes[length++] = (byte) (0x80 | (b & 0x3f));
    }
  }

  private void ascii(int c) {
    int escape = ESCAPES[c];
    if (escape == 0) {
      bytes[length++] = (byte) c;
    } else if (escape > 0) {
      bytes[length++] = '\\';
      bytes[length++] = (byte) escape;
    } else {
      bytes[length++] = '\\';
      bytes[length++] = 'u';
      bytes[length++] = '0';
      bytes[length++] = '0';
      bytes[length++] = HEX[c >> 4];
      bytes[length++] = HEX[c & 15];
    }
  }

  /** True if the bytes are UTF-8: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
  static boolean isUtf8(byte[] b, int from, int to) {
    int i = from;
    while (i < to) {
      if (i + 8 <= to && ((long) LONG.get(b, i) & HIGHS) == 0) {
        i += 8;
        continue;
      }
      int c = b[i];
      if (c >= 0) {
        i++;
        continue;
      }
      c &= 0xff;
      int more = c < 0xc2 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf5 ? 3 : -1;
      if (more < 0 || i + more >= to) {
        return false;
      }
      int second = b[i + 1] & 0xff;
      if ((c == 0xe0 && second < 0xa0)
          || (c == 0xed && second > 0x9f)
          || (c == 0xf0 && second < 0x90)
          || (c == 0xf4 && second > 0x8f)) {
        return false;
      }
      for (int k = 1; k <= more; k++) {
        if ((b[i + k] & 0xc0) != 0x80) {
          return false;
        }
      }
      i += more + 1;
    }
    return true;
  }
}

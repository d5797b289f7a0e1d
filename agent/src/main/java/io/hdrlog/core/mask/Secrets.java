package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;

/**
 * Finds what looks like a secret wherever it stands: JWT, Bearer and Basic credentials, PEM blocks,
 * the keys of well-known services, card numbers.
 *
 * <p>One pass over the bytes; only a few trigger bytes ({@code J} of {@code eyJ}, the space after
 * {@code Bearer}, digits, ...) look around themselves, so that a value without any costs a table
 * look-up a byte.
 */
final class Secrets {
  private static final byte NONE = 0;
  private static final byte DIGIT = 1;
  private static final byte SPACE = 2;
  private static final byte DASH = 3;
  private static final byte UPPER_J = 4;
  private static final byte UPPER_A = 5;
  private static final byte UNDERSCORE = 6;
  private static final byte DOT = 7;
  private static final byte PERCENT = 8;

  private static final byte[] TRIGGER = new byte[256];
  private static final boolean[] BASE64URL = new boolean[256];
  private static final boolean[] BASE64 = new boolean[256];

  private static final byte[] BEARER = Ascii.bytes("bearer");
  private static final byte[] BASIC = Ascii.bytes("basic");
  private static final byte[] PEM_BEGIN = Ascii.bytes("-----begin");
  private static final byte[] PEM_END = Ascii.bytes("-----end");
  private static final byte[] PEM_CLOSE = Ascii.bytes("-----");
  private static final byte[][] AWS = {
    Ascii.bytes("AKIA"), Ascii.bytes("ASIA"), Ascii.bytes("ABIA"), Ascii.bytes("ACCA")
  };
  private static final byte[] GOOGLE = Ascii.bytes("AIza");
  private static final byte[] GOOGLE_OAUTH = Ascii.bytes("ya29.");
  private static final byte[] SENDGRID = Ascii.bytes("SG.");
  private static final byte[][] UNDERSCORED = {
    Ascii.bytes("ghp_"),
    Ascii.bytes("gho_"),
    Ascii.bytes("ghu_"),
    Ascii.bytes("ghs_"),
    Ascii.bytes("ghr_"),
    Ascii.bytes("github_pat_"),
    Ascii.bytes("sk_live_"),
    Ascii.bytes("rk_live_"),
    Ascii.bytes("sk_test_"),
    Ascii.bytes("rk_test_"),
    Ascii.bytes("npm_"),
  };
  private static final byte[][] DASHED = {
    Ascii.bytes("xoxa-"),
    Ascii.bytes("xoxb-"),
    Ascii.bytes("xoxc-"),
    Ascii.bytes("xoxd-"),
    Ascii.bytes("xoxe-"),
    Ascii.bytes("xoxo-"),
    Ascii.bytes("xoxp-"),
    Ascii.bytes("xoxr-"),
    Ascii.bytes("xoxs-"),
    Ascii.bytes("xapp-"),
    Ascii.bytes("glpat-"),
  };

  /** What no card number stands right behind. */
  private static final boolean[] JOINED = new boolean[256];

  /** The last bytes of prefixes before their trigger. */
  private static final boolean[] BEFORE_TRIGGER = new boolean[256];

  static {
    for (byte[][] prefixes : new byte[][][] {UNDERSCORED, DASHED}) {
      for (byte[] prefix : prefixes) {
        BEFORE_TRIGGER[prefix[prefix.length - 2]] = true;
      }
    }
    for (int i = 0; i < 256; i++) {
      JOINED[i] = Ascii.isAlphanumeric(i) || i == '_' || i == '-' || i == '.';
      BASE64URL[i] = Ascii.isAlphanumeric(i) || i == '-' || i == '_';
      BASE64[i] = BASE64URL[i] || i == '+' || i == '/' || i == '=';
    }
    for (int i = '0'; i <= '9'; i++) {
      TRIGGER[i] = DIGIT;
    }
    TRIGGER[' '] = SPACE;
    TRIGGER['\t'] = SPACE;
    TRIGGER['+'] = SPACE;
    TRIGGER['-'] = DASH;
    TRIGGER['J'] = UPPER_J;
    TRIGGER['A'] = UPPER_A;
    TRIGGER['_'] = UNDERSCORE;
    TRIGGER['.'] = DOT;
    TRIGGER['%'] = PERCENT;
  }

  private Secrets() {}

  static boolean isTrigger(int b) {
    return TRIGGER[b] != NONE;
  }

  static void find(byte[] b, int from, int to, Ranges out) {
    int i = from;
    while (i < to) {
      byte trigger = TRIGGER[b[i] & 0xff];
      i = trigger == NONE ? i + 1 : look(trigger, b, from, to, i, out);
    }
  }

  /** Looks around the trigger at {@code i} and returns where to go on. */
  private static int look(byte trigger, byte[] b, int from, int to, int i, Ranges out) {
    return switch (trigger) {
      case DIGIT -> digits(b, from, to, i, out);
      case SPACE -> credentials(b, from, to, i, out);
      case PERCENT -> isEscapedSpace(b, i, to) ? credentials(b, from, to, i, out) : i + 1;
      case DASH -> dash(b, from, to, i, out);
      case UPPER_J -> jwt(b, from, to, i, out);
      case UPPER_A -> cloudKey(b, from, to, i, out);
      case UNDERSCORE -> prefixed(UNDERSCORED, b, from, to, i, 16, out);
      default -> dot(b, from, to, i, out);
    };
  }

  private static int jwt(byte[] b, int from, int to, int i, Ranges out) {
    if (i - 2 < from || b[i - 1] != 'y' || b[i - 2] != 'e') {
      return i + 1;
    }
    int end = run(BASE64URL, b, i, to);
    if (end - i < 8) {
      return i + 1;
    }
    // RFC 7515 has no padding, some libraries write and take it.
    for (int padding = 0; padding < 2 && end < to; padding++) {
      end += b[end] == '=' ? 1 : isEscaped(b, end, to, '3', 'd') ? 3 : 0;
    }
    if (end >= to || (b[end] != '.' && !isEscaped(b, end, to, '2', 'e'))) {
      return i + 1;
    }
    while (end < to) {
      if (BASE64[b[end] & 0xff] || b[end] == '.') {
        end++;
      } else if (isEscaped(b, end, to, '2', 'e') || isEscaped(b, end, to, '3', 'd')) {
        end += 3;
      } else {
        break;
      }
    }
    out.add(i - 2, end);
    return end;
  }

  private static int credentials(byte[] b, int from, int to, int blank, Ranges out) {
    boolean bearer = endsWith(b, from, blank, BEARER);
    if (!bearer && !endsWith(b, from, blank, BASIC)) {
      return blank + 1;
    }
    int start = blank;
    while (start < to) {
      if (Ascii.isBlank(b[start]) || b[start] == '+') {
        start++;
      } else if (isEscapedSpace(b, start, to)) {
        start += 3;
      } else {
        break;
      }
    }
    boolean quoted = false;
    if (start < to && b[start] == '"') {
      quoted = true;
      start++;
    } else if (start + 1 < to && b[start] == '\\' && b[start + 1] == '"') {
      quoted = true;
      start += 2;
    }
    int end = start;
    while (end < to && (bearer ? isCredential(b[end], quoted) : BASE64[b[end] & 0xff])) {
      end++;
    }
    if (end - start < (bearer ? 1 : 4)) {
      return blank + 1;
    }
    out.add(start, end);
    return end;
  }

  private static boolean isCredential(byte c, boolean quoted) {
    return c != '"' && (quoted || (c > ' ' && c != ',' && c != ';' && c != '&'));
  }

  private static boolean endsWith(byte[] b, int from, int end, byte[] lower) {
    int start = end - lower.length;
    return start >= from
        && (start == from || !Ascii.isAlphanumeric(b[start - 1]) || isEscape(b, from, start))
        && Ascii.equalsIgnoreCase(b, start, lower.length, lower);
  }

  /** True if the two bytes before {@code end} are the digits of a percent escape. */
  private static boolean isEscape(byte[] b, int from, int end) {
    return end - 3 >= from && b[end - 3] == '%';
  }

  private static boolean isEscapedSpace(byte[] b, int i, int to) {
    return isEscaped(b, i, to, '2', '0');
  }

  private static boolean isEscaped(byte[] b, int i, int to, char high, char lowerLow) {
    return i + 2 < to && b[i] == '%' && b[i + 1] == high && Ascii.lower(b[i + 2]) == lowerLow;
  }

  private static int dash(byte[] b, int from, int to, int i, Ranges out) {
    if (i + 1 < to && b[i + 1] == '-' && Ascii.startsWithIgnoreCase(b, i, to, PEM_BEGIN)) {
      int end = find(b, i + PEM_BEGIN.length, to, PEM_END);
      end = end < 0 ? -1 : find(b, end + PEM_END.length, to, PEM_CLOSE);
      end = end < 0 ? to : end + PEM_CLOSE.length;
      out.add(i, end);
      return end;
    }
    return prefixed(DASHED, b, from, to, i, 8, out);
  }

  private static int find(byte[] b, int from, int to, byte[] lower) {
    for (int i = from; i + lower.length <= to; i++) {
      if (b[i] == '-' && Ascii.equalsIgnoreCase(b, i, lower.length, lower)) {
        return i;
      }
    }
    return -1;
  }

  private static int cloudKey(byte[] b, int from, int to, int i, Ranges out) {
    if (i + 20 > to || (i > from && Ascii.isAlphanumeric(b[i - 1]) && !isEscape(b, from, i))) {
      return i + 1;
    }
    if (startsWith(b, i, to, GOOGLE)) {
      int end = run(BASE64URL, b, i, to);
      if (end - i >= 34) {
        out.add(i, end);
        return end;
      }
      return i + 1;
    }
    for (byte[] prefix : AWS) {
      if (startsWith(b, i, to, prefix)) {
        int end = i + 4;
        while (end < to && (Ascii.isDigit(b[end]) || (b[end] >= 'A' && b[end] <= 'Z'))) {
          end++;
        }
        if (end - i >= 20) {
          out.add(i, end);
          return end;
        }
      }
    }
    return i + 1;
  }

  /** A key whose prefix ends with the trigger at {@code i}. */
  private static int prefixed(
      byte[][] prefixes, byte[] b, int from, int to, int i, int lengthMin, Ranges out) {
    // The byte before the trigger rules most of them out at once.
    if (i == from || !BEFORE_TRIGGER[b[i - 1] & 0xff]) {
      return i + 1;
    }
    for (byte[] prefix : prefixes) {
      int start = i + 1 - prefix.length;
      if (start >= from && startsWith(b, start, to, prefix)) {
        int end = run(BASE64URL, b, i + 1, to);
        if (end - i - 1 >= lengthMin) {
          out.add(start, end);
          return end;
        }
      }
    }
    return i + 1;
  }

  private static int dot(byte[] b, int from, int to, int i, Ranges out) {
    byte[] prefix = i > from && b[i - 1] == '9' ? GOOGLE_OAUTH : SENDGRID;
    int start = i + 1 - prefix.length;
    if (start < from
        || b[i - 1] != prefix[prefix.length - 2]
        || !startsWith(b, start, to, prefix)) {
      return i + 1;
    }
    int end = i + 1;
    while (end < to && (BASE64URL[b[end] & 0xff] || b[end] == '.')) {
      end++;
    }
    if (end - i < 20) {
      return i + 1;
    }
    out.add(start, end);
    return end;
  }

  /**
   * A run of digits with single blanks or dashes between them: a card number if it stands alone,
   * has 13 to 19 digits, begins as cards do, and its check digit is right. What stands alone keeps
   * times in milliseconds, UUIDs and the like unmasked.
   */
  private static int digits(byte[] b, int from, int to, int start, Ranges out) {
    // Looked at first, because most digits are in the middle of something.
    if (!beginsAlone(b, from, start)) {
      int i = start + 1;
      while (i < to && Ascii.isDigit(b[i])) {
        i++;
      }
      return i;
    }
    int count = 1;
    int end = start + 1;
    int last = start;
    while (end < to) {
      if (Ascii.isDigit(b[end])) {
        last = end;
        count++;
        end++;
        continue;
      }
      int skip = separator(b, end, to);
      if (skip == 0 || end + skip >= to || !Ascii.isDigit(b[end + skip])) {
        break;
      }
      end += skip;
    }
    int next = last + 1;
    if (count < 13
        || count > 19
        || !endsAlone(b, to, next)
        || !beginsAsCard(b, start, next, count)
        || !luhn(b, start, next)) {
      return next;
    }
    out.add(start, next);
    return next;
  }

  private static int separator(byte[] b, int i, int to) {
    byte c = b[i];
    if (c == ' ' || c == '-' || c == '+') {
      return 1;
    }
    return isEscapedSpace(b, i, to) ? 3 : 0;
  }

  private static boolean beginsAlone(byte[] b, int from, int start) {
    if (start == from || !JOINED[b[start - 1] & 0xff]) {
      return true;
    }
    return isEscape(b, from, start);
  }

  private static boolean endsAlone(byte[] b, int to, int end) {
    if (end >= to) {
      return true;
    }
    byte after = b[end];
    if (after == '-') {
      return end + 1 >= to || !Ascii.isAlphanumeric(b[end + 1]);
    }
    return !Ascii.isAlphanumeric(after) && after != '_';
  }

  /** The first digits of the networks in use; 1 would take in every time in milliseconds. */
  private static boolean beginsAsCard(byte[] b, int start, int end, int count) {
    byte first = b[start];
    if (first == '2' && count == 16) {
      int four = 0;
      int seen = 0;
      for (int i = start; i < end && seen < 4; i++) {
        if (Ascii.isDigit(b[i])) {
          four = four * 10 + b[i] - '0';
          seen++;
        }
      }
      return four >= 2221 && four <= 2720;
    }
    return first >= '3' && first <= '6';
  }

  private static boolean luhn(byte[] b, int start, int end) {
    int sum = 0;
    boolean twice = false;
    for (int i = end - 1; i >= start; i--) {
      if (!Ascii.isDigit(b[i])) {
        continue;
      }
      if (isEscapedDigits(b, start, i)) {
        i -= 2;
        continue;
      }
      int d = b[i] - '0';
      d = twice ? d * 2 : d;
      sum += d > 9 ? d - 9 : d;
      twice = !twice;
    }
    return sum % 10 == 0;
  }

  /** True at the 0 of a {@code %20} between digits. */
  private static boolean isEscapedDigits(byte[] b, int start, int i) {
    return i - 2 >= start && b[i] == '0' && b[i - 1] == '2' && b[i - 2] == '%';
  }

  private static int run(boolean[] set, byte[] b, int from, int to) {
    int i = from;
    while (i < to && set[b[i] & 0xff]) {
      i++;
    }
    return i;
  }

  private static boolean startsWith(byte[] b, int at, int to, byte[] prefix) {
    if (to - at < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (b[at + i] != prefix[i]) {
        return false;
      }
    }
    return true;
  }
}

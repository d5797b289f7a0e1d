package io.hdrlog.core.http;

/**
 * Reads heads as they are on the wire, malformed ones included: it never throws, never reads beyond
 * the limit, allocates nothing, and ends at the empty line or where the bytes end.
 *
 * <p>Two readings are stricter than any server's, because what is read here decides what is masked:
 * what stands behind a bare CR is left out up to the end of the line, and so is a line whose name
 * cannot be a name. Behind a bare CR some servers read the value that went before, and some a field
 * of its own: a mask that is right for one is wrong for the other.
 */
public final class HeadParser {
  private static final byte[] HTTP = Ascii.bytes("http/");
  private static final byte[] CONNECT = Ascii.bytes("connect");

  private static final boolean[] NAME = new boolean[256];

  static {
    for (int i = 0; i < 256; i++) {
      NAME[i] = Ascii.isToken((byte) i) || i > 126 || (i < ' ' && i != '\t');
    }
  }

  private HeadParser() {}

  /** Reads a whole request's head. */
  public static void parseRequest(byte[] bytes, int offset, int length, Head head) {
    parseRequestLine(bytes, offset, length, head);
    parseHeaders(head, new Field());
  }

  /** Reads a whole response's head. */
  public static void parseResponse(byte[] bytes, int offset, int length, Head head) {
    parseStatusLine(bytes, offset, length, head);
    parseHeaders(head, new Field());
  }

  /** Reads the header lines of a head whose first line has been read. */
  public static void parseHeaders(Head head, Field field) {
    int at = head.headersOffset;
    while (next(head.bytes, at, head.limit, field)) {
      at = field.next;
      if (field.named) {
        head.add(field);
      }
    }
    head.headersEnd = field.next;
  }

  /** Reads the request line only. */
  public static void parseRequestLine(byte[] bytes, int offset, int length, Head head) {
    int limit = start(bytes, offset, length, head);
    int at = firstLine(bytes, offset, limit);
    int end = Ascii.lineEnd(bytes, at, limit);
    head.headersOffset = skipBareCr(bytes, afterLine(bytes, end, limit), limit);
    head.headersEnd = head.headersOffset;
    int methodEnd = at;
    while (methodEnd < end && Ascii.isToken(bytes[methodEnd])) {
      methodEnd++;
    }
    if (methodEnd == at || methodEnd - at > 64) {
      return;
    }
    // A word alone is no request line: it may be anything, a stray value as well.
    if (methodEnd == end || !Ascii.isBlank(bytes[methodEnd])) {
      return;
    }
    head.methodOffset = at;
    head.methodLength = methodEnd - at;
    int targetStart = skipBlanks(bytes, methodEnd, end);
    int targetEnd = trimEnd(bytes, targetStart, end);
    int word = targetEnd;
    while (word > targetStart && !Ascii.isBlank(bytes[word - 1])) {
      word--;
    }
    if (version(bytes, word, targetEnd, head)) {
      targetEnd = trimEnd(bytes, targetStart, word);
    }
    if (targetEnd > targetStart) {
      head.targetOffset = targetStart;
      head.targetLength = targetEnd - targetStart;
      splitTarget(head, targetStart, targetEnd);
    }
  }

  /** Reads the status line only. */
  public static void parseStatusLine(byte[] bytes, int offset, int length, Head head) {
    int limit = start(bytes, offset, length, head);
    int at = firstLine(bytes, offset, limit);
    int end = Ascii.lineEnd(bytes, at, limit);
    head.headersOffset = skipBareCr(bytes, afterLine(bytes, end, limit), limit);
    head.headersEnd = head.headersOffset;
    int wordEnd = at;
    while (wordEnd < end && !Ascii.isBlank(bytes[wordEnd])) {
      wordEnd++;
    }
    if (!version(bytes, at, wordEnd, head)) {
      return;
    }
    int status = skipBlanks(bytes, wordEnd, end);
    if (end - status < 3 || (end - status > 3 && !Ascii.isBlank(bytes[status + 3]))) {
      return;
    }
    int code = 0;
    for (int i = status; i < status + 3; i++) {
      if (!Ascii.isDigit(bytes[i])) {
        return;
      }
      code = code * 10 + bytes[i] - '0';
    }
    head.status = code;
    head.reasonOffset = skipBlanks(bytes, status + 3, end);
    head.reasonLength = trimEnd(bytes, head.reasonOffset, end) - head.reasonOffset;
  }

  /**
   * Reads the line at {@code at}. False at the empty line and where the bytes end; {@code
   * field.next} is then behind the empty line.
   */
  public static boolean next(byte[] bytes, int at, int limit, Field field) {
    if (at >= limit || bytes[at] == '\r' || bytes[at] == '\n') {
      field.next = at >= limit ? limit : afterLine(bytes, at, limit);
      return false;
    }
    int lineEnd = Ascii.lineEnd(bytes, at, limit);
    name(bytes, at, lineEnd, field);
    value(bytes, field.named ? field.valueOffset : lineEnd - 1, lineEnd, limit, field);
    return true;
  }

  /** As {@link #next}, for a line that is known to begin with a name of this length and a colon. */
  public static void nextNamed(byte[] bytes, int at, int nameLength, int limit, Field field) {
    int colon = at + nameLength;
    field.named = true;
    field.nameOffset = at;
    field.nameLength = nameLength;
    value(bytes, colon, Ascii.lineEnd(bytes, colon, limit), limit, field);
  }

  private static void value(byte[] bytes, int colon, int lineEnd, int limit, Field field) {
    int next = afterLine(bytes, lineEnd, limit);
    int valueEnd = lineEnd;
    field.folded = false;
    while (next < limit && Ascii.isBlank(bytes[next])) {
      field.folded = true;
      valueEnd = Ascii.lineEnd(bytes, next, limit);
      next = afterLine(bytes, valueEnd, limit);
    }
    field.next = skipBareCr(bytes, next, limit);
    field.terminated = valueEnd < limit;
    int value = skipBlanks(bytes, colon + 1, lineEnd);
    field.valueOffset = value;
    field.valueLength = Math.max(0, trimEnd(bytes, value, valueEnd) - value);
  }

  /** Finds the name; leaves the colon's place in valueOffset. */
  private static void name(byte[] bytes, int at, int lineEnd, Field field) {
    field.named = false;
    boolean pseudo = bytes[at] == ':';
    int i = pseudo ? at + 1 : at;
    int start = i;
    while (i < lineEnd && isNameByte(bytes[i])) {
      i++;
    }
    if (i == start) {
      return;
    }
    int colon = skipBlanks(bytes, i, lineEnd);
    if (colon == lineEnd || bytes[colon] != ':') {
      return;
    }
    field.named = true;
    field.nameOffset = at;
    field.nameLength = i - at;
    field.valueOffset = colon;
  }

  /** Control bytes and bytes above 127 are taken: some servers do, and the record shows them. */
  private static boolean isNameByte(byte b) {
    return NAME[b & 0xff];
  }

  /**
   * Copies a folded value, each line break and the blanks around it turned into one space; returns
   * the length. {@code into} must have room for {@code length} bytes.
   */
  public static int unfold(byte[] bytes, int offset, int length, byte[] into) {
    int end = offset + length;
    int n = 0;
    int i = offset;
    while (i < end) {
      byte b = bytes[i];
      if (b != '\r' && b != '\n') {
        into[n++] = b;
        i++;
        continue;
      }
      while (n > 0 && Ascii.isBlank(into[n - 1])) {
        n--;
      }
      while (i < end && (bytes[i] == '\r' || bytes[i] == '\n' || Ascii.isBlank(bytes[i]))) {
        i++;
      }
      if (n > 0 && i < end) {
        into[n++] = ' ';
      }
    }
    return n;
  }

  private static int start(byte[] bytes, int offset, int length, Head head) {
    head.clear();
    head.bytes = bytes;
    int limit = (int) Math.min(bytes.length, (long) offset + Math.max(0, length));
    head.limit = limit;
    head.headersOffset = limit;
    head.headersEnd = limit;
    return limit;
  }

  private static int firstLine(byte[] bytes, int offset, int limit) {
    int at = offset;
    while (at < limit && (bytes[at] == '\r' || bytes[at] == '\n')) {
      at++;
    }
    return at;
  }

  /** Behind the line break at {@code end}: any number of CR and at most one LF. */
  private static int afterLine(byte[] bytes, int end, int limit) {
    int i = end;
    while (i < limit && bytes[i] == '\r') {
      i++;
    }
    return i < limit && bytes[i] == '\n' ? i + 1 : i;
  }

  /** {@code at}, or where CRs alone are before it, behind the line that goes on there. */
  private static int skipBareCr(byte[] bytes, int at, int limit) {
    if (at >= limit || bytes[at - 1] == '\n') {
      return at;
    }
    int i = at;
    do {
      int end = Ascii.indexOf(bytes, i, limit, '\n');
      i = end < 0 ? limit : end + 1;
    } while (i < limit && Ascii.isBlank(bytes[i]));
    return i;
  }

  private static boolean version(byte[] bytes, int from, int to, Head head) {
    int digits = from + HTTP.length;
    if (digits >= to
        || to - digits > 3
        || !Ascii.startsWithIgnoreCase(bytes, from, to, HTTP)
        || !Ascii.isDigit(bytes[digits])) {
      return false;
    }
    if (to - digits != 1
        && !(to - digits == 3 && bytes[digits + 1] == '.' && Ascii.isDigit(bytes[digits + 2]))) {
      return false;
    }
    head.versionOffset = digits;
    head.versionLength = to - digits;
    return true;
  }

  private static void splitTarget(Head head, int from, int to) {
    byte[] bytes = head.bytes;
    if (bytes[from] == '/') {
      splitPath(head, from, to);
      return;
    }
    if (to - from == 1 && bytes[from] == '*') {
      head.pathOffset = from;
      head.pathLength = 1;
      return;
    }
    if (Ascii.equalsIgnoreCase(bytes, head.methodOffset, head.methodLength, CONNECT)) {
      head.authorityOffset = from;
      head.authorityLength = to - from;
      return;
    }
    int scheme = from;
    while (scheme < to && (Ascii.isAlphanumeric(bytes[scheme]) || isSchemeSign(bytes[scheme]))) {
      scheme++;
    }
    if (scheme == from
        || scheme - from > 16
        || to - scheme < 3
        || bytes[scheme] != ':'
        || bytes[scheme + 1] != '/'
        || bytes[scheme + 2] != '/') {
      return;
    }
    head.schemeOffset = from;
    head.schemeLength = scheme - from;
    int authority = scheme + 3;
    int path = authority;
    while (path < to && bytes[path] != '/' && bytes[path] != '?' && bytes[path] != '#') {
      path++;
    }
    head.authorityOffset = authority;
    head.authorityLength = path - authority;
    splitPath(head, path, to);
  }

  private static boolean isSchemeSign(byte b) {
    return b == '+' || b == '-' || b == '.';
  }

  private static void splitPath(Head head, int from, int to) {
    int question = Ascii.indexOf(head.bytes, from, to, '?');
    int pathEnd = question < 0 ? to : question;
    if (pathEnd > from) {
      head.pathOffset = from;
      head.pathLength = pathEnd - from;
    }
    if (question >= 0 && question + 1 < to) {
      head.queryOffset = question + 1;
      head.queryLength = to - question - 1;
    }
  }

  private static int skipBlanks(byte[] bytes, int from, int to) {
    int i = from;
    while (i < to && Ascii.isBlank(bytes[i])) {
      i++;
    }
    return i;
  }

  private static int trimEnd(byte[] bytes, int from, int to) {
    int i = to;
    while (i > from && (Ascii.isBlank(bytes[i - 1]) || isBreak(bytes[i - 1]))) {
      i--;
    }
    return i;
  }

  private static boolean isBreak(byte b) {
    return b == '\r' || b == '\n';
  }
}

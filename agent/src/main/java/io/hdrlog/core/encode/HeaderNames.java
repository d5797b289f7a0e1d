package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Field;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.Masker;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The header names and lines of one direction that were seen before.
 *
 * <p>Bounded: names are few, and when there are too many all is forgotten; lines have fixed slots
 * and are taken in when they come again soon, so that values that hardly ever repeat cost neither
 * memory nor a look at memory that is no longer in the processor's cache.
 */
final class HeaderNames {
  private static final int NAMES_MAX = 1024;
  private static final int NAME_SLOTS = 4096;
  private static final int LINE_SLOTS = 2048;
  private static final int LINE_LENGTH_MAX = 768;

  private final Globs kept;
  private final Masker masker;
  private final byte[] requestIdName;
  private final ValueWriter values;

  private final Map<String, HeaderName> names = new HashMap<>();
  private final Hint[] spelled = new Hint[NAME_SLOTS];
  private int spelledCount;
  private final Hint[] lines = new Hint[LINE_SLOTS];
  private final Utf8Buffer scratch = new Utf8Buffer(2048);

  /** Before the first line. */
  Hint start = new Hint(new byte[0], 0, null);

  final Runs runs = new Runs();

  HeaderNames(Globs kept, Masker masker, byte[] requestIdName, ValueWriter values) {
    this.kept = kept;
    this.masker = masker;
    this.requestIdName = requestIdName;
    this.values = values;
  }

  /** To be called between blocks: names must stay the same objects within one. */
  void forgetIfFull() {
    if (spelledCount >= NAMES_MAX) {
      names.clear();
      Arrays.fill(spelled, null);
      Arrays.fill(lines, null);
      spelledCount = 0;
      start = new Hint(new byte[0], 0, null);
      runs.clear();
    }
  }

  /** What is known of a line at {@code at}: itself, or at least its name. */
  Hint find(byte[] b, int at, Field field) {
    Hint name = name(b, field);
    HeaderName header = name.name;
    int length = field.next - at;
    if (field.folded
        || length > LINE_LENGTH_MAX
        || b[field.next - 1] != '\n'
        || field.nameOffset != at) {
      return name;
    }
    if (isNameEnough(header)) {
      header.leftAlone();
      return name;
    }
    int hash = Ascii.hash(b, at, length);
    int slot = hash & (LINE_SLOTS - 1);
    Hint line = lines[slot];
    if (line != null && line.hash == hash && isSame(line, b, at, length)) {
      header.known();
      return line;
    }
    header.unknown();
    if (!header.cameLately(hash)) {
      return name;
    }
    lines[slot] = line(b, at, length, hash, header, field);
    return lines[slot];
  }

  /**
   * True where the whole line need not be looked up: it is not written, or always alike, or has
   * been unknown so often that looking is worth it only now and then.
   */
  static boolean isNameEnough(HeaderName header) {
    return !header.kept || header.constant != null || header.isLeftAlone();
  }

  private Hint line(byte[] b, int at, int length, int hash, HeaderName header, Field field) {
    scratch.clear();
    scratch.put(header.opening);
    values.header(header.rule, b, field.valueOffset, field.valueLength, false, scratch);
    scratch.put(']');
    scratch.put(',');
    return new Hint(
        Arrays.copyOfRange(b, at, at + length),
        hash,
        header,
        Arrays.copyOf(scratch.array(), scratch.length()),
        field.valueOffset - at,
        field.valueLength,
        header.rule == HeaderRule.OPEN && !values.wasMasked());
  }

  /** What is known of the line's name, as it is spelled. */
  Hint name(byte[] b, Field field) {
    int hash = Ascii.hash(b, field.nameOffset, field.nameLength);
    int slot = hash & (NAME_SLOTS - 1);
    for (Hint hint = spelled[slot]; hint != null; hint = spelled[slot]) {
      if (hint.hash == hash && isSame(hint, b, field.nameOffset, field.nameLength)) {
        return hint;
      }
      slot = (slot + 1) & (NAME_SLOTS - 1);
    }
    byte[] raw = Arrays.copyOfRange(b, field.nameOffset, field.nameOffset + field.nameLength);
    byte[] lower = lower(raw, 0, raw.length);
    HeaderName name =
        names.computeIfAbsent(
            new String(lower, StandardCharsets.ISO_8859_1), key -> newName(lower));
    Hint hint = new Hint(raw, hash, name);
    // A block may bring more names than there are slots left; those are not kept.
    if (spelledCount < NAME_SLOTS - NAMES_MAX) {
      spelled[slot] = hint;
      spelledCount++;
    }
    return hint;
  }

  private HeaderName newName(byte[] lower) {
    HeaderRule rule = masker.rule(lower);
    scratch.clear();
    scratch.put('"');
    scratch.text(lower, 0, lower.length, Utf8Buffer.isUtf8(lower, 0, lower.length));
    scratch.put('"');
    scratch.put(':');
    scratch.put('[');
    byte[] opening = Arrays.copyOf(scratch.array(), scratch.length());
    byte[] constant = null;
    if (rule == HeaderRule.WHOLE && masker.isConstant()) {
      values.header(rule, lower, 0, 0, false, scratch);
      scratch.put(']');
      scratch.put(',');
      constant = Arrays.copyOf(scratch.array(), scratch.length());
    }
    return new HeaderName(lower, kind(lower), rule, kept.match(lower), opening, constant);
  }

  private HeaderName.Kind kind(byte[] lower) {
    if (requestIdName.length > 0 && Arrays.equals(lower, requestIdName)) {
      return HeaderName.Kind.REQUEST_ID;
    }
    return switch (new String(lower, StandardCharsets.ISO_8859_1)) {
      case "traceparent" -> HeaderName.Kind.TRACE_PARENT;
      case "cookie" -> HeaderName.Kind.COOKIE;
      case "set-cookie" -> HeaderName.Kind.SET_COOKIE;
      case "forwarded" -> HeaderName.Kind.FORWARDED;
      case "x-forwarded-for" -> HeaderName.Kind.X_FORWARDED_FOR;
      default -> HeaderName.Kind.OTHER;
    };
  }

  static byte[] lower(byte[] b, int offset, int length) {
    byte[] lower = new byte[length];
    for (int i = 0; i < length; i++) {
      lower[i] = Ascii.lower(b[offset + i]);
    }
    return lower;
  }

  private static boolean isSame(Hint hint, byte[] b, int offset, int length) {
    return Arrays.equals(hint.raw, 0, hint.raw.length, b, offset, offset + length);
  }
}

package io.hdrlog.core.encode;

import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;
import java.util.Arrays;

/**
 * The header lines of one head. They are read before anything of the record is written, since other
 * fields come from them, and what they become is written aside in the same pass: lines that were
 * seen before in this order all at once, a known line by a copy, any other byte by byte. Only where
 * a name comes twice are they read once more, by {@link RepeatedNames}, which gathers values by
 * name.
 */
final class HeaderBlock {
  private static final int SPECIALS_MAX = 64;

  private final HeaderNames names;
  private final ValueWriter values;
  private final RepeatedNames repeatedNames;
  private final byte[] path;
  private final Field field = new Field();
  private final Utf8Buffer json = new Utf8Buffer(4096);
  private final Utf8Buffer truncated = new Utf8Buffer(128);

  private byte[] bytes = new byte[0];
  private int block;
  private int count;
  private boolean cut;

  /** True if a name came twice. */
  private boolean repeated;

  // The headers that other fields are made from.
  private int specials;
  private boolean specialsCut;
  private final HeaderName.Kind[] kind = new HeaderName.Kind[SPECIALS_MAX];
  private final int[] valueOffset = new int[SPECIALS_MAX];
  private final int[] valueLength = new int[SPECIALS_MAX];

  /**
   * @param path where the headers stand in the record
   */
  HeaderBlock(HeaderNames names, ValueWriter values, byte[] path) {
    this.names = names;
    this.values = values;
    this.path = path;
    this.repeatedNames = new RepeatedNames(names, values, path);
  }

  /**
   * Reads the lines in [from, to). A last line without an end is left out where {@code headCut}
   * says that the bytes were cut: half a value may be half a secret.
   */
  void read(byte[] b, int from, int to, boolean headCut) {
    names.forgetIfFull();
    bytes = b;
    block++;
    count = 0;
    specials = 0;
    specialsCut = false;
    cut = headCut;
    repeated = false;
    json.clear();
    truncated.clear();
    readLines(b, from, to, headCut);
    if (repeated) {
      json.clear();
      truncated.clear();
      repeatedNames.write(b, from, to, headCut, json, truncated);
    }
  }

  private void readLines(byte[] b, int from, int to, boolean headCut) {
    int at = from;
    Hint previous = names.start;
    while (count++ < Head.HEADERS_MAX) {
      Run run = names.runs.after(previous);
      if (run != null && count + run.size <= Head.HEADERS_MAX) {
        int lines = run.match(b, at, to);
        if (lines > 0) {
          take(run, lines, at);
          previous = run.line(lines - 1);
          at += run.length(lines);
          count += lines - 1;
          continue;
        }
        names.runs.missed(run);
      }
      Hint hint = previous.next;
      if (hint != null && hint.isLine()) {
        int end = at + hint.raw.length;
        if (end < to
            && Arrays.equals(b, at, end, hint.raw, 0, hint.raw.length)
            && b[end] != ' '
            && b[end] != '\t') {
          note(hint.name, at + hint.valueOffset, hint.valueLength);
          json.put(hint.json);
          previous.followed();
          previous = hint;
          at = end;
          continue;
        }
      }
      if (hint != null && !hint.isLine() && isNamed(b, at, to, hint)) {
        HeadParser.nextNamed(b, at, hint.raw.length, to, field);
        if (headCut && !field.terminated) {
          return;
        }
        at = field.next;
        previous = hint;
        hint.name.leftAlone();
        note(hint.name, field.valueOffset, field.valueLength);
        write(hint.name);
        continue;
      }
      if (!HeadParser.next(b, at, to, field) || (headCut && !field.terminated)) {
        return;
      }
      int start = at;
      at = field.next;
      if (!field.named) {
        continue;
      }
      hint = names.find(b, start, field);
      previous.follow(hint);
      previous = hint;
      note(hint.name, field.valueOffset, field.valueLength);
      if (hint.isLine()) {
        json.put(hint.json);
      } else {
        write(hint.name);
      }
    }
    cut = cut || HeadParser.next(b, at, to, field);
  }

  /** The first lines of a run, which stand at {@code at}. */
  private void take(Run run, int lines, int at) {
    names.runs.matched(run);
    for (int i = 0; i < lines; i++) {
      Hint line = run.line(i);
      note(line.name, at + run.start(i) + line.valueOffset, line.valueLength);
    }
    run.write(lines, json);
  }

  /** True if the guessed name stands at {@code at}, and more than the name need not be known. */
  private static boolean isNamed(byte[] b, int at, int to, Hint hint) {
    int colon = at + hint.raw.length;
    return colon < to
        && b[colon] == ':'
        && Arrays.equals(b, at, colon, hint.raw, 0, hint.raw.length)
        && HeaderNames.isNameEnough(hint.name);
  }

  private void note(HeaderName name, int offset, int length) {
    repeated |= name.block == block;
    name.block = block;
    if (name.kind == HeaderName.Kind.OTHER) {
      return;
    }
    if (specials == SPECIALS_MAX) {
      specialsCut = true;
    } else {
      kind[specials] = name.kind;
      valueOffset[specials] = offset;
      valueLength[specials++] = length;
    }
  }

  private void write(HeaderName name) {
    if (!name.kept) {
      return;
    }
    if (name.constant != null) {
      json.put(name.constant);
      return;
    }
    json.put(name.opening);
    values.header(name.rule, bytes, field.valueOffset, field.valueLength, field.folded, json);
    json.put(']');
    json.put(',');
    if (values.wasCut()) {
      name.truncated(path, truncated);
    }
  }

  /** True if headers are missing here that were on the wire. */
  boolean isCut() {
    return cut;
  }

  /** Where the headers stand in the record. */
  byte[] path() {
    return path;
  }

  byte[] bytes() {
    return bytes;
  }

  /** How many headers there are that other fields are made from, in their order. */
  int specials() {
    return specials;
  }

  /** True if there were more of them: the last ones are then not here. */
  boolean specialsCut() {
    return specialsCut || cut;
  }

  HeaderName.Kind kind(int special) {
    return kind[special];
  }

  int valueOffset(int special) {
    return valueOffset[special];
  }

  int valueLength(int special) {
    return valueLength[special];
  }

  /** {@code "name":["value",...],} for each name. */
  Utf8Buffer json() {
    return json;
  }

  /** The names of cut values, as array elements, each with a comma behind it. */
  Utf8Buffer truncated() {
    return truncated;
  }
}

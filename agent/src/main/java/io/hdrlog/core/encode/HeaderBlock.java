package io.hdrlog.core.encode;

import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;
import java.util.Arrays;

/**
 * The header lines of one head: read first, since other fields of the record come from them and
 * names may repeat, then written.
 */
final class HeaderBlock {
  private static final int NONE = -1;

  private final HeaderNames names;
  private final ValueWriter values;
  private final Field field = new Field();

  private byte[] bytes = new byte[0];
  private int block;
  private int count;
  private boolean cut;

  /** True if a name came twice: only then are values gathered by name. */
  private boolean repeated;

  private HeaderName[] name = new HeaderName[64];
  private Hint[] line = new Hint[64];
  private int[] valueOffset = new int[64];
  private int[] valueLength = new int[64];
  private boolean[] folded = new boolean[64];

  /** The next header of the same name, and whether there was one before. */
  private int[] next = new int[64];

  private boolean[] follows = new boolean[64];

  HeaderBlock(HeaderNames names, ValueWriter values) {
    this.names = names;
    this.values = values;
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
    cut = headCut;
    repeated = false;
    int at = from;
    Hint previous = names.start;
    while (true) {
      Hint hint = previous.next;
      if (hint != null && hint.isLine()) {
        int end = at + hint.raw.length;
        if (end < to
            && Arrays.equals(b, at, end, hint.raw, 0, hint.raw.length)
            && b[end] != ' '
            && b[end] != '\t') {
          if (!add(hint.name, hint, at + hint.valueOffset, hint.valueLength, false)) {
            return;
          }
          previous = hint;
          at = end;
          continue;
        }
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
      previous.next = hint;
      previous = hint;
      if (!add(
          hint.name,
          hint.isLine() ? hint : null,
          field.valueOffset,
          field.valueLength,
          field.folded)) {
        return;
      }
    }
  }

  private boolean add(HeaderName header, Hint known, int offset, int length, boolean isFolded) {
    if (count == name.length && !grow()) {
      cut = true;
      return false;
    }
    int i = count++;
    name[i] = header;
    line[i] = known;
    valueOffset[i] = offset;
    valueLength[i] = length;
    folded[i] = isFolded;
    next[i] = NONE;
    follows[i] = header.block == block;
    if (follows[i]) {
      repeated = true;
      next[header.last] = i;
    } else {
      header.block = block;
      header.first = i;
    }
    header.last = i;
    return true;
  }

  private boolean grow() {
    int size = Math.min(Head.HEADERS_MAX, count * 2);
    if (size == count) {
      return false;
    }
    name = Arrays.copyOf(name, size);
    line = Arrays.copyOf(line, size);
    valueOffset = Arrays.copyOf(valueOffset, size);
    valueLength = Arrays.copyOf(valueLength, size);
    folded = Arrays.copyOf(folded, size);
    next = Arrays.copyOf(next, size);
    follows = Arrays.copyOf(follows, size);
    return true;
  }

  /** True if headers are missing here that were on the wire. */
  boolean isCut() {
    return cut;
  }

  byte[] bytes() {
    return bytes;
  }

  int count() {
    return count;
  }

  HeaderName name(int header) {
    return name[header];
  }

  int valueOffset(int header) {
    return valueOffset[header];
  }

  int valueLength(int header) {
    return valueLength[header];
  }

  boolean repeats(int header) {
    return next[header] != NONE;
  }

  /** Writes {@code "name":["value",...],} for each name, and the names of cut values. */
  void write(Utf8Buffer out, Utf8Buffer truncated, byte[] path) {
    for (int i = 0; i < count; i++) {
      Hint known = line[i];
      if (known != null && !repeated) {
        out.put(known.json);
        continue;
      }
      HeaderName header = name[i];
      if (!header.kept || follows[i]) {
        continue;
      }
      if (next[i] == NONE && header.constant != null) {
        out.put(header.constant);
        continue;
      }
      out.put(header.opening);
      boolean anyCut = false;
      for (int k = i; k != NONE; k = next[k]) {
        values.header(header.rule, bytes, valueOffset[k], valueLength[k], folded[k], out);
        out.put(',');
        anyCut |= values.wasCut();
      }
      out.closeArray();
      if (anyCut) {
        truncated.put('"');
        truncated.put(path);
        truncated.put('.');
        truncated.text(
            header.lower,
            0,
            header.lower.length,
            Utf8Buffer.isUtf8(header.lower, 0, header.lower.length));
        truncated.put('"');
        truncated.put(',');
      }
    }
  }
}

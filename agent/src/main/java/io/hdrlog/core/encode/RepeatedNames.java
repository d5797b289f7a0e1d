package io.hdrlog.core.encode;

import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;
import java.util.Arrays;

/** Writes a block in which names repeat: all values of a name where the name came first. */
final class RepeatedNames {
  private static final int NONE = -1;

  private final HeaderNames names;
  private final ValueWriter values;
  private final byte[] path;
  private final Field field = new Field();
  private int block;
  private int count;

  private HeaderName[] name = new HeaderName[64];
  private int[] valueOffset = new int[64];
  private int[] valueLength = new int[64];
  private boolean[] folded = new boolean[64];

  /** The next header of the same name, and whether there was one before. */
  private int[] next = new int[64];

  private boolean[] follows = new boolean[64];

  RepeatedNames(HeaderNames names, ValueWriter values, byte[] path) {
    this.names = names;
    this.values = values;
    this.path = path;
  }

  void write(byte[] b, int from, int to, boolean headCut, Utf8Buffer json, Utf8Buffer truncated) {
    block++;
    count = 0;
    int at = from;
    for (int i = 0;
        i < Head.HEADERS_MAX && HeadParser.next(b, at, to, field) && (field.terminated || !headCut);
        i++) {
      if (field.named) {
        add(names.name(b, field).name);
      }
      at = field.next;
    }
    for (int i = 0; i < count; i++) {
      if (name[i].kept && !follows[i]) {
        write(b, i, json, truncated);
      }
    }
  }

  private void add(HeaderName header) {
    if (count == name.length) {
      int size = count * 2;
      name = Arrays.copyOf(name, size);
      valueOffset = Arrays.copyOf(valueOffset, size);
      valueLength = Arrays.copyOf(valueLength, size);
      folded = Arrays.copyOf(folded, size);
      next = Arrays.copyOf(next, size);
      follows = Arrays.copyOf(follows, size);
    }
    int i = count++;
    name[i] = header;
    valueOffset[i] = field.valueOffset;
    valueLength[i] = field.valueLength;
    folded[i] = field.folded;
    next[i] = NONE;
    follows[i] = header.gathered == block;
    if (follows[i]) {
      next[header.last] = i;
    }
    header.gathered = block;
    header.last = i;
  }

  private void write(byte[] b, int first, Utf8Buffer json, Utf8Buffer truncated) {
    HeaderName header = name[first];
    json.put(header.opening);
    boolean anyCut = false;
    for (int i = first; i != NONE; i = next[i]) {
      values.header(header.rule, b, valueOffset[i], valueLength[i], folded[i], json);
      json.put(',');
      anyCut |= values.wasCut();
    }
    json.closeArray();
    if (anyCut) {
      header.truncated(path, truncated);
    }
  }
}

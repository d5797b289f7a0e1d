package io.hdrlog.core.encode;

import io.hdrlog.core.mask.HeaderRule;

/** What is decided once for all headers of a name. */
final class HeaderName {
  /** Headers that other fields of the record are made from as well. */
  enum Kind {
    OTHER,
    REQUEST_ID,
    TRACE_PARENT,
    COOKIE,
    SET_COOKIE,
    FORWARDED,
    X_FORWARDED_FOR
  }

  /** What came before so many others is not worth keeping. */
  private static final int LATELY = 16;

  final byte[] lower;
  final Kind kind;
  final HeaderRule rule;

  /** Whether it is written into the record. */
  final boolean kept;

  /** {@code "name":[} */
  final byte[] opening;

  /** {@code "name":["[masked]"],} where every value is written like this; else null. */
  final byte[] constant;

  /** The last block that had it. */
  int block;

  /** The last block in which it was gathered, and its last place there; see RepeatedNames. */
  int gathered;

  int last;

  /** Lines of this name that were not known, since the last that was. */
  int unknownLines;

  /** Hashes of the last lines that were not known. */
  private final int[] lately = new int[LATELY];

  private int latest;

  HeaderName(
      byte[] lower, Kind kind, HeaderRule rule, boolean kept, byte[] opening, byte[] constant) {
    this.lower = lower;
    this.kind = kind;
    this.rule = rule;
    this.kept = kept;
    this.opening = opening;
    this.constant = constant;
  }

  /** Whether an unknown line was among the last ones; it is from now on. */
  boolean cameLately(int hash) {
    for (int line : lately) {
      if (line == hash) {
        return true;
      }
    }
    lately[latest] = hash;
    latest = (latest + 1) % LATELY;
    return false;
  }

  /** Adds the name to those whose values were cut. */
  void truncated(byte[] path, Utf8Buffer out) {
    out.put('"');
    out.put(path);
    out.put('.');
    out.text(lower, 0, lower.length, Utf8Buffer.isUtf8(lower, 0, lower.length));
    out.put('"');
    out.put(',');
  }
}

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

  /** After so many lines that were looked up in vain it is done only now and then. */
  private static final int UNKNOWN_LINES_MAX = 64;

  /**
   * Looking up so many in vain costs about what one saves that is known: what is known is in no
   * cache either where few lines are.
   */
  private static final int KNOWN_WORTH = 2;

  private static final int LEFT_ALONE_MIN = 48;

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

  /** Lines that were looked up in vain, less what those are worth that were known. */
  private int unknownLines;

  /** So many of the next lines are not looked up. */
  private int linesLeftAlone;

  private int random = 1;

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

  /** Whether the next line is not worth being looked up. */
  boolean isLeftAlone() {
    return linesLeftAlone > 0;
  }

  /** A line was not looked up. */
  void leftAlone() {
    if (linesLeftAlone > 0) {
      linesLeftAlone--;
    }
  }

  /** A line was looked up and found. */
  void known() {
    unknownLines = Math.max(0, unknownLines - KNOWN_WORTH);
  }

  /**
   * A line was looked up in vain. How many are left alone then differs: with always the same number
   * values that come in turn would have the same few of them looked up each time, which would look
   * like values that come again soon.
   */
  void unknown() {
    if (unknownLines < UNKNOWN_LINES_MAX) {
      unknownLines++;
    } else {
      // G. Marsaglia's Xorshift, Journal of Statistical Software 8 (14), 2003.
      random ^= random << 13;
      random ^= random >>> 17;
      random ^= random << 5;
      linesLeftAlone = LEFT_ALONE_MIN + (random & 31);
    }
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

package io.hdrlog.core.encode;

/**
 * Bytes seen before at the beginning of a header line: the whole line, its break included, or only
 * the name as it was spelled. And what followed last time: requests are so much alike that the next
 * line is nearly always the one guessed, which a comparison of bytes then proves.
 */
final class Hint {
  /** After so many equal followers a hint gets a run. */
  static final int STEADY_MIN = 8;

  private static final int STEADY_MAX = 1 << 30;

  final byte[] raw;
  final int hash;
  final HeaderName name;

  /** Of a whole line; null of a name. {@code "name":["value"],} */
  final byte[] json;

  final int valueOffset;
  final int valueLength;

  /** A whole line in whose value nothing was masked. Only such lines come into runs. */
  final boolean open;

  Hint next;

  /** The lines that nearly always follow, if they are known; see {@link Runs}. */
  Run run;

  /** How often {@link #next} was right, and a known line, since it changed. */
  int steady;

  /** How often it must have been for a run to be built. */
  int steadyMin = STEADY_MIN;

  /** Of a name, or of what is before the first line. */
  Hint(byte[] raw, int hash, HeaderName name) {
    this(raw, hash, name, null, 0, 0, false);
  }

  Hint(
      byte[] raw,
      int hash,
      HeaderName name,
      byte[] json,
      int valueOffset,
      int valueLength,
      boolean open) {
    this.raw = raw;
    this.hash = hash;
    this.name = name;
    this.json = json;
    this.valueOffset = valueOffset;
    this.valueLength = valueLength;
    this.open = open;
  }

  boolean isLine() {
    return json != null;
  }

  void follow(Hint hint) {
    if (next != hint) {
      next = hint;
      steady = 0;
    }
  }

  /** The guess was right. */
  void followed() {
    if (steady < STEADY_MAX) {
      steady++;
    }
  }

  /** Its run was of no more use, or what follows makes none. */
  void waitLonger() {
    // Beyond what it is ever followed: then there is no other try.
    steadyMin = (int) Math.min(steadyMin * 2L, Integer.MAX_VALUE);
  }
}

package io.hdrlog.core.encode;

/**
 * Bytes seen before at the beginning of a header line: the whole line, its break included, or only
 * the name as it was spelled. And what followed last time: requests are so much alike that the next
 * line is nearly always the one guessed, which a comparison of bytes then proves.
 */
final class Hint {
  final byte[] raw;
  final int hash;
  final HeaderName name;

  /** Of a whole line; null of a name. {@code "name":["value"],} */
  final byte[] json;

  final int valueOffset;
  final int valueLength;

  Hint next;

  Hint(byte[] raw, int hash, HeaderName name, byte[] json, int valueOffset, int valueLength) {
    this.raw = raw;
    this.hash = hash;
    this.name = name;
    this.json = json;
    this.valueOffset = valueOffset;
    this.valueLength = valueLength;
  }

  boolean isLine() {
    return json != null;
  }
}

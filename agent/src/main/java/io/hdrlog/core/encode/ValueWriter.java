package io.hdrlog.core.encode;

import io.hdrlog.core.http.HeadParser;
import io.hdrlog.core.mask.HeaderRule;
import io.hdrlog.core.mask.Masker;
import io.hdrlog.core.mask.Ranges;
import io.hdrlog.core.mask.Signs;

/** Writes values off the wire as JSON strings: masked, escaped, cut at the limit. */
final class ValueWriter {
  /** Longer values are cut. */
  static final int VALUE_MAX = 8 * 1024;

  private final Masker masker;
  private final Ranges ranges = new Ranges();
  private final CutAddresses cutAddresses = new CutAddresses();
  private byte[] rewritten = new byte[256];
  private byte[] unfolded = new byte[256];

  /** Whether the last value was cut. */
  private boolean cut;

  ValueWriter(Masker masker) {
    this.masker = masker;
  }

  boolean wasCut() {
    return cut;
  }

  /** Whether anything in the last value was masked. */
  boolean wasMasked() {
    return ranges.count() > 0;
  }

  void header(HeaderRule rule, byte[] b, int offset, int length, boolean folded, Utf8Buffer out) {
    if (rule == HeaderRule.ADDRESSES) {
      addresses(b, offset, length, out);
      return;
    }
    if (!folded) {
      int signs = Signs.of(b, offset, offset + length);
      masker.header(rule, b, offset, offset + length, signs, ranges);
      quoted(b, offset, offset + length, signs, out);
      return;
    }
    if (unfolded.length < length) {
      unfolded = new byte[length];
    }
    int n = HeadParser.unfold(b, offset, length, unfolded);
    int signs = Signs.of(unfolded, 0, n);
    masker.header(foldedRule(rule, b, offset, length), unfolded, 0, n, signs, ranges);
    quoted(unfolded, 0, n, signs, out);
  }

  private void addresses(byte[] b, int offset, int length, Utf8Buffer out) {
    if (rewritten.length < length * CutAddresses.GROWTH_MAX) {
      rewritten = new byte[length * CutAddresses.GROWTH_MAX];
    }
    int n = cutAddresses.rewrite(b, offset, offset + length, rewritten);
    int signs = Signs.of(rewritten, 0, n);
    masker.header(HeaderRule.OPEN, rewritten, 0, n, signs, ranges);
    quoted(rewritten, 0, n, signs, out);
  }

  /**
   * Servers that do not know folding read a continuation as a header of its own: what such a line
   * names decides as well.
   */
  private HeaderRule foldedRule(HeaderRule rule, byte[] b, int offset, int length) {
    if (rule == HeaderRule.WHOLE) {
      return rule;
    }
    int end = offset + length;
    for (int i = offset; i < end; i++) {
      if (b[i] != '\r' && b[i] != '\n') {
        continue;
      }
      int name = i + 1;
      while (name < end && b[name] <= ' ') {
        name++;
      }
      int colon = name;
      while (colon < end && b[colon] != ':' && b[colon] != '\r' && b[colon] != '\n') {
        colon++;
      }
      if (colon < end && b[colon] == ':') {
        byte[] lower = HeaderNames.lower(b, name, colon - name);
        if (isMasked(masker.rule(lower))) {
          return HeaderRule.WHOLE;
        }
      }
    }
    return rule;
  }

  private static boolean isMasked(HeaderRule rule) {
    return rule != HeaderRule.OPEN && rule != HeaderRule.ADDRESSES;
  }

  void path(byte[] b, int offset, int length, Utf8Buffer out) {
    int signs = Signs.of(b, offset, offset + length);
    masker.path(b, offset, offset + length, signs, ranges);
    quoted(b, offset, offset + length, signs, out);
  }

  void query(byte[] b, int offset, int length, Utf8Buffer out) {
    int signs = Signs.of(b, offset, offset + length);
    masker.query(b, offset, offset + length, signs, ranges);
    quoted(b, offset, offset + length, signs, out);
  }

  void text(byte[] b, int offset, int length, Utf8Buffer out) {
    int signs = Signs.of(b, offset, offset + length);
    masker.text(b, offset, offset + length, signs, ranges);
    quoted(b, offset, offset + length, signs, out);
  }

  /** Masked before it is cut: half a secret does not look like one. */
  private void quoted(byte[] b, int from, int to, int signs, Utf8Buffer out) {
    if ((signs & (Signs.HIGH | Signs.ESCAPED)) == 0
        && ranges.count() == 0
        && to - from <= VALUE_MAX) {
      cut = false;
      out.quotedPlain(b, from, to);
      return;
    }
    boolean utf8 = (signs & Signs.HIGH) == 0 || Utf8Buffer.isUtf8(b, from, to);
    cut = to - from > VALUE_MAX;
    int end = cut ? from + VALUE_MAX : to;
    while (cut && utf8 && end > from && (b[end] & 0xc0) == 0x80) {
      end--;
    }
    out.put('"');
    int at = from;
    for (int i = 0; i < ranges.count() && ranges.from(i) <= end; i++) {
      out.text(b, at, ranges.from(i), utf8);
      at = Math.min(to, ranges.to(i));
      int text = out.claim(Masker.TEXT_MAX);
      out.truncate(masker.text(b, ranges.from(i), at, out.array(), text));
    }
    if (at < end) {
      out.text(b, at, end, utf8);
    }
    out.put('"');
  }
}

package io.hdrlog.core.encode;

/** Times as {@code 2026-11-22T18:32:00.123456789Z}; what a second has in common is kept. */
final class Rfc3339 {
  static final int LENGTH = 30;
  private static final int FRACTION = 20;
  private static final long NS = 1_000_000_000L;

  private final byte[] text = new byte[LENGTH];
  private long second = Long.MIN_VALUE;

  Rfc3339() {
    text[4] = '-';
    text[7] = '-';
    text[10] = 'T';
    text[13] = ':';
    text[16] = ':';
    text[19] = '.';
    text[29] = 'Z';
  }

  /** Nanoseconds since 1970. */
  void put(long epochNs, Utf8Buffer out) {
    long s = Math.floorDiv(epochNs, NS);
    if (s != second) {
      second = s;
      date(s);
    }
    digits((int) Math.floorMod(epochNs, NS), FRACTION, 9);
    out.put(text);
  }

  /** The civil calendar from days, in eras of 400 years that begin in March. */
  private void date(long s) {
    long day = Math.floorDiv(s, 86_400L) + 719_468;
    int time = (int) Math.floorMod(s, 86_400L);
    long era = Math.floorDiv(day, 146_097L);
    int ofEra = (int) (day - era * 146_097);
    int year = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
    int ofYear = ofEra - (365 * year + year / 4 - year / 100);
    int march = (5 * ofYear + 2) / 153;
    int month = march < 10 ? march + 3 : march - 9;
    digits((int) (era * 400 + year + (month <= 2 ? 1 : 0)), 0, 4);
    digits(month, 5, 2);
    digits(ofYear - (153 * march + 2) / 5 + 1, 8, 2);
    digits(time / 3600, 11, 2);
    digits(time / 60 % 60, 14, 2);
    digits(time % 60, 17, 2);
  }

  private void digits(int value, int at, int count) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}

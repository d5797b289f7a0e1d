package io.hdrlog.core.file;

/**
 * UTC times as text and back. java.time's formatters cost more at start-up than all the rest of the
 * agent's files together.
 */
public final class UtcTime {
  private static final long DAY_MS = 86_400_000;

  private UtcTime() {}

  /** {@code 20261122T180000Z}. */
  public static String stamp(long epochMs) {
    StringBuilder out = new StringBuilder(16);
    date(out, epochMs, "");
    out.append('T');
    time(out, epochMs, "");
    return out.append('Z').toString();
  }

  /** {@code 2026-11-22T18:00:00.123Z}. */
  public static String iso(long epochMs) {
    StringBuilder out = new StringBuilder(24);
    date(out, epochMs, "-");
    out.append('T');
    time(out, epochMs, ":");
    out.append('.');
    digits(out, Math.floorMod(epochMs, 1000), 3);
    return out.append('Z').toString();
  }

  /** Of {@code 2026-11-22T18:00:00...} at {@code from}, to the second; -1 where it is none. */
  public static long parseIso(byte[] text, int from, int to) {
    if (to - from < 19) {
      return -1;
    }
    long year = number(text, from, 4);
    long month = number(text, from + 5, 2);
    long day = number(text, from + 8, 2);
    long hour = number(text, from + 11, 2);
    long minute = number(text, from + 14, 2);
    long second = number(text, from + 17, 2);
    if (year < 0 || month < 1 || month > 12 || day < 1 || hour < 0 || minute < 0 || second < 0) {
      return -1;
    }
    return ((epochDay(year, month, day) * 24 + hour) * 60 + minute) * 60_000 + second * 1000;
  }

  private static long number(byte[] text, int from, int length) {
    long value = 0;
    for (int i = from; i < from + length; i++) {
      int digit = text[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /** Days since 1970-01-01; years are counted from March, so that a leap day comes last. */
  private static long epochDay(long year, long month, long day) {
    long y = month <= 2 ? year - 1 : year;
    long era = Math.floorDiv(y, 400L);
    long yearOfEra = y - era * 400;
    long dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146_097 + dayOfEra - 719_468;
  }

  private static void date(StringBuilder out, long epochMs, String separator) {
    long z = Math.floorDiv(epochMs, DAY_MS) + 719_468;
    long era = Math.floorDiv(z, 146_097L);
    long dayOfEra = z - era * 146_097;
    long yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    long marchMonth = (5 * dayOfYear + 2) / 153;
    long month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    digits(out, yearOfEra + era * 400 + (month <= 2 ? 1 : 0), 4);
    out.append(separator);
    digits(out, month, 2);
    out.append(separator);
    digits(out, dayOfYear - (153 * marchMonth + 2) / 5 + 1, 2);
  }

  private static void time(StringBuilder out, long epochMs, String separator) {
    long second = Math.floorMod(epochMs, DAY_MS) / 1000;
    digits(out, second / 3600, 2);
    out.append(separator);
    digits(out, second / 60 % 60, 2);
    out.append(separator);
    digits(out, second % 60, 2);
  }

  private static void digits(StringBuilder out, long value, int width) {
    for (long bound = 10; width > 1; width--, bound *= 10) {
      if (value < bound) {
        for (int i = 1; i < width; i++) {
          out.append('0');
        }
        break;
      }
    }
    out.append(value);
  }
}

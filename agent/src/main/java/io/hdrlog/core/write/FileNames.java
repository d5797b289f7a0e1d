package io.hdrlog.core.write;

import io.hdrlog.core.file.ClaimedFile;

/**
 * How the files of a service are named.
 *
 * <pre>
 * SERVICE.jsonl                        being written
 * SERVICE-pid123.jsonl                 being written by a second JVM of the same service and folder
 * SERVICE[-pid123]-20261122T180000Z-1.jsonl[.gz]      closed
 * SERVICE[-pid123]-20261122T180000Z-1.jsonl.gz.77.tmp being compressed by process 77
 * SERVICE[-pid123].agent.log[.1]       the agent's own log
 * </pre>
 */
final class FileNames {
  static final String JSONL = ".jsonl";
  static final String GZ = ".gz";
  static final String TMP = ".tmp";
  private static final String PID = ClaimedFile.PID_MARK;

  /** {@code 20261122T180000Z}. */
  private static final int STAMP_LENGTH = 16;

  private FileNames() {}

  static String closed(String instance, String stamp, int number) {
    return instance + "-" + stamp + "-" + number + JSONL;
  }

  /** The stamp and number of a closed file of the service; null where it is none. */
  static String closedOrder(String service, String name) {
    String base = withoutSuffix(name, JSONL + GZ);
    if (base == null) {
      base = withoutSuffix(name, JSONL);
    }
    int at = base == null ? -1 : afterInstance(service, base);
    if (at < 0 || base.length() < at + 1 + STAMP_LENGTH + 2 || base.charAt(at) != '-') {
      return null;
    }
    int stampEnd = at + 1 + STAMP_LENGTH;
    String number = base.substring(stampEnd + 1);
    if (!isStamp(base, at + 1)
        || base.charAt(stampEnd) != '-'
        || number.length() > 9
        || digitsFrom(number, 0) != number.length()) {
      return null;
    }
    // Padded, so that text order is the order of time.
    return base.substring(at + 1, stampEnd) + "000000000".substring(number.length()) + number;
  }

  /**
   * The instance's name where this is a file being written by a JVM that added its pid, or null.
   */
  static String pidInstance(String service, String name, String suffix) {
    String base = withoutSuffix(name, suffix);
    if (base == null) {
      return null;
    }
    int at = afterInstance(service, base);
    return at == base.length() && at > service.length() ? base : null;
  }

  /** The pid in a closed or an open file's name; -1 where it has none. */
  static long pidOf(String service, String name) {
    int at = service.length() + PID.length();
    if (!name.startsWith(service + PID)) {
      return -1;
    }
    return number(name, at, digitsFrom(name, at));
  }

  /** The pid of the process that writes this temporary file; -1 where it is none of the service. */
  static long tmpPid(String service, String name) {
    String base = withoutSuffix(name, TMP);
    int dot = base == null ? -1 : base.lastIndexOf('.');
    if (dot < 0 || closedOrder(service, base.substring(0, dot)) == null) {
      return -1;
    }
    return number(base, dot + 1, base.length());
  }

  /** Where the name of the service and, if there, the pid end; -1 where it is another service. */
  private static int afterInstance(String service, String base) {
    if (!base.startsWith(service)) {
      return -1;
    }
    int at = service.length();
    if (!base.startsWith(PID, at)) {
      return at;
    }
    int digits = digitsFrom(base, at + PID.length());
    if (digits == at + PID.length()) {
      return at;
    }
    if (digits < base.length() && base.charAt(digits) == '.') {
      int more = digitsFrom(base, digits + 1);
      return more > digits + 1 ? more : digits;
    }
    return digits;
  }

  private static boolean isStamp(String text, int from) {
    return digitsFrom(text, from) == from + 8
        && text.charAt(from + 8) == 'T'
        && digitsFrom(text, from + 9) == from + 15
        && text.charAt(from + 15) == 'Z';
  }

  private static int digitsFrom(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static long number(String text, int from, int to) {
    if (to == from || to - from > 18 || digitsFrom(text, from) < to) {
      return -1;
    }
    return Long.parseLong(text, from, to, 10);
  }

  private static String withoutSuffix(String name, String suffix) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : null;
  }
}

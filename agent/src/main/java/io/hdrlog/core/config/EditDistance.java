package io.hdrlog.core.config;

/** Levenshtein's distance, for "did you mean". */
final class EditDistance {
  /** What a user typed may be of any length; what could match is short. */
  private static final int LENGTH_MAX = 64;

  private EditDistance() {}

  static int between(String a, String b) {
    String left = a.length() > LENGTH_MAX ? a.substring(0, LENGTH_MAX) : a;
    int[] previous = new int[b.length() + 1];
    int[] current = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      current[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = previous[j - 1] + (left.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        current[j] = Math.min(replace, Math.min(previous[j], current[j - 1]) + 1);
      }
      int[] swap = previous;
      previous = current;
      current = swap;
    }
    return previous[b.length()];
  }
}

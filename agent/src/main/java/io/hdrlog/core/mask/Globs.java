package io.hdrlog.core.mask;

import io.hdrlog.core.http.Ascii;
import java.util.List;

/**
 * A list of globs over lower-case bytes: {@code *} is any run of bytes, {@code !glob} excludes, the
 * first match wins. Immutable.
 */
public final class Globs {
  private final byte[][] patterns;
  private final boolean[] excluding;

  public Globs(List<String> globs) {
    List<String> kept = globs.stream().map(String::strip).filter(g -> !g.isEmpty()).toList();
    patterns = new byte[kept.size()][];
    excluding = new boolean[kept.size()];
    for (int i = 0; i < kept.size(); i++) {
      String glob = kept.get(i);
      excluding[i] = glob.startsWith("!");
      patterns[i] = Ascii.lowerBytes(excluding[i] ? glob.substring(1).strip() : glob);
    }
  }

  public boolean isEmpty() {
    return patterns.length == 0;
  }

  /** True if the first glob that matches includes. {@code b} must be in lower case. */
  public boolean match(byte[] b, int from, int to) {
    for (int i = 0; i < patterns.length; i++) {
      if (matches(patterns[i], b, from, to)) {
        return !excluding[i];
      }
    }
    return false;
  }

  public boolean match(byte[] lower) {
    return match(lower, 0, lower.length);
  }

  /** One glob; {@code *} backs up to the last star only, so the cost is bounded by the product. */
  public static boolean matches(byte[] glob, byte[] b, int from, int to) {
    int g = 0;
    int i = from;
    int star = -1;
    int retry = 0;
    while (i < to) {
      if (g < glob.length && glob[g] == '*') {
        star = g++;
        retry = i;
      } else if (g < glob.length && glob[g] == b[i]) {
        g++;
        i++;
      } else if (star >= 0) {
        g = star + 1;
        i = ++retry;
      } else {
        return false;
      }
    }
    while (g < glob.length && glob[g] == '*') {
      g++;
    }
    return g == glob.length;
  }
}

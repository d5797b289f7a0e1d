package io.hdrlog.core.tap;

/**
 * Routes as strings made once. A servlet's mapping is a path with something behind it or in front;
 * to join them for each request would be an allocation for each.
 *
 * <p>Names come from an application's own mappings, so there are few; the table is bounded all the
 * same, and what does not fit goes without a route.
 */
final class RouteNames {
  private static final int SLOTS = 1024;
  private static final int PROBES_MAX = 8;

  /** One mapping in one application. */
  private static final class Entry {
    final String context;
    final String pattern;
    final String route;

    Entry(String context, String pattern, String before, String behind) {
      this.context = context;
      this.pattern = pattern;
      this.route = context + before + pattern + behind;
    }

    boolean is(String otherContext, CharSequence path, int from, int length) {
      if (pattern.length() != length || !context.equals(otherContext)) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (pattern.charAt(i) != path.charAt(from + i)) {
          return false;
        }
      }
      return true;
    }
  }

  // Written without synchronisation: entries are immutable, and a lost one is only made again.
  private final Entry[] extensions = new Entry[SLOTS];
  private final Entry[] prefixes = new Entry[SLOTS];
  private final Entry[] exact = new Entry[SLOTS];

  /** {@code context + path + "/*"}, or {@code context + "/*." +} the extension of the path. */
  String of(String context, CharSequence path, boolean extension) {
    Entry[] table = extension ? extensions : prefixes;
    int from = extension ? extensionOf(path) : 0;
    int length = path.length() - from;
    int hash = context.hashCode();
    for (int i = 0; i < length; i++) {
      hash = hash * 31 + path.charAt(from + i);
    }
    for (int probe = 0; probe < PROBES_MAX; probe++) {
      int slot = (hash + probe) & (SLOTS - 1);
      Entry entry = table[slot];
      if (entry == null) {
        String text = path.subSequence(from, path.length()).toString();
        entry =
            extension ? new Entry(context, text, "/*.", "") : new Entry(context, text, "", "/*");
        table[slot] = entry;
        return entry.route;
      }
      if (entry.is(context, path, from, length)) {
        return entry.route;
      }
    }
    return null;
  }

  private static int extensionOf(CharSequence path) {
    int from = path.length();
    while (from > 0 && path.charAt(from - 1) != '.') {
      from--;
    }
    return from;
  }

  /** {@code context + pattern}. */
  String of(String context, String pattern) {
    if (context.isEmpty()) {
      return pattern;
    }
    int hash = context.hashCode() * 31 + pattern.hashCode();
    for (int probe = 0; probe < PROBES_MAX; probe++) {
      int slot = (hash + probe) & (SLOTS - 1);
      Entry entry = exact[slot];
      if (entry == null) {
        entry = new Entry(context, pattern, "", "");
        exact[slot] = entry;
        return entry.route;
      }
      if (entry.context.equals(context) && entry.pattern.equals(pattern)) {
        return entry.route;
      }
    }
    return null;
  }
}

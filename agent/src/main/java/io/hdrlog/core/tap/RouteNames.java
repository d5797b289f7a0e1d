package io.hdrlog.core.tap;

/**
 * Routes as strings made once. Tomcat has a servlet's mapping as characters only; a string for each
 * request would be an allocation for each.
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

    boolean is(String otherContext, char[] chars, int offset, int length) {
      if (pattern.length() != length || !context.equals(otherContext)) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (pattern.charAt(i) != chars[offset + i]) {
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

  /** {@code context + chars + "/*"}, or {@code context + "/*." + chars}. */
  String of(String context, char[] chars, int offset, int length, boolean extension) {
    Entry[] table = extension ? extensions : prefixes;
    int hash = context.hashCode();
    for (int i = 0; i < length; i++) {
      hash = hash * 31 + chars[offset + i];
    }
    for (int probe = 0; probe < PROBES_MAX; probe++) {
      int slot = (hash + probe) & (SLOTS - 1);
      Entry entry = table[slot];
      if (entry == null) {
        String text = new String(chars, offset, length);
        entry =
            extension ? new Entry(context, text, "/*.", "") : new Entry(context, text, "", "/*");
        table[slot] = entry;
        return entry.route;
      }
      if (entry.is(context, chars, offset, length)) {
        return entry.route;
      }
    }
    return null;
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

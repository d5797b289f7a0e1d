package io.hdrlog.core.cli;

import java.util.Locale;

/** Figures and texts for a person. */
final class Text {
  private Text() {}

  /** Three digits that matter and a unit; a dash where it is not known. */
  static String duration(long ns) {
    if (ns < 0) {
      return "-";
    }
    if (ns < 1_000) {
      return ns + " ns";
    }
    if (ns < 1_000_000) {
      return figure(ns / 1e3) + " us";
    }
    if (ns < 1_000_000_000) {
      return figure(ns / 1e6) + " ms";
    }
    return figure(ns / 1e9) + " s";
  }

  private static String figure(double value) {
    String format = value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, value);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }

  static String left(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }

  static String right(String text, int width) {
    return text.length() >= width ? text : " ".repeat(width - text.length()) + text;
  }

  /** What a client sent may hold sequences that a terminal obeys. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      out.append(Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c);
    }
    return out.toString();
  }

  static String cut(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 3) + "...";
  }
}

package io.hdrlog.core.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Reads the text of a value; null where the option does not allow it. */
final class OptionValues {
  private static final String[] SIZE_UNITS = {"", "K", "M", "G", "T"};
  private static final String[] DURATION_UNITS = {"ns", "us", "ms", "s", "m", "h", "d"};
  private static final long[] DURATION_UNITS_NS = {
    1,
    1_000,
    1_000_000,
    1_000_000_000L,
    60_000_000_000L,
    3_600_000_000_000L,
    24 * 3_600_000_000_000L
  };

  private OptionValues() {}

  static Object parse(Option<?> option, String given) {
    String text = given.trim();
    return switch (option.kind()) {
      case BOOLEAN -> bool(text);
      case TEXT -> text(option, text);
      case HEADER_NAME -> isToken(text) ? text : null;
      case SIZE -> inRange(size(text), option);
      case DURATION -> inRange(durationNs(text), option);
      case SHARE -> share(text);
      case COUNT -> count(text, option);
      case GLOBS -> globs(text, option);
      case CIDRS -> cidrs(text);
      case CHOICE -> choice(text, option.choices());
    };
  }

  static String choiceText(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  static String sizeText(long bytes) {
    int unit = 0;
    long value = bytes;
    while (unit + 1 < SIZE_UNITS.length && value >= 1024 && value % 1024 == 0) {
      value /= 1024;
      unit++;
    }
    return value + SIZE_UNITS[unit] + "B";
  }

  static String durationText(long ns) {
    int unit = 0;
    if (ns == 0) {
      return "0s";
    }
    while (unit + 1 < DURATION_UNITS.length && ns % DURATION_UNITS_NS[unit + 1] == 0) {
      unit++;
    }
    return ns / DURATION_UNITS_NS[unit] + DURATION_UNITS[unit];
  }

  private static Object bool(String text) {
    if (text.equalsIgnoreCase("true")) {
      return true;
    }
    return text.equalsIgnoreCase("false") ? (Object) false : null;
  }

  private static Object text(Option<?> option, String text) {
    // Empty means none only where the default or the meaning says so; a folder has to be named.
    if (text.isEmpty() && (option == Options.SERVICE || option == Options.DIR)) {
      return null;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
        return null;
      }
    }
    return option == Options.DIR && !isPath(text) ? null : text;
  }

  /** Under LC_ALL=C no path has a letter beyond ASCII, for one. */
  private static boolean isPath(String text) {
    try {
      return !Path.of(text).toString().isEmpty();
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static Object inRange(long value, Option<?> option) {
    return value >= option.min() && value <= option.max() ? (Object) value : null;
  }

  private static Object count(String text, Option<?> option) {
    long count = digits(text);
    return count >= option.min() && count <= option.max() ? (Object) (int) count : null;
  }

  /** -1 where it is no such number. */
  private static long digits(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  private static int unitStart(String text) {
    int at = 0;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at;
  }

  private static long times(long value, long unit) {
    return value < 0 || value > Long.MAX_VALUE / unit ? -1 : value * unit;
  }

  /** K, KB and KiB are all 1024 bytes, as in the JVM's own options. */
  static long size(String text) {
    int split = unitStart(text);
    String unit = text.substring(split).trim().toUpperCase(Locale.ROOT);
    long factor = 1;
    for (int i = 0; i < SIZE_UNITS.length; i++, factor *= 1024) {
      String prefix = SIZE_UNITS[i];
      if (unit.equals(prefix)
          || unit.equals(prefix + "B")
          || (i > 0 && unit.equals(prefix + "IB"))) {
        return times(digits(text.substring(0, split)), factor);
      }
    }
    return -1;
  }

  static long durationNs(String text) {
    int split = unitStart(text);
    String unit = text.substring(split).trim().toLowerCase(Locale.ROOT);
    if (unit.isEmpty() && text.equals("0")) {
      return 0;
    }
    for (int i = 0; i < DURATION_UNITS.length; i++) {
      if (unit.equals(DURATION_UNITS[i])) {
        return times(digits(text.substring(0, split)), DURATION_UNITS_NS[i]);
      }
    }
    return -1;
  }

  private static Object share(String text) {
    // Double.valueOf takes NaN, hexadecimal and type suffixes as well, which no user means.
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c < '0' || c > '9') && c != '.' && c != 'e' && c != 'E' && c != '-') {
        return null;
      }
    }
    try {
      double value = Double.parseDouble(text);
      return value >= 0 && value <= 1 ? (Object) value : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Object choice(String text, Enum<?>[] choices) {
    for (Enum<?> choice : choices) {
      if (choice.name().equalsIgnoreCase(text)) {
        return choice;
      }
    }
    return null;
  }

  private static Object globs(String text, Option<?> option) {
    List<String> globs = new ArrayList<>();
    List<String> entries = split(text);
    for (int i = 0; i < entries.size(); i++) {
      String entry = entries.get(i);
      if (entry.equals(Options.DEFAULT_ENTRY)
          && (option == Options.MASK_HEADERS || option == Options.MASK_QUERY)) {
        globs.addAll(split(option.defaultText()));
      } else if (isGlob(entry)) {
        globs.add(entry);
      } else {
        return null;
      }
    }
    return Collections.unmodifiableList(globs);
  }

  private static boolean isGlob(String entry) {
    if (entry.equals("!")) {
      return false;
    }
    for (int i = 0; i < entry.length(); i++) {
      if (entry.charAt(i) <= ' ' || entry.charAt(i) > '~') {
        return false;
      }
    }
    return true;
  }

  private static Object cidrs(String text) {
    List<String> blocks = split(text);
    for (int i = 0; i < blocks.size(); i++) {
      if (!Cidr.isValid(blocks.get(i))) {
        return null;
      }
    }
    return Collections.unmodifiableList(blocks);
  }

  /** At commas; blanks around an entry go, and so do empty entries. */
  private static List<String> split(String text) {
    List<String> entries = new ArrayList<>();
    int from = 0;
    while (from <= text.length()) {
      int comma = text.indexOf(',', from);
      int to = comma < 0 ? text.length() : comma;
      String entry = text.substring(from, to).trim();
      if (!entry.isEmpty()) {
        entries.add(entry);
      }
      from = to + 1;
    }
    return entries;
  }

  /** A token of RFC 9110, which is what a field's name may be. */
  private static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean alphanumeric =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(c) < 0) {
        return false;
      }
    }
    return !text.isEmpty();
  }
}

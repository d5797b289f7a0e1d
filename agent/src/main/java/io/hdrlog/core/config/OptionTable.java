package io.hdrlog.core.config;

import java.util.List;

/** The README's option table, printed from {@link Options}. */
public final class OptionTable {
  public static final String BEGIN = "<!-- options:begin -->";
  public static final String END = "<!-- options:end -->";

  private OptionTable() {}

  /** Everything between the two marks, which are part of it. */
  public static String block() {
    StringBuilder out = new StringBuilder(BEGIN).append('\n');
    out.append("| key | default | allowed | meaning |\n|---|---|---|---|\n");
    List<Option<?>> all = Options.ALL;
    for (int i = 0; i < all.size(); i++) {
      Option<?> option = all.get(i);
      out.append("| `").append(option.key()).append("` | ").append(defaultOf(option));
      out.append(" | ").append(cell(option.allowed()));
      out.append(" | ").append(cell(option.meaning())).append(" |\n");
    }
    out.append("\nSizes take B, KB, MB, GB, TB (powers of 1024; `K` and `KiB` mean the same);");
    out.append(" durations take ns, us, ms, s, m, h, d.\n");
    list(out, "Headers masked by default", Options.MASK_HEADERS_DEFAULT);
    list(out, "Query parameters masked by default", Options.MASK_QUERY_DEFAULT);
    return out.append(END).append('\n').toString();
  }

  /** The README with its block replaced; null where it has no marks. */
  public static String replaceIn(String readme) {
    int begin = readme.indexOf(BEGIN);
    int end = readme.indexOf(END);
    if (begin < 0 || end < begin) {
      return null;
    }
    String rest = readme.substring(end + END.length());
    return readme.substring(0, begin)
        + block()
        + (rest.startsWith("\n") ? rest.substring(1) : rest);
  }

  private static String defaultOf(Option<?> option) {
    if (option == Options.SERVICE) {
      return "main class or jar name";
    }
    if (option == Options.MASK_HEADERS || option == Options.MASK_QUERY) {
      return "the list below";
    }
    return option.defaultText().isEmpty() ? "none" : "`" + option.defaultText() + "`";
  }

  private static void list(StringBuilder out, String title, String entries) {
    out.append('\n').append(title).append(": `");
    out.append(entries.replace(",", "`, `")).append("`\n");
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}

package io.hdrlog.it.demo;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The terminal, with colours where it has them. */
final class Screen {
  enum Style {
    TITLE("1"),
    KEY("34"),
    TEXT("32"),
    NUMBER("36"),
    DIM("2"),
    BAR("33"),
    WARNING("31");

    private final String code;

    Style(String code) {
      this.code = code;
    }
  }

  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
  private final boolean colour;

  Screen(boolean colour) {
    this.colour = colour;
  }

  String styled(Style style, String text) {
    return colour ? "\u001b[" + style.code + "m" + text + "\u001b[0m" : text;
  }

  void title(String text) {
    out.println();
    out.println(styled(Style.TITLE, text));
  }

  void line(String text) {
    out.println(text);
  }
}

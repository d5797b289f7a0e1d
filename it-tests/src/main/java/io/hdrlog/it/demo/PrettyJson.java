package io.hdrlog.it.demo;

import com.fasterxml.jackson.databind.JsonNode;
import io.hdrlog.it.demo.Screen.Style;
import java.util.ArrayList;
import java.util.List;

/** A record as a person reads it: indented like jq's, with short arrays and objects on one line. */
final class PrettyJson {
  private static final int WIDTH = 110;
  private static final int INDENT = 2;

  private final Screen screen;

  PrettyJson(Screen screen) {
    this.screen = screen;
  }

  String of(JsonNode node) {
    return write(node, 0, 0);
  }

  /** The text of a node that begins at column {@code used} of a line indented by {@code depth}. */
  private String write(JsonNode node, int depth, int used) {
    if (!node.isContainerNode() || node.isEmpty()) {
      return scalar(node);
    }
    boolean flat = used + node.toString().length() < WIDTH && isFlat(node) && depth > 0;
    List<String> parts = new ArrayList<>();
    if (node.isArray()) {
      node.forEach(element -> parts.add(write(element, depth + 1, (depth + 1) * INDENT)));
    } else {
      node.properties()
          .forEach(
              field ->
                  parts.add(
                      screen.styled(Style.KEY, '"' + field.getKey() + '"')
                          + ": "
                          + write(
                              field.getValue(),
                              depth + 1,
                              (depth + 1) * INDENT + field.getKey().length() + 4)));
    }
    String open = node.isArray() ? "[" : "{";
    String close = node.isArray() ? "]" : "}";
    if (flat) {
      String space = node.isArray() ? "" : " ";
      return open + space + String.join(", ", parts) + space + close;
    }
    String inner = "\n" + " ".repeat((depth + 1) * INDENT);
    return open
        + inner
        + String.join("," + inner, parts)
        + "\n"
        + " ".repeat(depth * INDENT)
        + close;
  }

  private static boolean isFlat(JsonNode node) {
    for (JsonNode element : node) {
      if (element.isContainerNode()) {
        return false;
      }
    }
    return true;
  }

  private String scalar(JsonNode node) {
    return screen.styled(node.isTextual() ? Style.TEXT : Style.NUMBER, node.toString());
  }
}

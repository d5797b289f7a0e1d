package io.hdrlog.it;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** What was otherwise than expected, by its kind: how often, and the first example. */
final class Differences {
  private static final int EXAMPLE_MAX = 2_000;

  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private final Map<String, String> examples = new LinkedHashMap<>();

  void expect(String kind, Object of, Object expected, Object actual) {
    if (Objects.equals(expected, actual)) {
      return;
    }
    counts.merge(kind, 1, Integer::sum);
    examples.computeIfAbsent(
        kind,
        first -> cut("expected=" + expected) + cut("\n   actual=" + actual) + cut("\n   of=" + of));
  }

  private static String cut(String text) {
    return text.length() <= EXAMPLE_MAX ? text : text.substring(0, EXAMPLE_MAX) + "...";
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    counts.forEach(
        (kind, count) ->
            text.append(kind)
                .append(": ")
                .append(count)
                .append(" times, first ")
                .append(examples.get(kind))
                .append('\n'));
    return text.toString();
  }
}

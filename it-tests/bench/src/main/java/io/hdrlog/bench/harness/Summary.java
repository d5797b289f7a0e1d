package io.hdrlog.bench.harness;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Middle and spread of a handful of values. */
final class Summary {
  private final List<Double> sorted = new ArrayList<>();

  void add(double value) {
    if (!Double.isNaN(value)) {
      sorted.add(value);
      sorted.sort(null);
    }
  }

  static Summary of(List<Measurement> measurements, ToDoubleFunction<Measurement> field) {
    Summary summary = new Summary();
    for (Measurement m : measurements) {
      summary.add(field.applyAsDouble(m));
    }
    return summary;
  }

  boolean isEmpty() {
    return sorted.isEmpty();
  }

  double median() {
    if (sorted.isEmpty()) {
      return Double.NaN;
    }
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  /** {@code median (lowest to highest)}; the median alone if there is one value; empty if none. */
  String text(int digits) {
    if (sorted.isEmpty()) {
      return "";
    }
    String middle = format(median(), digits);
    return sorted.size() == 1
        ? middle
        : middle
            + " ("
            + format(sorted.get(0), digits)
            + " to "
            + format(sorted.get(sorted.size() - 1), digits)
            + ")";
  }

  static String format(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}

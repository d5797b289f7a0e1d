package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** From the spawn of a JVM to its first response, on both cores, as a service starts in life. */
final class Starts {
  private final Options options;
  private final Consumer<String> progress;

  Starts(Options options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  Map<Variant, List<Double>> measure(String service) throws IOException {
    List<Variant> variants = new ArrayList<>();
    for (Variant variant : options.variants) {
      if (variant.runsOn(service) && options.hasJar(variant)) {
        variants.add(variant);
      }
    }
    Scenario scenario = new Scenario(service, "none", true, variants);
    Map<Variant, List<Double>> milliseconds = new EnumMap<>(Variant.class);
    Path dir = options.logs.resolve("start");
    String cores = Bench.SERVICE_CORE + "," + Bench.LOAD_CORE;
    // The first start of each reads files that are not cached yet; it is not counted.
    for (int i = options.starts > 1 ? -1 : 0; i < options.starts; i++) {
      for (Variant variant : scenario.round(Math.max(i, 0))) {
        Subject.delete(dir);
        try (ServiceJvm jvm = new ServiceJvm(options, scenario, variant, dir, cores)) {
          if (i >= 0) {
            milliseconds.computeIfAbsent(variant, v -> new ArrayList<>()).add(jvm.startMs);
          }
          jvm.stop();
        }
      }
    }
    Subject.delete(dir);
    progress.accept("starts of " + service + ": " + milliseconds);
    return milliseconds;
  }
}

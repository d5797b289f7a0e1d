package io.hdrlog.core.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code make fuzz} lets Jazzer search. Not a class with fuzz tests: of such a one Jazzer
 * takes a single test and leaves the others out.
 */
public final class FuzzTarget {
  private FuzzTarget() {}

  public static void fuzzerTestOneInput(byte[] input) {
    FuzzInput.all(input);
  }

  /** Writes the seeds as files into the folder named. */
  public static void main(String[] arguments) throws IOException {
    Path folder = Files.createDirectories(Path.of(arguments[0]));
    int i = 0;
    for (byte[] seed : FuzzSeeds.all()) {
      Files.write(folder.resolve("seed" + i++), seed);
    }
  }
}

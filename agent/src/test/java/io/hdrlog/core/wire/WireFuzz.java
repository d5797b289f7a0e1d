package io.hdrlog.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What reads bytes that anybody may send, under Jazzer. As a test it replays the seeds, in a JVM of
 * its own, since Jazzer instruments the JVM that it is in; {@code make fuzz} lets it search.
 */
public class WireFuzz {
  /** What {@code make fuzz} calls. */
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

  static Stream<Arguments> seeds() {
    return FuzzSeeds.all().stream().map(Arguments::of);
  }

  @MethodSource("seeds")
  @FuzzTest
  void session(byte[] input) {
    FuzzInput.session(input);
  }

  @MethodSource("seeds")
  @FuzzTest
  void headerBlocks(byte[] input) {
    FuzzInput.blocks(input);
  }

  @MethodSource("seeds")
  @FuzzTest
  void heads(byte[] input) {
    FuzzInput.heads(input);
  }
}

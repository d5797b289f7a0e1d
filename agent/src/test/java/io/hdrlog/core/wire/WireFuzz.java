package io.hdrlog.core.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What reads bytes that anybody may send, under Jazzer. As a test it replays the seeds, in a JVM of
 * its own, since Jazzer instruments the JVM that it is in; {@link FuzzTarget} is for searching.
 */
class WireFuzz {
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

package io.hdrlog.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Bytes that nobody would send, made from some that one would. What a coverage-guided fuzzer finds
 * in hours this does not; but it needs nothing, and always finds the same.
 *
 * <p>By {@code -Dhdrlog.fuzz.inputs=10000000} it runs as long as that takes and prints its memory.
 */
class MutationFuzzTest {
  private static final long SEED = 5;
  private static final long INPUTS = Long.getLong("hdrlog.fuzz.inputs", 0);
  private static final long SHORT_RUN_NS = TimeUnit.SECONDS.toNanos(3);
  private static final int LENGTH_MAX = 4096;
  private static final long REPORT_EVERY = 1_000_000;
  private static final long GROWTH_MAX_BYTES = 64L << 20;

  private static final String[] WORDS = {
    "\r\n",
    "\n",
    "\r",
    "0\r\n\r\n",
    "HTTP/1.1 ",
    "HTTP/1.0 200 OK\r\n",
    "GET / HTTP/1.1\r\n",
    "Content-Length: ",
    "Transfer-Encoding: chunked\r\n",
    "\r\n\r\n",
    "101 ",
    "HEAD ",
    "CONNECT ",
    "Upgrade: h2c\r\n",
    "ffffffffffffffff",
    "9223372036854775807",
    "\0\0\0\4\1\0\0\0\0",
    " ",
    ":"
  };

  @Test
  void noBytesMakeItThrowGrowOrDisagreeWithItself() {
    List<byte[]> seeds = FuzzSeeds.all();
    Random random = new Random(SEED);
    long start = System.nanoTime();
    long count = 0;
    long usedAtFirst = 0;
    while (INPUTS > 0 ? count < INPUTS : System.nanoTime() - start < SHORT_RUN_NS) {
      byte[] input = mutate(seeds.get(random.nextInt(seeds.size())), seeds, random);
      try {
        FuzzInput.all(input);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("input=" + HexFormat.of().formatHex(input), e);
      }
      count++;
      if (count % REPORT_EVERY == 0) {
        long used = usedBytes();
        usedAtFirst = usedAtFirst == 0 ? used : usedAtFirst;
        System.out.printf(
            "fuzz executions=%,d heap_used_kb=%,d seconds=%d%n",
            count, used >> 10, (System.nanoTime() - start) / 1_000_000_000);
        assertThat(used).isLessThan(usedAtFirst + GROWTH_MAX_BYTES);
      }
    }
    assertThat(count).isGreaterThan(100);
  }

  private static long usedBytes() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static byte[] mutate(byte[] seed, List<byte[]> seeds, Random random) {
    byte[] b = seed.clone();
    for (int i = 1 + random.nextInt(6); i > 0 && b.length > 0; i--) {
      int at = random.nextInt(b.length);
      switch (random.nextInt(7)) {
        case 0 -> b[at] = (byte) random.nextInt(256);
        case 1 -> b[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> b = splice(b, at, Talk.bytes(WORDS[random.nextInt(WORDS.length)]), at);
        case 3 -> b = splice(b, at, new byte[0], Math.min(b.length, at + 1 + random.nextInt(8)));
        case 4 -> {
          byte[] other = seeds.get(random.nextInt(seeds.size()));
          b = splice(b, at, other, b.length);
        }
        case 5 -> {
          int to = Math.min(b.length, at + 1 + random.nextInt(64));
          b = splice(b, at, Arrays.copyOfRange(b, at, to), at);
        }
        default -> {
          byte[] noise = new byte[1 + random.nextInt(16)];
          random.nextBytes(noise);
          b = splice(b, at, noise, Math.min(b.length, at + noise.length));
        }
      }
    }
    return b;
  }

  private static byte[] splice(byte[] b, int at, byte[] middle, int next) {
    byte[] joined = Talk.join(Arrays.copyOf(b, at), middle, Arrays.copyOfRange(b, next, b.length));
    return joined.length > LENGTH_MAX ? Arrays.copyOf(joined, LENGTH_MAX) : joined;
  }
}

package io.hdrlog.it;

import io.hdrlog.it.harness.Request;
import java.util.Random;

/**
 * Requests whose headers are random, and all of them legal: names of every token character, names
 * that come again in another case, values of every byte that a value may hold, empty ones, long
 * ones, and now and then a block of 60 KiB. The same seed gives the same requests.
 */
final class RandomRequests {
  static final String TOKEN =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  /** A field of this length is logged whole. */
  private static final int VALUE_MAX = 8 * 1024;

  static final int BLOCK_BYTES = 60 * 1024;
  private static final int USUAL_MAX = 120;
  private static final int LONG_MAX = 2_000;

  private final Random random;
  private final boolean anyName;
  private final int blockBytes;

  /**
   * @param anyName whether the server takes every legal name, else letters, digits and hyphens
   * @param bigBlocks whether the server takes blocks of 60 KiB
   */
  RandomRequests(long seed, boolean anyName, boolean bigBlocks) {
    this.random = new Random(seed);
    this.anyName = anyName;
    this.blockBytes = bigBlocks ? BLOCK_BYTES : 0;
  }

  Random random() {
    return random;
  }

  Request next() {
    String target = "/random?seed=" + random.nextInt(1 << 20);
    Request request =
        switch (random.nextInt(8)) {
          case 0 -> Request.post(target, "b".repeat(random.nextInt(3_000)));
          case 1 ->
              Request.chunked(target, "c".repeat(random.nextInt(600)), 1 + random.nextInt(50));
          case 2 -> Request.of("HEAD", target);
          default -> Request.get(target);
        };
    String again = name();
    for (int i = random.nextInt(20); i >= 0; i--) {
      switch (random.nextInt(6)) {
        case 0 -> request.header(again, value(USUAL_MAX));
        case 1 -> request.header(again.toUpperCase(java.util.Locale.ROOT), value(USUAL_MAX));
        case 2 -> request.header(name(), "");
        case 3 -> request.header(name(), value(random.nextInt(10) == 0 ? LONG_MAX : USUAL_MAX));
        default -> request.header(name(), value(USUAL_MAX));
      }
    }
    if (blockBytes > 0 && random.nextInt(250) == 0) {
      int left = blockBytes - request.head().length;
      while (left > 0) {
        request.header("Big", exactly(Math.min(left, VALUE_MAX - 16)));
        left = blockBytes - request.head().length;
      }
    }
    return request;
  }

  /** Beginning with a letter that no header begins with that servers act on. */
  private String name() {
    StringBuilder name = new StringBuilder("q");
    for (int i = random.nextInt(20); i >= 0; i--) {
      char c = TOKEN.charAt(random.nextInt(TOKEN.length()));
      name.append(anyName || Character.isLetterOrDigit(c) ? c : '-');
    }
    return name.toString();
  }

  private String value(int max) {
    return exactly(1 + random.nextInt(max));
  }

  private String exactly(int length) {
    StringBuilder value = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      boolean edge = i == 0 || i == length - 1;
      int c = random.nextInt(256);
      boolean control = c < ' ' || c == 0x7f;
      if ((control && c != '\t') || (edge && (c == ' ' || c == '\t'))) {
        c = '!' + random.nextInt(0x5e);
      }
      // Two slashes begin what may be a URL with a password, which is always masked.
      boolean url = c == '/' && i > 0 && value.charAt(i - 1) == '/';
      value.append(url ? '.' : (char) c);
    }
    return value.toString();
  }
}

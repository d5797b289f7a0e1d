package io.hdrlog.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AsciiTest {
  /** Neighbours of what is looked for, and bytes above 127, are what words at a time get wrong. */
  @Test
  void theFirstOneIsFoundWhereverItStands() {
    Random random = new Random(5);
    byte[] near = {';' - 1, ';' + 1, (byte) (';' | 0x80), 0, -1, 1, (byte) 0x80, ';'};
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(40)];
      int kinds = near.length - random.nextInt(2);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = near[random.nextInt(kinds)];
      }
      int from = random.nextInt(bytes.length + 1);
      int to = from + random.nextInt(bytes.length - from + 1);
      int first = from;
      while (first < to && bytes[first] != ';') {
        first++;
      }
      assertThat(Ascii.indexOf(bytes, from, to, ';')).isEqualTo(first < to ? first : -1);
    }
  }
}

package io.hdrlog.core.mask;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.http.Ascii;
import java.util.List;
import org.junit.jupiter.api.Test;

class GlobsTest {
  private static boolean matches(String text, String... globs) {
    return new Globs(List.of(globs)).match(Ascii.bytes(text));
  }

  @Test
  void starsAreAnyRun() {
    assertThat(matches("abc", "*")).isTrue();
    assertThat(matches("", "*")).isTrue();
    assertThat(matches("abc", "A*C")).isTrue();
    assertThat(matches("abcbc", "a*bc")).isTrue();
    assertThat(matches("abcb", "a*bc")).isFalse();
    assertThat(matches("xabcx", "*b*")).isTrue();
    assertThat(matches("abc", "abcd", "bc")).isFalse();
    assertThat(matches("abc")).isFalse();
  }

  @Test
  void theFirstMatchWins() {
    assertThat(matches("x-a", "!x-*", "*")).isFalse();
    assertThat(matches("y", "!x-*", "*")).isTrue();
    assertThat(matches("x-a", "x-a", "!x-*", "*")).isTrue();
  }
}

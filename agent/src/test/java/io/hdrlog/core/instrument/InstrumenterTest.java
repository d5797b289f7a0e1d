package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.instrument.jdk.JdkRecipes;
import io.hdrlog.core.run.WireStream;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class InstrumenterTest {
  @Test
  void nothingThatConcernsItIsPassedOverAmongTheJdksClasses() {
    Set<String> names = new HashSet<>(WireStream.sighted());
    JdkRecipes.addTo((name, recipe) -> names.add(name));
    assertThat(names).contains("java/net/ServerSocket", "sun/nio/ch/SocketChannelImpl");
    assertThat(names).noneMatch(name -> Instrumenter.isOutOfSight(name.replace('/', '.')));
  }

  @Test
  void andMostOfThemArePassedOver() {
    assertThat(Instrumenter.isOutOfSight("java.util.HashMap")).isTrue();
    assertThat(Instrumenter.isOutOfSight("sun.util.locale.BaseLocale")).isTrue();
    assertThat(Instrumenter.isOutOfSight("jdk.internal.misc.Unsafe")).isTrue();
    assertThat(Instrumenter.isOutOfSight("javax.servlet.Filter")).isFalse();
  }
}

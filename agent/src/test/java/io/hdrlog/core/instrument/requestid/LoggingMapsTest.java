package io.hdrlog.core.instrument.requestid;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.tap.Mdc;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

class LoggingMapsTest {
  private final LoggingMaps maps = new LoggingMaps();

  @Test
  void aFrameworkThatIsThereIsUsed() {
    // SLF4J is on this class path too, but without anything behind it.
    Mdc mdc = maps.of(getClass().getClassLoader());
    assertThat(mdc).isNotNull();
    assertThat(mdc.get("key")).isNull();
    mdc.put("key", "value");
    assertThat(MDC.get("key")).isEqualTo("value");
    assertThat(mdc.get("key")).isEqualTo("value");
    mdc.put("key", null);
    assertThat(MDC.get("key")).isNull();
    assertThat(maps.of(getClass().getClassLoader())).isSameAs(mdc);
  }

  @Test
  void whereThereIsNoneNothingIsDone() {
    assertThat(maps.of(null)).isNull();
    assertThat(maps.of(ClassLoader.getPlatformClassLoader())).isNull();
    assertThat(maps.of(ClassLoader.getPlatformClassLoader())).isNull();
    assertThat(LoggingMaps.anyIn(ClassLoader.getPlatformClassLoader())).isFalse();
    assertThat(LoggingMaps.anyIn(getClass().getClassLoader())).isTrue();
  }
}

package io.hdrlog.premain;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.instrument.Harness;
import io.hdrlog.core.run.WireStream;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the stand-in waits for and notes is what the instrumenter knows. */
class MetNamesTest {
  private final Harness harness = Harness.install();

  @Test
  void theStandInWaitsForAllThatIsChanged() {
    // Of the JDK nothing may wait: the agent's own start needs it. It is changed when loaded.
    assertThat(harness.instrumenter.changed())
        .filteredOn(name -> !MetNames.isOfTheJdk(name))
        // Only when attached, and then nothing stands in.
        .filteredOn(name -> !name.equals("io/netty/channel/AbstractChannel"))
        .containsExactlyInAnyOrderElementsOf(MetNames.changed());
  }

  @Test
  void andNotesAllThatTellsSomething() {
    Set<String> seen = new HashSet<>(harness.instrumenter.seen());
    seen.addAll(WireStream.sighted());
    assertThat(seen)
        .filteredOn(name -> !MetNames.isOfTheJdk(name))
        .containsExactlyInAnyOrderElementsOf(MetNames.seen());
    assertThat(seen)
        .filteredOn(MetNames::isOfTheJdk)
        .containsExactlyInAnyOrderElementsOf(MetNames.listening());
  }

  @Test
  void underAnyPrefixWhereLibrariesAreCarriedAlong() {
    String prefix = "io/grpc/netty/shaded/";
    assertThat(MetNames.isAwaited(prefix + "io/netty/channel/DefaultChannelPipeline")).isTrue();
    assertThat(MetNames.isSeen(prefix + "io/grpc/netty/NettyServer")).isTrue();
    assertThat(MetNames.isAwaited("studio/netty/channel/DefaultChannelPipeline")).isFalse();
    assertThat(MetNames.isAwaited(prefix + "org/apache/catalina/connector/Request")).isFalse();
    assertThat(MetNames.isSeen(prefix + "io/undertow/Undertow")).isFalse();
  }
}

package io.hdrlog.premain;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.instrument.ClassFileTransformer;
import java.security.ProtectionDomain;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EarlyTransformerTest {
  private static final String CHANGED = "org/apache/coyote/http11/Http11Processor";
  private static final String SEEN = "jakarta/servlet/Servlet";
  private static final byte[] BEFORE = {1};
  private static final byte[] AFTER = {2};

  private final EarlyTransformer early = new EarlyTransformer(Thread.currentThread());
  private final ClassFileTransformer successor =
      new ClassFileTransformer() {
        @Override
        public byte[] transform(
            ClassLoader loader,
            String name,
            Class<?> redefined,
            ProtectionDomain domain,
            byte[] bytes) {
          return AFTER;
        }
      };

  private byte[] transform(String name) throws Exception {
    return early.transform(null, name, null, null, BEFORE);
  }

  @Test
  void otherClassesPass() throws Exception {
    assertThat(transform("java/lang/Object")).isNull();
    assertThat(transform(null)).isNull();
    early.handOver(successor);
    assertThat(transform("java/lang/Object")).isEqualTo(AFTER);
  }

  @Test
  void aClassThatIsChangedWaitsForTheStart() throws Exception {
    CompletableFuture<byte[]> changed = elsewhere(CHANGED);
    CompletableFuture<byte[]> other = elsewhere("a/B");
    assertThat(other.get(5, TimeUnit.SECONDS)).isNull();
    assertThat(changed).isNotDone();
    early.handOver(successor);
    assertThat(changed).isNotDone();
    early.startIsOver();
    assertThat(changed.get(5, TimeUnit.SECONDS)).isEqualTo(AFTER);
  }

  @Test
  void aStartThatFailsHoldsNobody() throws Exception {
    CompletableFuture<byte[]> changed = elsewhere(CHANGED);
    early.startIsOver();
    assertThat(changed.get(5, TimeUnit.SECONDS)).isNull();
    assertThat(transform(CHANGED)).isNull();
  }

  @Test
  void theAgentsOwnClassesPassForGood() throws Exception {
    AgentClassLoader own = new AgentClassLoader(null, null, null);
    Thread other = new Thread(() -> {});
    EarlyTransformer ofAnother = new EarlyTransformer(other);
    assertThat(ofAnother.transform(own, CHANGED, null, null, BEFORE)).isNull();
    early.handOver(successor);
    assertThat(early.transform(own, "a/B", null, null, BEFORE)).isNull();
  }

  @Test
  void theStarterItselfDoesNotWait() throws Exception {
    assertThat(transform(CHANGED)).isNull();
  }

  @Test
  void whatTellsSomethingIsNotedUntilThen() throws Exception {
    assertThat(transform(SEEN)).isNull();
    assertThat(early.handOver(successor)).containsExactly(SEEN);
    assertThat(transform(SEEN)).isEqualTo(AFTER);
  }

  @Test
  void anInterruptIsTheApplicationsAffair() throws Exception {
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                transform(CHANGED);
                interrupted.complete(Thread.currentThread().isInterrupted());
              } catch (Exception e) {
                interrupted.completeExceptionally(e);
              }
            });
    thread.start();
    thread.interrupt();
    early.handOver(successor);
    early.startIsOver();
    assertThat(interrupted.get(5, TimeUnit.SECONDS)).isTrue();
  }

  private CompletableFuture<byte[]> elsewhere(String name) {
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(transform(name));
              } catch (Exception e) {
                result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }
}

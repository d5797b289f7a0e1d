package io.hdrlog.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.MemoryAgentLog;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.ring.ExchangeRing;
import java.util.ArrayList;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsumerTest {
  private static final Config CONFIG =
      ConfigLoader.load(null, Map.of(), Map.of(), new ArrayList<>());

  private final NiceCalls calls = new NiceCalls(0);
  private final Counters counters = new Counters();
  private final ExchangeRing ring = new ExchangeRing(1 << 20, counters);
  private final WireStream wire = new WireStream(CONFIG, null, null, new MemoryAgentLog());
  private final Queue<Long> written = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> faults = new ConcurrentLinkedQueue<>();
  private final AtomicInteger idleFaults = new AtomicInteger();
  private final AtomicInteger kernelAsked = new AtomicInteger();
  private final AtomicInteger startFaults = new AtomicInteger();
  private boolean openFault;
  private final AtomicInteger silenced = new AtomicInteger();
  private final Queue<Long> openAtTheEnd = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> lastRuns = new ConcurrentLinkedQueue<>();
  private final Consumer consumer = consumer(ring);
  private final Thread thread = new Thread(consumer, "consumer under test");

  private Consumer consumer(ExchangeRing of) {
    return new Consumer(
        of, wire, new WireReader(counters), new Streams(), new Keeping(), new Urgency(() -> calls));
  }

  /** What a heap that the service has filled does to whoever asks for more. */
  private static OutOfMemoryError exhausted() {
    return new OutOfMemoryError("Java heap space");
  }

  private final class Streams implements StreamOpener {
    @Override
    public KernelSource openKernel() {
      assertThat(kernelAsked.incrementAndGet()).isEqualTo(1);
      return null;
    }

    @Override
    public Correlator newCorrelator(KernelSource kernel) {
      if (startFaults.getAndDecrement() > 0) {
        throw exhausted();
      }
      return new Correlator(false, wire, this::write, counters, 1 << 20);
    }

    private void write(Exchange exchange) {
      if (exchange.connectionRequest == 1) {
        throw exhausted();
      }
      written.add(exchange.connectionRequest);
    }
  }

  private final class Keeping implements Housekeeping {
    @Override
    public void idle() {
      if (idleFaults.getAndDecrement() > 0) {
        throw exhausted();
      }
    }

    @Override
    public void tick(long nowNs) {}

    @Override
    public void stopped() {}

    @Override
    public boolean runLast(Runnable last) {
      lastRuns.add(last);
      return true;
    }

    @Override
    public void silence() {
      silenced.incrementAndGet();
    }

    @Override
    public void endOpen() {
      assertThat(silenced).hasValue(1);
      openAtTheEnd.forEach(ConsumerTest.this::publish);
      if (openFault) {
        throw new IllegalStateException("in the midst of a call");
      }
    }

    @Override
    public void failed(Throwable fault) {
      faults.add(fault);
    }
  }

  private void publish(long number) {
    Exchange exchange = new Exchange();
    exchange.connectionRequest = number;
    assertThat(ring.publish(exchange)).isTrue();
  }

  private void start() {
    thread.setDaemon(true);
    thread.start();
  }

  @AfterEach
  void stop() {
    consumer.stop(5_000);
  }

  @Test
  void anExhaustedHeapEndsOneRecordAndNotTheStream() {
    publish(1);
    publish(2);
    start();
    publish(3);
    consumer.stop(5_000);
    assertThat(written).containsExactly(2L, 3L);
    assertThat(faults).singleElement().isInstanceOf(OutOfMemoryError.class);
  }

  @Test
  void whatHasNoMemoryToBeginWithTriesAgain() throws InterruptedException {
    startFaults.set(1);
    publish(2);
    start();
    for (int i = 0; i < 1_000 && written.isEmpty(); i++) {
      Thread.sleep(10);
    }
    assertThat(written).containsExactly(2L);
    assertThat(faults).hasSize(1);
  }

  @Test
  void andHoldsUpNoEnd() {
    startFaults.set(Integer.MAX_VALUE);
    start();
    consumer.stop(5_000);
    consumer.end(5_000);
    assertThat(faults).allMatch(OutOfMemoryError.class::isInstance);
  }

  @Test
  void doesNotGoFirstWhereTheRingIsAsItOftenIs() {
    for (int i = 0; i < ring.slots() / 4; i++) {
      publish(2);
    }
    start();
    consumer.stop(5_000);
    assertThat(calls.asked).as("a quarter is not more than a quarter").isEmpty();
  }

  @Test
  void goesFirstWhereTheRingFills() {
    for (int i = 0; i < ring.slots() / 4 + 1; i++) {
      publish(2);
    }
    start();
    consumer.stop(5_000);
    assertThat(written).hasSize(ring.slots() / 4 + 1);
    assertThat(calls.asked).containsExactly(-Urgency.AHEAD);
  }

  @Test
  void makesTheParcelsThatAStartCouldDoWithoutOnceThereIsARequest() {
    ExchangeRing few = new ExchangeRing(1 << 20, 16, counters);
    assertThat(few.publish(new Exchange())).isTrue();
    Consumer its = consumer(few);
    Thread another = new Thread(its, "another consumer under test");
    another.setDaemon(true);
    another.start();
    its.stop(5_000);
    assertThat(few.hasAllParcels()).isTrue();
  }

  @Test
  void whatComesWhileTheServiceEndsIsWrittenBeforeTheLast() throws InterruptedException {
    start();
    consumer.stop(5_000);
    publish(2);
    consumer.end(5_000);
    assertThat(written).containsExactly(2L);
    thread.join(5_000);
    assertThat(thread.isAlive()).isFalse();
    assertThat(faults).isEmpty();
  }

  @Test
  void whatIsOpenInTheContainersIsAskedForOnceNobodyTellsAnyMore() {
    openAtTheEnd.add(4L);
    start();
    consumer.stop(5_000);
    publish(2);
    consumer.end(5_000);
    assertThat(written).containsExactly(2L, 4L);
    assertThat(silenced).hasValue(1);
    assertThat(faults).isEmpty();
  }

  @Test
  void andWhatWasToldIsWrittenShouldThatFail() {
    openFault = true;
    openAtTheEnd.add(4L);
    start();
    consumer.stop(5_000);
    consumer.end(5_000);
    assertThat(written).containsExactly(4L);
    assertThat(faults).hasSize(1);
  }

  @Test
  void hasTheLastWordOnceTheServiceHasStarted() throws InterruptedException {
    start();
    for (int i = 0; i < 1_000 && lastRuns.isEmpty(); i++) {
      Thread.sleep(10);
    }
    consumer.stop(5_000);
    publish(2);
    assertThat(lastRuns).hasSize(1);
    lastRuns.remove().run();
    assertThat(written).containsExactly(2L);
    thread.join(5_000);
    assertThat(thread.isAlive()).isFalse();
  }

  @Test
  void whoWasStoppedInVainIsNotWaitedForAgain() {
    consumer.stop(1);
    assertThat(faults).hasSize(1);
    consumer.end(60_000);
    assertThat(faults).hasSize(1);
    start();
  }

  @Test
  void norWhereWhatIsBufferedCouldNotBeWritten() {
    idleFaults.set(3);
    start();
    publish(2);
    consumer.stop(5_000);
    assertThat(written).containsExactly(2L);
    assertThat(faults).hasSize(3);
  }
}

package io.hdrlog.core.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExchangeRingTest {
  private final Counters counters = new Counters();

  /** Keeps what comes out; as the correlator, with one exchange in its hands at a time. */
  private static final class Receiver implements ExchangeReceiver {
    final List<Exchange> received = new ArrayList<>();
    private Exchange claimed;

    @Override
    public Exchange claim() {
      assertThat(claimed).as("claimed and not yet accepted").isNull();
      claimed = new Exchange();
      return claimed;
    }

    @Override
    public void accept(Exchange exchange) {
      assertThat(exchange).as("what was claimed").isSameAs(claimed);
      claimed = null;
      received.add(exchange);
    }
  }

  private static Exchange exchange(int requestBytes, int responseBytes, long mark) {
    Exchange exchange = new Exchange();
    byte[] request = new byte[requestBytes];
    byte[] response = new byte[responseBytes];
    new Random(mark).nextBytes(request);
    new Random(mark + 1).nextBytes(response);
    exchange.appendRequestHead(request, 0, requestBytes);
    exchange.appendResponseHead(response, 0, responseBytes);
    exchange.connectionRequest = mark;
    exchange.errorType = "e" + mark;
    return exchange;
  }

  private static byte[] requestHead(Exchange exchange) {
    return Arrays.copyOf(exchange.requestHead, exchange.requestHeadLength);
  }

  @Test
  void headsOfEveryLengthComeOutAsTheyWentIn() {
    ExchangeRing ring = new ExchangeRing(8 << 20, counters);
    Receiver receiver = new Receiver();
    List<Exchange> sent = new ArrayList<>();
    int[] lengths = {0, 1, 700, 1535, 1536, 1537, 3071, 3072, 3073, 20_000, 65_536};
    long mark = 0;
    for (int request : lengths) {
      for (int response : lengths) {
        Exchange exchange = exchange(request, response, mark++);
        assertThat(ring.publish(exchange)).isTrue();
        sent.add(exchange);
        ring.poll(receiver);
      }
    }
    assertThat(receiver.received).hasSameSizeAs(sent);
    for (int i = 0; i < sent.size(); i++) {
      Exchange in = sent.get(i);
      Exchange out = receiver.received.get(i);
      assertThat(Arrays.copyOf(out.requestHead, out.requestHeadLength))
          .isEqualTo(Arrays.copyOf(in.requestHead, in.requestHeadLength));
      assertThat(Arrays.copyOf(out.responseHead, out.responseHeadLength))
          .isEqualTo(Arrays.copyOf(in.responseHead, in.responseHeadLength));
      assertThat(out.connectionRequest).isEqualTo(in.connectionRequest);
      assertThat(out.errorType).isEqualTo(in.errorType);
    }
  }

  @Test
  void aFullRingDropsAndCountsAndGoesOnWhenThereIsRoom() {
    ExchangeRing ring = new ExchangeRing(64 * 2048, counters);
    Receiver receiver = new Receiver();
    int accepted = 0;
    for (int i = 0; i < 500; i++) {
      accepted += ring.publish(exchange(100, 100, i)) ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(64);
    assertThat(counters.losses(LossReason.RING_FULL)).isEqualTo(500 - 64);
    ring.poll(receiver);
    assertThat(ring.publish(exchange(100, 100, 1_000))).isTrue();
    ring.poll(receiver);
    assertThat(receiver.received).hasSize(65);
  }

  @Test
  void aRingWithFewParcelsDropsAndCountsWhatFindsNoneUntilThereAreMore() {
    ExchangeRing ring = new ExchangeRing(128 * 2048, 8, counters);
    Receiver receiver = new Receiver();
    for (int i = 0; i < 5; i++) {
      assertThat(ring.publish(exchange(100, 100, i))).isTrue();
    }
    // Takes four parcels, of which there are three.
    assertThat(ring.publish(exchange(4_000, 1_000, 5))).isFalse();
    assertThat(ring.publish(exchange(100, 100, 6))).isFalse();
    assertThat(counters.losses(LossReason.RING_FULL)).isEqualTo(2);

    ring.poll(receiver);
    assertThat(ring.hasAllParcels()).isFalse();
    ring.makeAllParcels();
    assertThat(ring.hasAllParcels()).isTrue();
    Exchange sent = exchange(20_000, 10_000, 7);
    assertThat(ring.publish(sent)).isTrue();
    ring.poll(receiver);
    assertThat(receiver.received)
        .extracting(received -> received.connectionRequest)
        .containsExactly(0L, 1L, 2L, 3L, 4L, 7L);
    assertThat(requestHead(receiver.received.get(5))).isEqualTo(requestHead(sent));

    ring.makeAllParcels();
    int accepted = 0;
    for (int i = 0; i < 500; i++) {
      accepted += ring.publish(exchange(100, 100, i)) ? 1 : 0;
    }
    assertThat(accepted).isEqualTo(128);
  }

  /**
   * Slots become readable one by one, and are given back after each 32: one poll may end within an
   * exchange, and before the next one the receiver takes what came another way.
   */
  @Test
  void anExchangeMayBePutTogetherOverSeveralPolls() {
    ExchangeRing ring = new ExchangeRing(64 * 2048, counters);
    Receiver receiver = new Receiver();
    int before = 32;
    for (int i = 0; i < before; i++) {
      ring.publish(exchange(100, 100, i));
    }
    Exchange sent = exchange(3_000, 2_000, before);
    ring.publish(sent);
    ring.poll(receiver);
    assertThat(receiver.received)
        .as("of the last one only the first slot was read")
        .hasSize(before);
    receiver.accept(receiver.claim());
    ring.poll(receiver);
    Exchange out = receiver.received.get(before + 1);
    assertThat(out.connectionRequest).isEqualTo(before);
    assertThat(Arrays.copyOf(out.requestHead, out.requestHeadLength))
        .isEqualTo(Arrays.copyOf(sent.requestHead, sent.requestHeadLength));
    assertThat(Arrays.copyOf(out.responseHead, out.responseHeadLength))
        .isEqualTo(Arrays.copyOf(sent.responseHead, sent.responseHeadLength));
  }

  @Test
  void aReceiverThatThrowsEndsThatExchangeAlone() {
    ExchangeRing ring = new ExchangeRing(64 * 2048, counters);
    List<Long> received = new ArrayList<>();
    ExchangeReceiver receiver =
        new ExchangeReceiver() {
          @Override
          public Exchange claim() {
            return new Exchange();
          }

          @Override
          public void accept(Exchange exchange) {
            if (exchange.connectionRequest % 3 == 0) {
              throw new IllegalStateException("of " + exchange.connectionRequest);
            }
            received.add(exchange.connectionRequest);
          }
        };
    for (int i = 1; i <= 7; i++) {
      ring.publish(exchange(i % 2 == 0 ? 4_000 : 100, 100, i));
    }
    assertThatThrownBy(() -> ring.poll(receiver)).hasMessageStartingWith("of ");
    ring.poll(receiver);
    assertThat(received).containsExactly(1L, 2L, 4L, 5L, 7L);
    assertThat(ring.isEmpty()).isTrue();
  }

  @Test
  void aHeadLargerThanTheRingIsDroppedNotWaitedFor() {
    ExchangeRing ring = new ExchangeRing(64 * 2048, counters);
    assertThat(ring.publish(exchange(65_536, 65_536, 1))).isFalse();
    assertThat(counters.losses(LossReason.RING_FULL)).isEqualTo(1);
  }

  @Test
  void manyThreadsLoseNothingThatIsNotCounted() throws InterruptedException {
    ExchangeRing ring = new ExchangeRing(256 * 2048, counters);
    Receiver receiver = new Receiver();
    AtomicInteger running = new AtomicInteger(4);
    int each = 5_000;
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      int number = t;
      Thread thread =
          new Thread(
              () -> {
                Exchange exchange = exchange(1_000 + 900 * number, 400, number);
                for (int i = 0; i < each; i++) {
                  ring.publish(exchange);
                }
                running.decrementAndGet();
              });
      threads.add(thread);
      thread.start();
    }
    while (running.get() > 0 || ring.remainingSlots() < 256) {
      ring.poll(receiver);
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(receiver.received.size() + counters.losses(LossReason.RING_FULL))
        .isEqualTo(4L * each);
    // Facts and bytes are those of one request.
    byte[][] heads = new byte[4][];
    for (int t = 0; t < 4; t++) {
      heads[t] = requestHead(exchange(1_000 + 900 * t, 400, t));
    }
    assertThat(receiver.received)
        .allMatch(e -> Arrays.equals(requestHead(e), heads[(int) e.connectionRequest]));
  }

  @Test
  void nothingIsAllocatedBetweenTheSlotsOfAnExchange() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long[] atClaim = new long[1];
    ExchangeReceiver receiver =
        new ExchangeReceiver() {
          @Override
          public Exchange claim() {
            // Behind the last slot; what is claimed is the receiver's own affair.
            atClaim[0] = threads.getCurrentThreadAllocatedBytes();
            return new Exchange();
          }

          @Override
          public void accept(Exchange exchange) {
            assertThat(exchange.requestHeadLength).isEqualTo(exchange.responseHeadLength);
          }
        };
    ExchangeRing ring = new ExchangeRing(8 << 20, counters);
    for (int length : new int[] {1_000, 60_000}) {
      assertThat(ring.publish(exchange(length, length, 1))).isTrue();
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThat(ring.poll(receiver)).isTrue();
      // The first time it takes what classes take.
      assertThat(length == 1_000 || atClaim[0] - before < 1024).isTrue();
    }
  }

  /** What was read, refused or thrown over takes no room for ever. */
  @Test
  void allRoomComesBack() {
    ExchangeRing ring = new ExchangeRing(256 << 10, counters);
    Receiver receiver = new Receiver();
    ExchangeReceiver failing =
        new ExchangeReceiver() {
          @Override
          public Exchange claim() {
            return receiver.claim();
          }

          @Override
          public void accept(Exchange exchange) {
            receiver.accept(exchange);
            throw new IllegalStateException("on purpose");
          }
        };
    for (int round = 0; round < 20; round++) {
      int taken = 0;
      for (int i = 0; ring.publish(exchange(i % 3 * 1_000, 700, i)); i++) {
        taken++;
      }
      assertThat(ring.remainingSlots()).isLessThan(3);
      receiver.received.clear();
      while (!ring.isEmpty()) {
        if (round % 2 == 0) {
          ring.poll(receiver);
        } else {
          assertThatThrownBy(() -> ring.poll(failing)).hasMessage("on purpose");
        }
      }
      assertThat(receiver.received).hasSize(taken);
      assertThat(ring.remainingSlots()).isEqualTo(ring.slots());
    }
  }

  /** A thread that has no stack left, say, fails anywhere. What it has begun is no exchange. */
  @Test
  void whatAProducerOnlyBeganIsNoRecord() {
    ExchangeRing ring = new ExchangeRing(256 << 10, counters);
    Receiver receiver = new Receiver();
    for (int length : new int[] {900, 4_000}) {
      for (int round = 0; round < 3 * ring.slots(); round++) {
        assertThat(ring.publish(exchange(length, 100, 1))).isTrue();
        Exchange broken = exchange(length, 100, 2);
        broken.responseHead = null;
        assertThatThrownBy(() -> ring.publish(broken)).isInstanceOf(NullPointerException.class);
        assertThat(ring.publish(exchange(length, 100, 3))).isTrue();
        ring.poll(receiver);
        assertThat(receiver.received).extracting(x -> x.connectionRequest).containsExactly(1L, 3L);
        Exchange whole = receiver.received.get(1);
        assertThat(requestHead(whole)).isEqualTo(requestHead(exchange(length, 100, 3)));
        receiver.received.clear();
      }
    }
    assertThat(ring.remainingSlots()).isEqualTo(ring.slots());
  }
}

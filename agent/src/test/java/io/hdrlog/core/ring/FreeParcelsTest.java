package io.hdrlog.core.ring;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class FreeParcelsTest {
  private static final int COUNT = 64;

  private static FreeParcels allFree(int count) {
    FreeParcels free = new FreeParcels(count);
    int top = FreeParcels.NONE;
    for (int i = count - 1; i >= 0; i--) {
      top = free.link(i, top);
    }
    free.give(top, count - 1);
    return free;
  }

  @Test
  void theOneGivenBackLastIsTakenFirst() {
    FreeParcels free = allFree(4);
    assertThat(List.of(free.take(), free.take(), free.take())).containsExactly(0, 1, 2);
    int first = free.link(1, FreeParcels.NONE);
    first = free.link(0, first);
    free.give(first, 1);
    assertThat(List.of(free.take(), free.take(), free.take())).containsExactly(0, 1, 3);
    assertThat(free.take()).isEqualTo(FreeParcels.NONE);
    free.give(free.link(2, FreeParcels.NONE), 2);
    assertThat(List.of(free.take(), free.take())).containsExactly(2, FreeParcels.NONE);
  }

  /** As in the ring: many take, one gives back, several at once. Nobody has what another has. */
  @Test
  void aParcelHasOneOwner() throws InterruptedException {
    FreeParcels free = allFree(COUNT);
    AtomicIntegerArray owned = new AtomicIntegerArray(COUNT);
    BlockingQueue<Integer> published = new ArrayBlockingQueue<>(COUNT);
    AtomicBoolean ended = new AtomicBoolean();
    AtomicLong taken = new AtomicLong();
    AtomicLong faults = new AtomicLong();
    List<Thread> takers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread taker =
          new Thread(
              () -> {
                while (!ended.get()) {
                  int parcel = free.take();
                  if (parcel == FreeParcels.NONE) {
                    Thread.onSpinWait();
                    continue;
                  }
                  taken.incrementAndGet();
                  if (!owned.compareAndSet(parcel, 0, 1) || !published.offer(parcel)) {
                    faults.incrementAndGet();
                  }
                }
              });
      takers.add(taker);
      taker.start();
    }
    List<Integer> read = new ArrayList<>();
    while (taken.get() < 400_000 && faults.get() == 0) {
      published.drainTo(read, 1 + (int) (taken.get() % 32));
      giveBack(free, owned, read);
    }
    ended.set(true);
    for (Thread taker : takers) {
      taker.join();
    }
    published.drainTo(read);
    giveBack(free, owned, read);
    assertThat(faults).hasValue(0);
    List<Integer> all = new ArrayList<>();
    for (int parcel = free.take(); parcel != FreeParcels.NONE; parcel = free.take()) {
      all.add(parcel);
    }
    assertThat(all).doesNotHaveDuplicates().hasSize(COUNT);
  }

  private static void giveBack(FreeParcels free, AtomicIntegerArray owned, List<Integer> read) {
    int first = FreeParcels.NONE;
    for (int parcel : read) {
      owned.set(parcel, 0);
      first = free.link(parcel, first);
    }
    if (first != FreeParcels.NONE) {
      free.give(first, read.get(0));
      read.clear();
    }
  }
}

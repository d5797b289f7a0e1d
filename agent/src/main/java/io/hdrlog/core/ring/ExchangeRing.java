package io.hdrlog.core.ring;

import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.tap.Publisher;

/**
 * Carries exchanges from the application's threads to the one consumer. Publishing copies into
 * preallocated slots and signals nobody that is awake: a full ring drops the exchange and counts
 * it, so no application thread ever waits, and memory stays what it was at the start.
 *
 * <p>Heads are copied rather than their arrays swapped into the slot: swapping saves about 50 ns
 * but lets the arrays of the whole ring grow to the largest head ever seen, so that the ring's
 * memory would have no bound.
 */
public final class ExchangeRing implements Publisher {
  /** Slots are given back to producers after so many, so that a full ring drains as it is read. */
  private static final int RELEASE_SLOTS = 32;

  private final RingBuffer<Slot> ring;
  private final EventPoller<Slot> poller;
  private final EventPoller.Handler<Slot> handler = this::onSlot;
  private final int slotsMax;
  private final long quarterMask;
  private final Counters counters;

  private final Sleeper sleeper = new Sleeper();
  private ExchangeReceiver receiver;
  private long until;
  private Exchange assembling;
  private int slotsMissing;

  public ExchangeRing(long bufferBytes, Counters counters) {
    int slots =
        Integer.highestOneBit((int) Math.max(64, Math.min(bufferBytes / Slot.SLOT_BYTES, 1 << 20)));
    this.ring = RingBuffer.createMultiProducer(Slot::new, slots);
    this.poller = ring.newPoller();
    this.ring.addGatingSequences(poller.getSequence());
    this.slotsMax = slots / 2;
    this.quarterMask = slots / 4 - 1L;
    this.counters = counters;
  }

  @Override
  public boolean publish(Exchange exchange) {
    int bytes = exchange.requestHeadLength + exchange.responseHeadLength;
    int slots = Math.max(1, (bytes + Slot.CHUNK_BYTES - 1) / Slot.CHUNK_BYTES);
    if (slots > slotsMax) {
      counters.lost(LossReason.RING_FULL);
      return false;
    }
    long last;
    try {
      last = ring.tryNext(slots);
    } catch (InsufficientCapacityException full) {
      counters.lost(LossReason.RING_FULL);
      return false;
    }
    long first = last - slots + 1;
    try {
      Slot slot = ring.get(first);
      slot.facts.copyFactsFrom(exchange);
      slot.slots = slots;
      if (slots == 1) {
        System.arraycopy(exchange.requestHead, 0, slot.chunk, 0, exchange.requestHeadLength);
        System.arraycopy(
            exchange.responseHead,
            0,
            slot.chunk,
            exchange.requestHeadLength,
            exchange.responseHeadLength);
      } else {
        scatter(exchange, first, bytes);
      }
    } finally {
      // A claimed sequence must be published whatever happens, or the ring stands still for ever.
      ring.publish(first, last);
    }
    if ((last & quarterMask) < slots) {
      sleeper.wake();
    }
    return true;
  }

  /** Has the consumer's thread woken when the ring fills; null: it is awake, or soon will be. */
  public void wakeWhenFilling(Thread thread) {
    sleeper.is(thread);
  }

  private void scatter(Exchange exchange, long first, int bytes) {
    for (int done = 0; done < bytes; ) {
      Slot slot = ring.get(first + done / Slot.CHUNK_BYTES);
      int at = done % Slot.CHUNK_BYTES;
      boolean inRequest = done < exchange.requestHeadLength;
      byte[] from = inRequest ? exchange.requestHead : exchange.responseHead;
      int offset = inRequest ? done : done - exchange.requestHeadLength;
      int end = inRequest ? exchange.requestHeadLength : exchange.responseHeadLength;
      int length = Math.min(end - offset, Slot.CHUNK_BYTES - at);
      System.arraycopy(from, offset, slot.chunk, at, length);
      if (done > 0 && at == 0) {
        slot.slots = 0;
      }
      done += length;
    }
  }

  /**
   * Hands everything waiting to the receiver; the consumer's thread only. Returns false if there
   * was nothing.
   */
  public boolean poll(ExchangeReceiver to) {
    return poll(to, Long.MAX_VALUE);
  }

  /** The newest slot that a producer has claimed: a limit for {@link #poll}. */
  public long newest() {
    return ring.getCursor();
  }

  /** How many slots there are. */
  public int slots() {
    return ring.getBufferSize();
  }

  /** Whether more than half of the slots are taken. */
  public boolean isFilling() {
    return ring.remainingCapacity() < ring.getBufferSize() / 2;
  }

  /** As {@link #poll(ExchangeReceiver)}, and nothing that was claimed after this slot. */
  public boolean poll(ExchangeReceiver to, long last) {
    if (poller.getSequence().get() >= last) {
      return false;
    }
    receiver = to;
    until = last;
    try {
      boolean worked = false;
      // The poller gives slots back when its handler pauses: after each few, not after a full ring.
      for (int left = ring.getBufferSize() / RELEASE_SLOTS; left > 0; left--) {
        if (poller.getSequence().get() >= last
            || poller.poll(handler) != EventPoller.PollState.PROCESSING) {
          break;
        }
        worked = true;
      }
      return worked;
    } catch (Exception e) {
      // The handler catches its own; the poller declares one for handlers that do not.
      throw new IllegalStateException(e);
    }
  }

  private boolean onSlot(Slot slot, long sequence, boolean endOfBatch) {
    if (slotsMissing == 0) {
      Exchange exchange = receiver.claim();
      exchange.copyFactsFrom(slot.facts);
      exchange.requestHeadLength = 0;
      exchange.responseHeadLength = 0;
      // References to the application's strings must not be kept alive by an idle ring.
      slot.facts.clearReferences();
      assembling = exchange;
      slotsMissing = slot.slots;
      gather(slot, slot.facts);
    } else {
      gather(slot, null);
    }
    if (--slotsMissing == 0) {
      Exchange done = assembling;
      assembling = null;
      receiver.accept(done);
    }
    return sequence % RELEASE_SLOTS != 0 && sequence < until;
  }

  private int requestMissing;
  private int responseMissing;

  private void gather(Slot slot, Exchange facts) {
    if (facts != null) {
      requestMissing = facts.requestHeadLength;
      responseMissing = facts.responseHeadLength;
    }
    int request = Math.min(requestMissing, Slot.CHUNK_BYTES);
    boolean requestCut = assembling.requestHeadCut;
    boolean responseCut = assembling.responseHeadCut;
    assembling.appendRequestHead(slot.chunk, 0, request);
    requestMissing -= request;
    int response = Math.min(responseMissing, Slot.CHUNK_BYTES - request);
    assembling.appendResponseHead(slot.chunk, request, response);
    responseMissing -= response;
    assembling.requestHeadCut = requestCut;
    assembling.responseHeadCut = responseCut;
  }

  /** Whether nothing waits to be polled. */
  public boolean isEmpty() {
    return ring.getCursor() == poller.getSequence().get();
  }

  /** How many slots are free; approximate while producers publish. */
  public long remainingSlots() {
    return ring.remainingCapacity();
  }
}

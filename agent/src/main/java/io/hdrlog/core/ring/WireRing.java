package io.hdrlog.core.ring;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.hdrlog.core.tap.WireChannel;
import io.hdrlog.core.tap.WirePublisher;
import java.nio.ByteBuffer;

/**
 * Carries plaintext from the threads that read and write sockets to the one consumer. As in {@link
 * ExchangeRing}, publishing copies and signals nobody, and a full ring drops what does not fit: the
 * consumer sees by the positions that bytes are missing.
 *
 * <p>Its memory is claimed only once there is a connection to watch.
 */
public final class WireRing implements WirePublisher {
  /** Slots are given back to producers after so many. */
  private static final int RELEASE_SLOTS = 32;

  private static final int SLOTS_MIN = 64;
  private static final int SLOTS_MAX = 1 << 20;

  private final RingBuffer<WireSlot> ring;
  private final EventPoller<WireSlot> poller;
  private final EventPoller.Handler<WireSlot> handler = this::onSlot;
  private final int bytesMax;
  private final Sleeper sleeper;

  private WireReceiver receiver;

  // What is being put together from several slots.
  private final byte[] bytes;
  private int gathered;
  private int slotsMissing;
  private WireChannel channel;
  private WireEvent event;
  private long position;
  private int length;
  private long wireStart;
  private long wireEnd;
  private long ns;

  public WireRing(long bufferBytes) {
    int slots =
        Integer.highestOneBit(
            (int) Math.max(SLOTS_MIN, Math.min(bufferBytes / WireSlot.SLOT_BYTES, SLOTS_MAX)));
    // As for the exchanges: no lock where nobody waits.
    ring = RingBuffer.createMultiProducer(WireSlot::new, slots, new BusySpinWaitStrategy());
    poller = ring.newPoller();
    ring.addGatingSequences(poller.getSequence());
    sleeper = new Sleeper(slots);
    // One call's bytes: far more than the largest header block, and never most of the ring.
    bytesMax = Math.min(256 * 1024, slots / 4 * WireSlot.CHUNK_BYTES);
    bytes = new byte[bytesMax];
  }

  @Override
  public int bytesMax() {
    return bytesMax;
  }

  @Override
  public boolean moved(
      WireChannel from,
      boolean sent,
      long at,
      ByteBuffer buffer,
      byte[] array,
      int index,
      int count,
      long start,
      long end,
      long nowNs) {
    int slots = Math.max(1, (count + WireSlot.CHUNK_BYTES - 1) / WireSlot.CHUNK_BYTES);
    long last;
    try {
      last = ring.tryNext(slots);
    } catch (InsufficientCapacityException full) {
      return false;
    }
    long first = last - slots + 1;
    try {
      for (int i = 0; i < slots; i++) {
        WireSlot slot = ring.get(first + i);
        slot.slots = 0;
        int done = i * WireSlot.CHUNK_BYTES;
        int part = Math.min(count - done, WireSlot.CHUNK_BYTES);
        if (array != null) {
          System.arraycopy(array, index + done, slot.chunk, 0, part);
        } else if (part > 0) {
          buffer.get(index + done, slot.chunk, 0, part);
        }
      }
      fill(ring.get(first), from, sent ? WireEvent.SENT : WireEvent.RECEIVED, nowNs);
      WireSlot slot = ring.get(first);
      slot.position = at;
      slot.length = count;
      slot.wireStart = start;
      slot.wireEnd = end;
      slot.slots = slots;
    } finally {
      publish(first, last);
    }
    return true;
  }

  @Override
  public boolean closed(WireChannel from, long nowNs) {
    long at;
    try {
      at = ring.tryNext();
    } catch (InsufficientCapacityException full) {
      return false;
    }
    try {
      WireSlot slot = ring.get(at);
      fill(slot, from, WireEvent.CLOSED, nowNs);
      slot.length = 0;
      slot.slots = 1;
    } finally {
      publish(at, at);
    }
    return true;
  }

  /** A claimed sequence must be published whatever happens, or the ring stands still for ever. */
  private void publish(long first, long last) {
    ring.publish(first, last);
    sleeper.published(first, last);
  }

  private static void fill(WireSlot slot, WireChannel from, WireEvent what, long nowNs) {
    slot.channel = from;
    slot.event = what;
    slot.ns = nowNs;
  }

  /** Has the consumer's thread woken when the ring fills; null: it is awake, or soon will be. */
  public void wakeWhenFilling(Thread thread) {
    sleeper.is(thread);
  }

  /**
   * Hands what is waiting to the receiver, about {@code slotsMax} slots of it; the consumer's
   * thread only. False if nothing was.
   */
  public boolean poll(WireReceiver to, int slotsMax) {
    receiver = to;
    try {
      boolean worked = false;
      for (int left = slotsMax / RELEASE_SLOTS; left > 0; left--) {
        if (poller.poll(handler) != EventPoller.PollState.PROCESSING) {
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

  /** The newest slot that a producer has claimed. */
  public long newest() {
    return ring.getCursor();
  }

  /** Whether everything up to that slot was handed over. */
  public boolean isPolled(long slot) {
    return poller.getSequence().get() >= slot;
  }

  private boolean onSlot(WireSlot slot, long sequence, boolean endOfBatch) {
    if (slotsMissing == 0) {
      begin(slot);
    }
    if (slotsMissing > 0) {
      int count = Math.min(length - gathered, WireSlot.CHUNK_BYTES);
      System.arraycopy(slot.chunk, 0, bytes, gathered, count);
      gathered += count;
      if (--slotsMissing == 0) {
        hand();
      }
    }
    return sequence % RELEASE_SLOTS != 0;
  }

  private void begin(WireSlot slot) {
    channel = slot.channel;
    slot.channel = null;
    // A publisher failed in the middle of filling it: there is nothing in it to hand on.
    slotsMissing = channel == null ? 0 : slot.slots;
    event = slot.event;
    position = slot.position;
    length = slot.length;
    wireStart = slot.wireStart;
    wireEnd = slot.wireEnd;
    ns = slot.ns;
    gathered = 0;
  }

  private void hand() {
    WireChannel of = channel;
    channel = null;
    if (event == WireEvent.CLOSED) {
      receiver.closed(of, ns);
    } else {
      receiver.moved(of, event == WireEvent.SENT, position, bytes, length, wireStart, wireEnd, ns);
    }
  }
}

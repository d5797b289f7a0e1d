package io.hdrlog.core.ring;

import com.lmax.disruptor.BusySpinWaitStrategy;
import com.lmax.disruptor.EventPoller;
import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.tap.Publisher;

/**
 * Carries exchanges from the application's threads to the one consumer. Publishing copies into
 * preallocated parcels and signals nobody that is awake: a full ring drops the exchange and counts
 * it, so no application thread ever waits, and memory has its bound. There are as many parcels as
 * slots in the end, so who has claimed a slot finds a parcel for it; until a service has started
 * there are fewer, since that start would wait while 8 MB are touched for the first time.
 *
 * <p>Heads are copied rather than their arrays swapped into the slot: swapping saves about 50 ns
 * but lets the arrays of the whole ring grow to the largest head ever seen, so that the ring's
 * memory would have no bound.
 */
public final class ExchangeRing implements Publisher {
  /** Slots are given back to producers after so many, so that a full ring drains as it is read. */
  private static final int RELEASE_SLOTS = 32;

  /** Parcels are made so many at a time. */
  private static final int PARCELS_BATCH = 256;

  private final RingBuffer<Slot> ring;
  private final EventPoller<Slot> poller;
  private final EventPoller.Handler<Slot> handler = this::onSlot;
  private final Parcel[] parcels;
  private final FreeParcels free;
  private int parcelsMade;
  private final int slotsMax;
  private final Counters counters;

  private final Sleeper sleeper;
  private ExchangeReceiver receiver;
  private long until;
  private Throwable fault;

  // Read, and to be given back before their slots are.
  private int readTop = FreeParcels.NONE;
  private int readBottom;

  // What is being put together from several slots, perhaps over several polls. Of full size from
  // the beginning: a heap that is full between two slots would leave a hole.
  private final Exchange assembling =
      new Exchange(Exchange.HEAD_BYTES_MAX, Exchange.HEAD_BYTES_MAX);
  private int slotsMissing;
  private int requestMissing;
  private int responseMissing;

  /** With all its memory from the beginning. */
  public ExchangeRing(long bufferBytes, Counters counters) {
    this(bufferBytes, Integer.MAX_VALUE, counters);
  }

  /**
   * @param parcelsFirst how many parcels there are from the beginning; the consumer adds the others
   *     by {@link #makeAllParcels}
   */
  public ExchangeRing(long bufferBytes, int parcelsFirst, Counters counters) {
    int slots =
        Integer.highestOneBit(
            (int) Math.max(64, Math.min(bufferBytes / Parcel.PARCEL_BYTES, 1 << 20)));
    // Nobody waits on the ring; the default strategy would take a lock at each publish all the
    // same.
    this.ring = RingBuffer.createMultiProducer(Slot::new, slots, new BusySpinWaitStrategy());
    this.poller = ring.newPoller();
    this.ring.addGatingSequences(poller.getSequence());
    this.parcels = new Parcel[slots];
    this.free = new FreeParcels(slots);
    this.slotsMax = slots / 2;
    this.sleeper = new Sleeper(slots);
    this.counters = counters;
    makeParcels(parcelsFirst);
  }

  /**
   * Makes the parcels that there are less than slots; the consumer's thread only. What a heap that
   * is full leaves undone can be tried again.
   */
  public void makeAllParcels() {
    while (!hasAllParcels()) {
      makeParcels(PARCELS_BATCH);
    }
  }

  private void makeParcels(int more) {
    int from = parcelsMade;
    int to = from + Math.min(more, parcels.length - from);
    int top = FreeParcels.NONE;
    for (int i = to - 1; i >= from; i--) {
      parcels[i] = new Parcel();
      top = free.link(i, top);
    }
    parcelsMade = to;
    free.give(top, to - 1);
  }

  /** Whether there are parcels for all slots. */
  public boolean hasAllParcels() {
    return parcelsMade == parcels.length;
  }

  @Override
  public boolean publish(Exchange exchange) {
    int bytes = exchange.requestHeadLength + exchange.responseHeadLength;
    int slots = Math.max(1, (bytes + Parcel.CHUNK_BYTES - 1) / Parcel.CHUNK_BYTES);
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
      Parcel parcel = takeParcel(first);
      if (parcel == null) {
        counters.lost(LossReason.RING_FULL);
        return false;
      }
      parcel.facts.copyFactsFrom(exchange);
      if (slots == 1) {
        System.arraycopy(exchange.requestHead, 0, parcel.chunk, 0, exchange.requestHeadLength);
        System.arraycopy(
            exchange.responseHead,
            0,
            parcel.chunk,
            exchange.requestHeadLength,
            exchange.responseHeadLength);
      } else if (!scatter(exchange, parcel, first, bytes)) {
        parcel.facts.clearReferences();
        counters.lost(LossReason.RING_FULL);
        return false;
      }
      // Last of all: what a thread without a stack left has only begun is no exchange.
      parcel.parcels = slots;
    } finally {
      publish(first, last);
    }
    return true;
  }

  /** A claimed sequence must be published whatever happens, or the ring stands still for ever. */
  private void publish(long first, long last) {
    ring.publish(first, last);
    sleeper.published(first, last);
  }

  /** Has the consumer's thread woken when the ring fills; null: it is awake, or soon will be. */
  public void wakeWhenFilling(Thread thread) {
    sleeper.is(thread);
  }

  /** Null where there are few yet, or a thread without a stack left took one with it. */
  private Parcel takeParcel(long sequence) {
    Slot slot = ring.get(sequence);
    int number = free.take();
    slot.parcel = number;
    return number == FreeParcels.NONE ? null : parcels[number];
  }

  /** False if there were not parcels enough. */
  private boolean scatter(Exchange exchange, Parcel firstParcel, long first, int bytes) {
    Parcel parcel = firstParcel;
    for (int done = 0; done < bytes; ) {
      int at = done % Parcel.CHUNK_BYTES;
      if (done > 0 && at == 0) {
        parcel = takeParcel(first + done / Parcel.CHUNK_BYTES);
        if (parcel == null) {
          return false;
        }
      }
      boolean inRequest = done < exchange.requestHeadLength;
      byte[] from = inRequest ? exchange.requestHead : exchange.responseHead;
      int offset = inRequest ? done : done - exchange.requestHeadLength;
      int end = inRequest ? exchange.requestHeadLength : exchange.responseHeadLength;
      int length = Math.min(end - offset, Parcel.CHUNK_BYTES - at);
      System.arraycopy(from, offset, parcel.chunk, at, length);
      done += length;
    }
    return true;
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

  /** Whether everything up to that slot was handed over. */
  public boolean isPolled(long slot) {
    return poller.getSequence().get() >= slot;
  }

  /** Whether anything was ever published. */
  public boolean wasUsed() {
    return newest() >= 0;
  }

  /** How many slots there are. */
  public int slots() {
    return ring.getBufferSize();
  }

  /** Whether more than a quarter of the slots are taken. */
  public boolean isQuarterFull() {
    return areTaken(slots() / 4);
  }

  /** Whether more than half of the slots are taken. */
  public boolean isFilling() {
    return areTaken(slots() / 2);
  }

  private boolean areTaken(int slots) {
    return slots() - ring.remainingCapacity() > slots;
  }

  /** As {@link #poll(ExchangeReceiver)}, and nothing that was claimed after this slot. */
  public boolean poll(ExchangeReceiver to, long last) {
    if (poller.getSequence().get() >= last) {
      return false;
    }
    receiver = to;
    until = last;
    boolean worked = false;
    try {
      // The poller gives slots back when its handler pauses: after each few, not after a full ring.
      for (int left = ring.getBufferSize() / RELEASE_SLOTS; left > 0; left--) {
        if (poller.getSequence().get() >= last
            || poller.poll(handler) != EventPoller.PollState.PROCESSING) {
          break;
        }
        worked = true;
      }
    } catch (Exception e) {
      // The handler catches its own; the poller declares one for handlers that do not.
      throw new IllegalStateException(e);
    }
    throwFault();
    return worked;
  }

  /**
   * What a receiver throws ends one exchange. Thrown through the poller it would end them all: the
   * same slot would be handed over for ever.
   */
  private boolean onSlot(Slot slot, long sequence, boolean endOfBatch) {
    int number = slot.parcel;
    if (number != FreeParcels.NONE) {
      slot.parcel = FreeParcels.NONE;
      Parcel parcel = parcels[number];
      try {
        read(parcel);
      } catch (RuntimeException | Error e) {
        fault = e;
      }
      parcel.parcels = 0;
      readBottom = readTop == FreeParcels.NONE ? number : readBottom;
      readTop = free.link(number, readTop);
    }
    boolean more = sequence % RELEASE_SLOTS != 0 && sequence < until;
    if ((endOfBatch || !more) && readTop != FreeParcels.NONE) {
      free.give(readTop, readBottom);
      readTop = FreeParcels.NONE;
    }
    return more;
  }

  private void read(Parcel parcel) {
    if (slotsMissing > 0) {
      gather(parcel);
    } else if (parcel.parcels == 1) {
      hand(parcel);
    } else if (parcel.parcels > 1) {
      begin(parcel);
    }
  }

  private void throwFault() {
    Throwable thrown = fault;
    fault = null;
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
  }

  private void hand(Parcel parcel) {
    Exchange exchange = receiver.claim();
    copyFacts(parcel.facts, exchange);
    fill(exchange, parcel, parcel.facts.requestHeadLength, parcel.facts.responseHeadLength);
    receiver.accept(exchange);
  }

  private void begin(Parcel parcel) {
    copyFacts(parcel.facts, assembling);
    requestMissing = parcel.facts.requestHeadLength;
    responseMissing = parcel.facts.responseHeadLength;
    slotsMissing = parcel.parcels;
    gather(parcel);
  }

  /**
   * Not into a claimed exchange: a producer that is held up between two slots leaves the rest for a
   * later poll, and by then the receiver was given others.
   */
  private void gather(Parcel parcel) {
    slotsMissing--;
    int request = Math.min(requestMissing, Parcel.CHUNK_BYTES);
    int response = Math.min(responseMissing, Parcel.CHUNK_BYTES - request);
    fill(assembling, parcel, request, response);
    requestMissing -= request;
    responseMissing -= response;
    if (slotsMissing == 0) {
      Exchange exchange = receiver.claim();
      exchange.copyFrom(assembling);
      assembling.clearReferences();
      receiver.accept(exchange);
    }
  }

  private static void copyFacts(Exchange facts, Exchange into) {
    into.copyFactsFrom(facts);
    into.requestHeadLength = 0;
    into.responseHeadLength = 0;
    // References to the application's strings must not be kept alive by an idle ring.
    facts.clearReferences();
  }

  private static void fill(Exchange exchange, Parcel parcel, int request, int response) {
    boolean requestCut = exchange.requestHeadCut;
    boolean responseCut = exchange.responseHeadCut;
    exchange.appendRequestHead(parcel.chunk, 0, request);
    exchange.appendResponseHead(parcel.chunk, request, response);
    exchange.requestHeadCut = requestCut;
    exchange.responseHeadCut = responseCut;
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

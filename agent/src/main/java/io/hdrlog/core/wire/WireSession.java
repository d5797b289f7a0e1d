package io.hdrlog.core.wire;

import io.hdrlog.core.health.Counters;

/**
 * Reads the plaintext of one connection, server side: what is received are requests, what is sent
 * are responses. Nothing that is received or sent makes it throw, wait or keep more than the heads
 * and trailers of requests that are not finished.
 *
 * <p>Fed by one thread, in the order in which the bytes went by: a response never before the
 * request that it answers.
 */
public final class WireSession {
  private final Http1Connection http1;
  private final Chunk chunk = new Chunk();
  private boolean closed;

  /** For a connection that is seen from its first byte. */
  public WireSession(WireExchanges out, Counters counters) {
    this(out, counters, true);
  }

  /**
   * @param fromStart false: the first recognisable request line at the beginning of a chunk starts
   *     it
   */
  public WireSession(WireExchanges out, Counters counters, boolean fromStart) {
    http1 = new Http1Connection(out, counters, fromStart);
  }

  /**
   * Plaintext that occupies [wireStart, wireEnd) of the socket's stream. Where the difference is
   * the length each byte has its own position; else the two belong to the records that carried the
   * chunk, and a byte's position is only known as that range. Negative: not known.
   */
  public void received(
      byte[] bytes, int offset, int length, long wireStart, long wireEnd, long ns) {
    chunk.set(bytes, offset, length, wireStart, wireEnd, ns);
    if (!closed) {
      http1.requests().receive(chunk);
    }
    chunk.release();
  }

  /** As {@link #received}, of the other direction. */
  public void sent(byte[] bytes, int offset, int length, long wireStart, long wireEnd, long ns) {
    chunk.set(bytes, offset, length, wireStart, wireEnd, ns);
    if (!closed) {
      http1.responses().send(chunk);
    }
    chunk.release();
  }

  /** Plaintext went by unseen: dropped, or skipped because {@link #receiveSkip} said so. */
  public void receivedGap(long length, long wireStart, long wireEnd, long ns) {
    if (!closed && length > 0) {
      http1.requests().gap(length, wireEnd, ns);
    }
  }

  /** As {@link #receivedGap}, of the other direction. */
  public void sentGap(long length, long wireStart, long wireEnd, long ns) {
    if (!closed && length > 0) {
      http1.responses().gap(length, wireEnd, ns);
    }
  }

  /** The connection ended: what is not finished is finished as it is. */
  public void closed(Closing how, long ns) {
    if (!closed) {
      closed = true;
      http1.closed(how, ns);
    }
  }

  /**
   * How many of the next plaintext bytes are not needed; they are then told as a gap. {@link
   * Long#MAX_VALUE}: never again, and no gap is needed either.
   */
  public long receiveSkip() {
    return closed || http1.isDead() ? Long.MAX_VALUE : http1.requests().skip();
  }

  /** As {@link #receiveSkip}, of the other direction. */
  public long sendSkip() {
    return closed || http1.isDead() ? Long.MAX_VALUE : http1.responses().skip();
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.http.ProxyHeader;

/**
 * Reads the plaintext of one connection, server side: what is received are requests, what is sent
 * are responses. Nothing that is received or sent makes it throw, wait or keep more than the heads
 * and trailers of requests that are not finished.
 *
 * <p>Fed by one thread, in the order in which the bytes went by: a response never before the
 * request that it answers.
 */
public final class WireSession {
  private final WireExchanges out;
  private final Counters counters;
  private final Http1Connection http1;
  private final Chunk chunk = new Chunk();

  /** Nothing has been received yet. */
  private boolean atStart;

  /** Made when the connection turns out to speak it. */
  private Http2Connection http2;

  private boolean receivesHttp2;
  private boolean sendsHttp2;

  /** The request of an upgrade is stream 1 by now. */
  private boolean adopted;

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
    this.out = out;
    this.counters = counters;
    http1 = new Http1Connection(out, counters, fromStart);
    atStart = fromStart;
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
      receive();
    }
    chunk.release();
  }

  /** As {@link #received}, of the other direction. */
  public void sent(byte[] bytes, int offset, int length, long wireStart, long wireEnd, long ns) {
    chunk.set(bytes, offset, length, wireStart, wireEnd, ns);
    if (!closed) {
      send();
    }
    chunk.release();
  }

  private void receive() {
    if (atStart) {
      atStart = false;
      chunk.at += ProxyHeader.length(chunk.bytes, chunk.at, chunk.limit);
    }
    if (!receivesHttp2) {
      http1.requests().receive(chunk);
      if (adopted && http1.upgrading().requestDone && !http1.pending().isEmpty()) {
        http1.releaseUpgrading();
        http2.adoptedRequestDone(chunk.ns);
      }
      if (!http1.requests().switchesToHttp2()) {
        return;
      }
      receivesHttp2 = true;
      if (http1.requests().prefaced()) {
        http2().received().prefaced();
      }
    }
    http2().received().read(chunk);
  }

  private void send() {
    if (!sendsHttp2) {
      http1.responses().send(chunk);
      if ((http1.prefaceRefused() || http1.isDead()) && http2 != null) {
        http2.abandonAll();
      }
      if (!http1.responses().switchesToHttp2()) {
        return;
      }
      sendsHttp2 = true;
      adopt();
    }
    http2().sent().read(chunk);
  }

  private void adopt() {
    PendingRequest request = http1.upgrading();
    if (request != null) {
      adopted = true;
      http2().adopt(request.exchange, request.requestDone);
      if (request.requestDone) {
        http1.releaseUpgrading();
      }
    }
  }

  private Http2Connection http2() {
    if (http2 == null) {
      http2 = new Http2Connection(out, counters);
    }
    return http2;
  }

  /** Plaintext went by unseen: dropped, or skipped because {@link #receiveSkip} said so. */
  public void receivedGap(long length, long wireStart, long wireEnd, long ns) {
    if (closed || length <= 0) {
      return;
    }
    if (receivesHttp2) {
      http2.gap(http2.received(), length, wireEnd, ns);
    } else if (!http1.isDead()) {
      http1.requests().gap(length, wireEnd, ns);
    }
  }

  /** As {@link #receivedGap}, of the other direction. */
  public void sentGap(long length, long wireStart, long wireEnd, long ns) {
    if (closed || length <= 0) {
      return;
    }
    if (sendsHttp2) {
      http2.gap(http2.sent(), length, wireEnd, ns);
    } else if (!http1.isDead()) {
      http1.responses().gap(length, wireEnd, ns);
    }
  }

  /** The connection ended: what is not finished is finished as it is. */
  public void closed(Closing how, long ns) {
    if (!closed) {
      closed = true;
      http1.closed(how, ns);
      if (http2 != null) {
        http2.closed(how, ns);
      }
    }
  }

  /** Whether a request was begun that is not finished. */
  public boolean hasOpen() {
    return http1.hasOpen() || (http2 != null && http2.hasOpen());
  }

  /**
   * How many of the next plaintext bytes are not needed; they are then told as a gap. {@link
   * Long#MAX_VALUE}: never again, and no gap is needed either.
   */
  public long receiveSkip() {
    if (isOver(receivesHttp2)) {
      return Long.MAX_VALUE;
    }
    return receivesHttp2 ? http2.received().skippable() : http1.requests().skip();
  }

  /** As {@link #receiveSkip}, of the other direction. */
  public long sendSkip() {
    if (isOver(sendsHttp2)) {
      return Long.MAX_VALUE;
    }
    return sendsHttp2 ? http2.sent().skippable() : http1.responses().skip();
  }

  /** Nothing more will be found on this connection, whatever comes. */
  public boolean isOver() {
    return isOver(receivesHttp2) && isOver(sendsHttp2);
  }

  private boolean isOver(boolean speaksHttp2) {
    return closed || http1.isDead() || (speaksHttp2 && http2.isDead());
  }
}

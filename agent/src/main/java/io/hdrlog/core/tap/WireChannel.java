package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;

/**
 * One connection whose plaintext is watched: what the threads that read and write it count, and
 * what the consumer tells them. Each direction belongs to one thread at a time, as the socket's own
 * locks have it.
 *
 * <p>With TLS there are two: the socket's, which carries no plaintext, and the engine's, whose
 * positions on the wire are those of the socket it was matched to.
 */
public final class WireChannel {
  /** Nothing of it is wanted any more. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final int HELLO_BYTES = 64;

  /** Of {@link #writes}; what is below it is their number. */
  private static final int CLOSED = 1 << 30;

  final Ends ends;

  /** The socket below; null for a socket. */
  final WireChannel socket;

  private final boolean fromStart;

  /** Whether the first byte sent was seen as well; set before anything is. */
  boolean sentFromStart;

  // Counted by whoever reads.
  long received;
  long receivedWire;
  long receivedRecord;

  // Counted by whoever writes.
  long sent;
  long sentWire;
  long sentRecord;

  /** Bytes of it are wanted: it was seen from its start, or something like a request came. */
  boolean shipping;

  /** Of a socket: what it carries is TLS. */
  volatile boolean secured;

  /** Of a socket, until it is matched: the beginning of what was received. */
  byte[] hello;

  int helloLength;

  /** Of a socket: what was read from it, as the key for its engine; 0 if there is none. */
  volatile long helloRandom;

  /** Of a socket: bytes of a PROXY header in front of what its peer itself sent. */
  int proxyHeader;

  /** Of a socket, until it is matched: its records. */
  TlsRecords records;

  /** What it is found by; set before it can be. */
  Object key;

  /** Of a socket: the engine's channel. */
  volatile WireChannel engine;

  boolean tlsKnown;

  /** Each record is longer than its plaintext by what version 1.3 adds. */
  boolean tls13;

  /** The peer has ended its direction. */
  public volatile boolean ended;

  /** Of a socket that tells whether this side closes it: it does. */
  volatile boolean closing;

  /** Of a socket: it is closed by its peer, unless this side was seen to do so. */
  boolean tellsClosing;

  /** Writes that were begun and are not told yet, and whether the socket is closed. */
  private final AtomicInteger writes = new AtomicInteger();

  /** The transport has failed. */
  public volatile boolean failed;

  // Written by the consumer. A stale value costs a copy, or leaves bytes out that the consumer
  // asks for later: then it sees a gap, as after a full ring.
  private volatile long receivedUntil;
  private volatile long sentUntil;

  /** The consumer's; no other thread looks at it. */
  private Object session;

  WireChannel(boolean fromStart, WireChannel socket, Ends ends) {
    this.fromStart = fromStart;
    this.sentFromStart = fromStart;
    this.socket = socket;
    this.ends = ends;
    this.shipping = fromStart;
  }

  /** Whether the first byte of the connection was seen. */
  public boolean fromStart() {
    return fromStart;
  }

  /** The plaintext before this position is not wanted. */
  public void skip(boolean sentDirection, long until) {
    if (sentDirection) {
      sentUntil = until;
    } else {
      receivedUntil = until;
    }
  }

  /** Nothing of the connection is wanted any more. */
  public void forget() {
    receivedUntil = NEVER;
    sentUntil = NEVER;
  }

  long until(boolean sentDirection) {
    return sentDirection ? sentUntil : receivedUntil;
  }

  /** Whether nothing of it is wanted any more. */
  public boolean forgotten() {
    return receivedUntil == NEVER && sentUntil == NEVER;
  }

  /** True if the transport has failed, be it that of the socket below. */
  public boolean hasFailed() {
    return failed || lowest().failed;
  }

  /** True if the peer has ended its direction, be it of the socket below. */
  public boolean hasEnded() {
    return ended || lowest().ended;
  }

  /** The socket's: the one below, or this. */
  WireChannel lowest() {
    return socket == null ? this : socket;
  }

  void writing() {
    writes.incrementAndGet();
  }

  /** A write was told. True if it was the last one that a closed socket had waited for. */
  boolean written() {
    while (true) {
      int now = writes.get();
      if ((now & ~CLOSED) == 0) {
        // Begun before the connection was known.
        return false;
      }
      if (writes.compareAndSet(now, now - 1)) {
        return now - 1 == CLOSED;
      }
    }
  }

  boolean isClosed() {
    return (writes.get() & CLOSED) != 0;
  }

  /** The socket is closed. False if that was told before, or a write is not told yet. */
  boolean close() {
    while (true) {
      int now = writes.get();
      if (writes.compareAndSet(now, now | CLOSED)) {
        return now == 0;
      }
    }
  }

  /** What the consumer keeps of the connection. */
  public Object session() {
    return session;
  }

  public void session(Object of) {
    session = of;
  }

  /** Keeps the first bytes until there are enough to tell a ClientHello by. */
  boolean appendHello(byte b) {
    if (hello == null) {
      hello = new byte[HELLO_BYTES];
    }
    hello[helloLength++] = b;
    return helloLength == HELLO_BYTES;
  }

  /** Sets who talks to whom, and by which TLS. */
  public void copyEndsTo(Exchange exchange) {
    ends.copyTo(exchange);
  }

  void tls(SSLSession handshaken) {
    ends.tls(handshaken);
    tlsKnown = true;
    tls13 = "TLSv1.3".equals(handshaken.getProtocol());
  }
}

package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;

/**
 * One Netty channel with an HTTP/1.1 server codec: its open exchanges, oldest first. All but the
 * newest were received in full; all but the oldest wait for their response to begin.
 *
 * <p>A channel belongs to one thread.
 */
final class NettyChannel {
  /** Pipelined requests that are remembered; Netty's own codec has the same limit. */
  static final int OPEN_MAX = 128;

  private static final int OPEN_FIRST = 4;

  final Ends ends = new Ends();
  boolean known;

  /** Whether the counts below are positions on the wire. */
  boolean counted;

  long received;
  long sent;

  /** Bytes that came from the socket, whoever got them. */
  long arrived;

  /** The first decode was checked against {@link #arrived}. */
  boolean checked;

  long requests;

  /** The decoder is between the first byte of a request and the end of its header block. */
  boolean inHead = true;

  /** The newest exchange is still being received. */
  boolean receiving;

  /** The decoder gave up: it discards all that follows. */
  boolean broken;

  /** The oldest exchange has its whole response. */
  boolean responded;

  /** The connection leaves HTTP/1.1. */
  boolean upgraded;

  /** The application closed the channel. */
  boolean closing;

  /** How the transport failed, before anybody closed the channel; null if it did not. */
  Outcome failure;

  String failureType;

  boolean closed;

  /** It is among those that are told when the JVM ends. */
  boolean remembered;

  /** The exchange whose handler threw on the channel's thread, and what; null if none did. */
  Exchange thrownIn;

  String thrownType;

  /** What a handler threw on a thread of its own, which cannot tell of which exchange. */
  volatile String thrownElsewhere;

  /** Bytes at the end of the newest head that the decoder has seen but not consumed. */
  int tentative;

  /** Requests too many to be remembered that wait for their responses. */
  int skipped;

  /** The newest request's id, once somebody asked for it. */
  String requestId;

  /** What to restore when the handlers return; null if nothing was put. */
  Mdc mdc;

  String mdcBefore;

  private Exchange[] open = new Exchange[OPEN_FIRST];
  private int first;
  private int count;

  int openCount() {
    return count;
  }

  Exchange oldest() {
    return count == 0 ? null : open[first];
  }

  Exchange newest() {
    return count == 0 ? null : open[(first + count - 1) & (open.length - 1)];
  }

  /** False if too many are open. */
  boolean add(Exchange exchange) {
    if (count == open.length) {
      if (count == OPEN_MAX) {
        return false;
      }
      Exchange[] larger = new Exchange[count * 2];
      for (int i = 0; i < count; i++) {
        larger[i] = open[(first + i) & (count - 1)];
      }
      open = larger;
      first = 0;
    }
    open[(first + count) & (open.length - 1)] = exchange;
    count++;
    return true;
  }

  Exchange removeOldest() {
    Exchange exchange = open[first];
    open[first] = null;
    first = (first + 1) & (open.length - 1);
    count--;
    return exchange;
  }

  Exchange removeNewest() {
    int last = (first + count - 1) & (open.length - 1);
    Exchange exchange = open[last];
    open[last] = null;
    count--;
    return exchange;
  }
}

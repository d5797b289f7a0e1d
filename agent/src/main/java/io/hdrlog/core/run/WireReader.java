package io.hdrlog.core.run;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.merge.Correlator;
import io.hdrlog.core.merge.Plaintext;
import io.hdrlog.core.ring.WireReceiver;
import io.hdrlog.core.tap.WireChannel;
import io.hdrlog.core.wire.Closing;
import io.hdrlog.core.wire.WireExchanges;
import io.hdrlog.core.wire.WireSession;

/**
 * From plaintext to exchanges: gives each connection's bytes to its session, tells the connection
 * what it need not copy any more, and passes on what the session finds.
 */
final class WireReader implements WireReceiver, WireExchanges {
  private static final int POOLED_MAX = 256;
  private static final int POOLED_HEAD_BYTES_MAX = 8 * 1024;

  private final Counters counters;
  private final Exchange[] pool = new Exchange[POOLED_MAX];
  private final Exchange ends = new Exchange(0, 0);
  private int pooled;
  private Correlator correlator;
  private WireChannel current;

  WireReader(Counters counters) {
    this.counters = counters;
  }

  void to(Correlator receiver) {
    correlator = receiver;
  }

  /** A session, and how far its plaintext was seen in either direction. */
  private final class Watched implements Plaintext {
    private final WireChannel channel;
    private final WireSession session;
    private long received;
    private long sent;
    private long receiveUntil;
    private long sendUntil;
    private boolean unreadable;
    private long movedNs;

    Watched(WireChannel channel) {
      this.channel = channel;
      session = new WireSession(WireReader.this, counters, channel.fromStart());
    }

    @Override
    public void gone(boolean byUs, long ns) {
      if (movedNs - ns <= 0) {
        endOpen(channel, byUs ? Closing.CLOSED_BY_US : Closing.RESET_BY_PEER, ns);
      }
      // Else it is the next connection with these ends, of which the kernel has yet to tell.
    }
  }

  @Override
  public void moved(
      WireChannel channel,
      boolean sent,
      long position,
      byte[] bytes,
      int length,
      long wireStart,
      long wireEnd,
      long ns) {
    current = channel;
    if (channel.session() == null && channel.forgotten()) {
      // Closed meanwhile by another thread than the one that moved it.
      return;
    }
    Watched watched = watched(channel);
    watched.movedNs = ns;
    if (sent) {
      long unseen = position - watched.sent;
      if (unseen > 0) {
        watched.session.sentGap(unseen, Math.max(0, wireStart - unseen), wireStart, ns);
      }
      watched.session.sent(bytes, 0, length, wireStart, wireEnd, ns);
      watched.sent = position + length;
    } else {
      long unseen = position - watched.received;
      if (unseen > 0) {
        watched.session.receivedGap(unseen, Math.max(0, wireStart - unseen), wireStart, ns);
      }
      watched.session.received(bytes, 0, length, wireStart, wireEnd, ns);
      watched.received = position + length;
    }
    tell(channel, watched);
    if (!watched.unreadable && watched.session.isOver()) {
      watched.unreadable = true;
      correlator.unreadable(endsOf(channel));
    }
  }

  private Watched watched(WireChannel channel) {
    if (channel.session() instanceof Watched known) {
      return known;
    }
    Watched watched = new Watched(channel);
    channel.session(watched);
    correlator.watched(endsOf(channel), watched);
    return watched;
  }

  private Exchange endsOf(WireChannel channel) {
    ends.clear();
    channel.copyEndsTo(ends);
    return ends;
  }

  private static void tell(WireChannel channel, Watched watched) {
    long receiveUntil = until(watched.received, watched.session.receiveSkip());
    if (receiveUntil != watched.receiveUntil) {
      watched.receiveUntil = receiveUntil;
      channel.skip(false, receiveUntil);
    }
    long sendUntil = until(watched.sent, watched.session.sendSkip());
    if (sendUntil != watched.sendUntil) {
      watched.sendUntil = sendUntil;
      channel.skip(true, sendUntil);
    }
  }

  private static long until(long seen, long skip) {
    return skip >= WireChannel.NEVER - seen ? WireChannel.NEVER : seen + skip;
  }

  @Override
  public void closed(WireChannel channel, long ns) {
    end(channel, closing(channel), ns);
    channel.forget();
  }

  private void end(WireChannel channel, Closing how, long ns) {
    if (channel.session() instanceof Watched watched) {
      WireChannel before = current;
      current = channel;
      watched.session.closed(how, ns);
      current = before;
      channel.session(null);
      correlator.unwatched(endsOf(channel), watched);
    }
  }

  /**
   * Ends what is open on a connection that is not closed in the JVM. Should it be closed there in
   * the end, nothing is left to tell.
   */
  private void endOpen(WireChannel channel, Closing how, long ns) {
    if (channel.session() instanceof Watched watched && watched.session.hasOpen()) {
      end(channel, how, ns);
      channel.forget();
    }
  }

  /** The JVM ends, and with it the connection. */
  void ended(WireChannel channel, long ns) {
    boolean failed = channel.hasFailed();
    Closing how = failed ? Closing.RESET_BY_PEER : Closing.CLOSED_BY_US;
    // A client that has sent all may wait for an answer with its own direction ended.
    endOpen(channel, channel.hasEnded() && !failed ? Closing.UNKNOWN : how, ns);
  }

  private static Closing closing(WireChannel channel) {
    if (channel.failed) {
      return Closing.RESET_BY_PEER;
    }
    return channel.ended ? Closing.END : Closing.CLOSED_BY_US;
  }

  @Override
  public Exchange claim() {
    Exchange exchange = pooled > 0 ? pool[--pooled] : new Exchange();
    exchange.clear();
    return exchange;
  }

  @Override
  public void abandon(Exchange exchange) {
    exchange.clearReferences();
    if (pooled < POOLED_MAX
        && exchange.requestHead.length <= POOLED_HEAD_BYTES_MAX
        && exchange.responseHead.length <= POOLED_HEAD_BYTES_MAX) {
      pool[pooled++] = exchange;
    }
  }

  @Override
  public void finished(Exchange exchange) {
    current.copyEndsTo(exchange);
    if (!current.fromStart()) {
      unplace(exchange);
    }
    if (exchange.addressed && correlator.isClaimed(exchange)) {
      current.forget();
    } else {
      Exchange copy = correlator.claim();
      copy.copyFrom(exchange);
      correlator.accept(copy);
    }
    abandon(exchange);
  }

  /** What was counted from somewhere in the middle is not where the kernel saw it. */
  private static void unplace(Exchange exchange) {
    exchange.forgetPositions();
    // The socket is told of after the kernel has it: by time, the response begins before that.
    exchange.responseNs = exchange.headNs;
  }
}

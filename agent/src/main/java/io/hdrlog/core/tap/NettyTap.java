package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.lang.reflect.Method;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import javax.net.ssl.SSLEngine;

/** What Netty's HTTP/1.1 server codec tells, made into exchanges. */
final class NettyTap {
  /** Channels with HTTP known at a time. */
  static final int CHANNELS_MAX = 65_536;

  private static final String NO_RESPONSE = "no_response";
  private static final int REQUEST_TIMEOUT = 408;

  private final Publisher publisher;
  private final Counters counters;
  private final RequestIds ids;
  private final boolean tls;
  private final ExchangePool pool = new ExchangePool();

  /** Channels that had a request and are not closed. */
  private final Set<NettyChannel> channels = ConcurrentHashMap.newKeySet();

  /** Whether a channel's first decoded bytes are its first bytes, as far as can be known. */
  private volatile boolean countFromFirstDecode = true;

  NettyTap(Publisher publisher, Counters counters, RequestIds ids, boolean tls) {
    this.publisher = publisher;
    this.counters = counters;
    this.ids = ids;
    this.tls = tls;
  }

  /** Channels may be older than the agent, or others may consume bytes unseen. */
  void distrustFirstDecode() {
    countFromFirstDecode = false;
  }

  NettyChannel open(SocketAddress remote, SocketAddress local) {
    NettyChannel c = new NettyChannel();
    // Not seen from its first read on.
    c.counted = false;
    known(c, remote, local);
    return c;
  }

  NettyChannel accepted() {
    NettyChannel c = new NettyChannel();
    c.counted = true;
    return c;
  }

  /** A channel that is seen from its first read on. */
  NettyChannel first() {
    return countFromFirstDecode ? accepted() : null;
  }

  static void known(NettyChannel c, SocketAddress remote, SocketAddress local) {
    c.ends.sockets(remote, local);
    c.known = true;
  }

  /** Handlers between the socket and the codec: TLS is told by its class's name. */
  void before(NettyChannel c, Object handler) {
    String name = handler.getClass().getName();
    if (name.endsWith(".SslHandler")) {
      c.counted = false;
      c.ends.secure();
      if (tls) {
        session(c, handler);
      }
    } else if (!passesOn(name) && WRITES.get(handler.getClass())) {
      c.counted = false;
    }
  }

  /**
   * Those that write and leave the bytes as they are: by their packages, and what only looks on.
   */
  private static boolean passesOn(String handler) {
    // Whoever carries Netty along puts something before its name.
    String own = handler.substring(Math.max(0, handler.indexOf("io.netty.")));
    return own.startsWith("io.netty.channel.DefaultChannelPipeline")
        || own.startsWith("io.netty.handler.timeout.")
        || own.endsWith("LoggingHandler")
        || own.startsWith("io.netty.handler.traffic.")
        || own.startsWith("io.netty.handler.flush.")
        || own.startsWith("io.netty.handler.flow.");
  }

  /**
   * Whether handlers of a class have a say in what is written: others may sit in front of the codec
   * and not change the count of what is sent. What is received is counted, see {@link #check}.
   */
  private static final ClassValue<Boolean> WRITES =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> handler) {
          try {
            for (Method method : handler.getMethods()) {
              if (method.getName().equals("write") && method.getParameterCount() == 3) {
                String owner = method.getDeclaringClass().getName();
                return !owner.endsWith("netty.channel.ChannelOutboundHandlerAdapter")
                    && !owner.endsWith("netty.channel.ChannelDuplexHandler");
              }
            }
            return false;
          } catch (LinkageError e) {
            // Some method of it names a class that is not there.
            return true;
          }
        }
      };

  private static void session(NettyChannel c, Object sslHandler) {
    try {
      Method engine = sslHandler.getClass().getMethod("engine");
      c.ends.tls(((SSLEngine) engine.invoke(sslHandler)).getSession());
    } catch (ReflectiveOperationException | ClassCastException e) {
      // The handler is told as secure; the details stay unknown.
      c.ends.secure();
    }
  }

  int decoding(NettyChannel c, int consumed, int left, boolean message) {
    if (!c.checked) {
      check(c, consumed, left);
    }
    if (!c.inHead || c.broken || c.upgraded || c.closed) {
      return 0;
    }
    int wanted = message ? consumed : consumed + left;
    if (wanted == 0) {
      return 0;
    }
    if (!c.receiving && !begin(c)) {
      return 0;
    }
    Exchange x = c.newest();
    int room = Exchange.roomFor(x.requestHeadLength, wanted);
    x.requestHeadCut |= room < consumed;
    x.requestHead = Exchange.ensure(x.requestHead, x.requestHeadLength + room);
    return room;
  }

  /**
   * What the decoder first sees must be all that came: where somebody in front of it took bytes, a
   * PROXY header or a first look at the protocol, and is gone again, positions are not known.
   */
  private static void check(NettyChannel c, int consumed, int left) {
    c.checked = true;
    if (consumed + left != c.arrived) {
      c.counted = false;
    }
  }

  private boolean begin(NettyChannel c) {
    if (c.skipped > 0) {
      return false;
    }
    Exchange x = pool.take();
    if (!c.add(x)) {
      pool.give(x);
      return false;
    }
    if (!c.remembered) {
      remember(c);
    }
    c.receiving = true;
    c.tentative = 0;
    c.requestId = null;
    x.clear();
    x.entry = Exchange.Entry.NETTY;
    x.sources = Exchange.FROM_JVM;
    x.seenNs = System.nanoTime();
    x.idRandom = ThreadLocalRandom.current().nextLong();
    x.rxStart = c.received;
    x.requestBodyBytes = 0;
    long number = ++c.requests;
    x.connectionRequest = c.counted || c.ends.isSecure() ? number : 0;
    c.ends.copyTo(x);
    return true;
  }

  private void remember(NettyChannel c) {
    c.remembered = true;
    if (channels.size() < CHANNELS_MAX) {
      channels.add(c);
    } else {
      counters.lost(LossReason.TABLE_FULL);
    }
  }

  void decoded(
      NettyChannel c,
      int consumed,
      int copied,
      boolean message,
      boolean last,
      long content,
      Throwable failure) {
    c.received += consumed;
    if (c.broken || c.upgraded || c.closed) {
      return;
    }
    if (!c.receiving) {
      skip(c, message, last, failure);
      return;
    }
    Exchange x = c.newest();
    if (c.inHead) {
      stage(c, x, consumed, copied);
      if (x.requestHeadLength + c.tentative == 0) {
        discard(c);
        return;
      }
    }
    if (message) {
      x.headNs = x.seenNs == Timing.ABSENT ? Timing.ABSENT : System.nanoTime();
      if (failure == null) {
        x.rxHeadEnd = c.received;
        x.enterNs = x.headNs;
        c.inHead = false;
      }
    }
    x.requestBodyBytes += content;
    if (failure != null) {
      refuse(c, x, message, failure);
    } else if (last) {
      received(c, x);
    }
  }

  /** It was no request, only empty lines in front of one, and has no number. */
  private void discard(NettyChannel c) {
    c.requests--;
    pool.give(c.removeNewest());
    c.receiving = false;
  }

  /** Requests beyond the limit are only counted, so that responses still find their requests. */
  private void skip(NettyChannel c, boolean message, boolean last, Throwable failure) {
    if (message) {
      c.inHead = false;
      c.skipped++;
      c.requests++;
      counters.lost(LossReason.TABLE_FULL);
    }
    if (failure != null) {
      c.broken = true;
    }
    if (last || failure != null) {
      c.inHead = true;
    }
  }

  private static void stage(NettyChannel c, Exchange x, int consumed, int copied) {
    int offset = x.requestHeadLength;
    int skipped = 0;
    if (offset == 0) {
      skipped = Heads.leadingLineEnds(x.requestHead, 0, copied);
      if (skipped > 0) {
        System.arraycopy(x.requestHead, skipped, x.requestHead, 0, copied - skipped);
        x.rxStart += Math.min(skipped, consumed);
      }
    }
    int kept = Math.max(0, Math.min(consumed, copied) - skipped);
    x.requestHeadLength = offset + kept;
    c.tentative = Math.max(0, copied - skipped - kept);
  }

  private void refuse(NettyChannel c, Exchange x, boolean inHead, Throwable failure) {
    c.broken = true;
    x.outcome = Outcome.REJECTED;
    x.errorType = Failures.type(failure);
    if (inHead) {
      x.requestHeadLength = Heads.blockLength(x.requestHead, x.requestHeadLength);
      x.requestBodyBytes = Exchange.UNKNOWN;
    }
    received(c, x);
  }

  private void received(NettyChannel c, Exchange x) {
    x.rxEnd = c.received;
    c.receiving = false;
    c.inHead = true;
    if (c.responded && c.openCount() == 1) {
      finish(c);
    }
  }

  int responding(NettyChannel c, int status, int length) {
    Exchange x = c.oldest();
    if (x == null || c.responded || c.closing) {
      return 0;
    }
    if (status >= 100 && status < 200 && status != 101) {
      x.addInformational(status);
      return 0;
    }
    if (x.responseHeadLength > 0) {
      return 0;
    }
    int room = Exchange.roomFor(0, length);
    x.responseHead = Exchange.ensure(x.responseHead, room);
    x.responseHeadLength = room;
    x.responseHeadCut = room < length;
    x.responseNs = System.nanoTime();
    x.responseBodyBytes = 0;
    x.txStart = c.sent;
    c.upgraded = status == 101;
    return room;
  }

  void encoded(NettyChannel c, long bytes, long content, boolean last) {
    if (c.closing) {
      // The channel takes no more, whatever is still written to it.
      return;
    }
    c.sent += bytes;
    Exchange x = c.oldest();
    if (x == null || c.responded || x.responseHeadLength == 0) {
      if (x == null && last && c.skipped > 0) {
        c.skipped--;
      }
      return;
    }
    x.responseBodyBytes += content;
    if (bytes > 0 && !c.counted) {
      // Without positions it is by time that its last bytes are found.
      x.handedOverNs = System.nanoTime();
    }
    if (!last && !c.upgraded) {
      return;
    }
    x.txEnd = c.sent;
    x.exitNs = x.enterNs == Timing.ABSENT ? Timing.ABSENT : System.nanoTime();
    c.responded = true;
    if (c.receiving
        && c.openCount() == 1
        && x.outcome == Outcome.COMPLETE
        && Heads.status(x.responseHead, 0, x.responseHeadLength) == REQUEST_TIMEOUT) {
      x.outcome = Outcome.TIMEOUT;
      x.errorType = c.failureType;
    }
    if (c.upgraded) {
      x.outcome = Outcome.UPGRADED;
      x.rxEnd = x.rxEnd == Exchange.UNKNOWN ? c.received : x.rxEnd;
      finish(c);
      abandon(c, Outcome.ERROR);
    } else if (c.openCount() > 1 || !c.receiving) {
      finish(c);
    }
  }

  private void finish(NettyChannel c) {
    c.responded = false;
    if (c.openCount() == 1) {
      c.receiving = false;
    }
    publish(c, c.removeOldest());
  }

  private void publish(NettyChannel c, Exchange x) {
    if (c.thrownType != null || c.thrownElsewhere != null) {
      blame(c, x);
    }
    x.endNs = x.exitNs == Timing.ABSENT ? System.nanoTime() : x.exitNs;
    if (!c.counted) {
      CoyoteTap.forgetPositions(x);
    }
    if (x.outcome == Outcome.REJECTED && x.rxHeadEnd == Exchange.UNKNOWN) {
      x.enterNs = Timing.ABSENT;
      x.exitNs = Timing.ABSENT;
    }
    publisher.publish(x);
    pool.give(x);
  }

  /** Told before handlers are, who may well close the channel because of it. */
  static void failed(NettyChannel c, Throwable failure) {
    if (c.failure == null && !c.closing) {
      c.failure =
          failure.getClass().getSimpleName().endsWith("ReadTimeoutException")
              ? Outcome.TIMEOUT
              : Failures.ofTransport(failure);
      c.failureType = Failures.type(failure);
    }
  }

  /** Told for each handler that the exception passes; the first time counts. */
  static void thrown(NettyChannel c, Throwable failure, boolean inLoop) {
    if (!inLoop) {
      if (c.thrownElsewhere == null) {
        c.thrownElsewhere = Failures.type(failure);
      }
    } else if (c.failureType == null && c.thrownIn == null && c.openCount() > 0) {
      // Requests are handled as they are decoded, pipelined ones too: the newest is the one.
      c.thrownIn = c.newest();
      c.thrownType = Failures.type(failure);
    }
  }

  /**
   * What a handler threw is the reason where an exchange ended badly: with an answer that says so,
   * or, as all do that are open when the channel is closed because of it, without a whole one.
   */
  private static void blame(NettyChannel c, Exchange x) {
    boolean answered = x.outcome == Outcome.COMPLETE || x.outcome == Outcome.UPGRADED;
    boolean own = c.thrownIn == x;
    String type = own || !answered ? c.thrownType : null;
    if (type == null) {
      type = c.thrownElsewhere;
    }
    boolean bad = !answered || Heads.status(x.responseHead, 0, x.responseHeadLength) >= 500;
    if (bad && x.errorType == null) {
      x.errorType = type;
    }
    if (answered) {
      c.thrownElsewhere = null;
      if (own) {
        c.thrownIn = null;
        c.thrownType = null;
      }
    }
  }

  void closed(NettyChannel c) {
    if (c.closed) {
      return;
    }
    Outcome outcome = Outcome.CLIENT_RESET;
    if (c.failure != null) {
      outcome = c.failure;
    } else if (c.closing) {
      outcome = Outcome.SERVER_RESET;
    }
    abandon(c, outcome);
    c.closed = true;
    if (c.remembered) {
      channels.remove(c);
    }
  }

  /** The JVM ends, nothing calls any more: that closes what is open. */
  void endOpen() {
    for (NettyChannel c : channels) {
      c.closing = true;
      closed(c);
    }
  }

  /** One record for each exchange that nothing more will happen to. */
  private void abandon(NettyChannel c, Outcome outcome) {
    while (c.openCount() > 0) {
      boolean newest = c.openCount() == 1;
      Exchange x = c.oldest();
      if (newest && c.receiving) {
        if (x.rxHeadEnd == Exchange.UNKNOWN) {
          x.requestHeadLength = Heads.blockLength(x.requestHead, x.requestHeadLength + c.tentative);
        }
        x.rxEnd = c.received + c.tentative;
      }
      if (!c.responded && x.outcome == Outcome.COMPLETE) {
        x.outcome = outcome;
        if (x.errorType == null && outcome == c.failure) {
          x.errorType = c.failureType;
        }
        blame(c, x);
        if (outcome == Outcome.SERVER_RESET && x.responseHeadLength == 0 && x.errorType == null) {
          x.errorType = NO_RESPONSE;
        }
        x.txEnd = x.responseHeadLength == 0 ? Exchange.UNKNOWN : c.sent;
      }
      c.receiving &= !newest;
      finish(c);
    }
    c.inHead = true;
    c.tentative = 0;
  }

  String requestId(NettyChannel c) {
    Exchange x = c.newest();
    if (x == null) {
      return null;
    }
    if (c.requestId == null) {
      c.requestId = ids.of(x);
    }
    return c.requestId;
  }

  String echoId(NettyChannel c) {
    Exchange x = c.oldest();
    if (x == null || c.responded) {
      return null;
    }
    return c.openCount() == 1 ? requestId(c) : ids.of(x);
  }

  boolean handle(NettyChannel c, ClassLoader application) {
    Exchange x = c.newest();
    Mdc mdc = x == null || c.mdc != null ? null : ids.mdc(application);
    if (mdc == null) {
      return false;
    }
    c.mdc = mdc;
    c.mdcBefore = ids.enter(mdc, requestId(c));
    return true;
  }

  void handled(NettyChannel c) {
    Mdc mdc = c.mdc;
    if (mdc != null) {
      c.mdc = null;
      ids.leave(mdc, c.mdcBefore);
    }
  }
}

package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.io.IOException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSession;

/** What Tomcat's connector tells, HTTP/1.1, made into exchanges. */
final class CoyoteTap {
  /** Connections known at a time; Tomcat's own limit is 8,192 unless it is raised. */
  static final int CONNECTIONS_MAX = 65_536;

  private static final String NO_RESPONSE = "no_response";

  private final Publisher publisher;
  private final Counters counters;
  private final RequestIds ids;
  private final boolean tls;
  private final RouteNames routes = new RouteNames();

  // Keyed by Tomcat's socket wrapper, which has no equals of its own.
  private final ConcurrentHashMap<Object, CoyoteConnection> connections =
      new ConcurrentHashMap<>(1024);

  /** Closed while a handler was still busy with a request; in the order in which they were. */
  private final ConcurrentLinkedQueue<CoyoteState> abandoned = new ConcurrentLinkedQueue<>();

  private final AtomicInteger abandonedCount = new AtomicInteger();

  CoyoteTap(Publisher publisher, Counters counters, RequestIds ids, boolean tls) {
    this.publisher = publisher;
    this.counters = counters;
    this.ids = ids;
    this.tls = tls;
  }

  int connections() {
    return connections.size();
  }

  void accepted(Object wrapper) {
    remember(wrapper, new CoyoteConnection(true));
  }

  void closed(Object wrapper) {
    CoyoteConnection connection = connections.remove(wrapper);
    CoyoteState s = connection == null ? null : connection.state;
    if (s != null && s.open) {
      abandon(s);
    }
  }

  /** A handler that never comes back would leave no trace of its request: {@link #endOpen}. */
  private void abandon(CoyoteState s) {
    // Nearly all have come to their end by the time that the next one is closed.
    CoyoteState first = abandoned.peek();
    while (first != null && !first.open) {
      if (abandoned.remove(first)) {
        abandonedCount.decrementAndGet();
      }
      first = abandoned.peek();
    }
    if (abandonedCount.incrementAndGet() <= CONNECTIONS_MAX) {
      abandoned.add(s);
    } else {
      abandonedCount.decrementAndGet();
      counters.lost(LossReason.TABLE_FULL);
    }
  }

  /**
   * The JVM ends, nothing calls any more: what is open has been cut off. Where a part of a response
   * has gone it is not told how much of it, nor whether that was all.
   */
  void endOpen() {
    for (CoyoteConnection connection : connections.values()) {
      endOpen(connection.state);
    }
    for (CoyoteState s : abandoned) {
      endOpen(s);
    }
  }

  private void endOpen(CoyoteState s) {
    if (s == null || !s.open) {
      return;
    }
    s.open = false;
    Exchange x = s.exchange;
    x.endNs = System.nanoTime();
    if (x.rxHeadEnd == Exchange.UNKNOWN) {
      x.requestHeadLength = Heads.blockLength(x.requestHead, x.requestHeadLength);
    }
    x.outcome = outcome(s, x);
    if (x.outcome == Outcome.COMPLETE) {
      x.outcome = Outcome.SERVER_RESET;
    }
    if (s.connection == null || !s.connection.counted()) {
      x.forgetPositions();
    }
    publisher.publish(x);
  }

  private void remember(Object wrapper, CoyoteConnection connection) {
    // mappingCount() walks striped cells; at this size it costs nothing against an accept().
    if (connections.mappingCount() < CONNECTIONS_MAX) {
      connections.put(wrapper, connection);
    } else {
      counters.lost(LossReason.TABLE_FULL);
    }
  }

  boolean attach(CoyoteState s, Object wrapper) {
    CoyoteConnection connection = s.connection;
    if (connection == null) {
      connection = connections.get(wrapper);
      if (connection == null) {
        // Opened before the agent came. Its positions stay unknown.
        connection = new CoyoteConnection(false);
        remember(wrapper, connection);
      }
      s.connection = connection;
    }
    if (connection.state != s) {
      connection.state = s;
    }
    return !connection.known;
  }

  void opened(CoyoteState s, Object channel, SSLSession session) {
    CoyoteConnection connection = s.connection;
    if (connection == null) {
      return;
    }
    connection.known = true;
    try {
      connection.ends.channel(channel);
    } catch (IOException e) {
      // Closed already; the exchange is written without its ends.
      connection.known = true;
    }
    if (session != null) {
      connection.ends.tls(tls ? session : null);
    }
  }

  void filled(CoyoteState s, byte[] bytes, int offset, int length, boolean inHead) {
    CoyoteConnection connection = s.connection;
    if (connection == null) {
      return;
    }
    connection.received += length;
    connection.filledNs = System.nanoTime();
    if (inHead && !s.upgraded) {
      stage(s, connection, bytes, offset, length);
    }
  }

  void next(CoyoteState s, byte[] bytes, int offset, int length) {
    CoyoteConnection connection = s.connection;
    if (connection != null && !connection.closing && !s.upgraded) {
      stage(s, connection, bytes, offset, length);
    }
  }

  /** Copies the newest {@code length} bytes before the parser changes them in place. */
  private static void stage(
      CoyoteState s, CoyoteConnection connection, byte[] bytes, int offset, int length) {
    int skip = 0;
    if (!s.open) {
      skip = Heads.leadingLineEnds(bytes, offset, length);
      if (skip == length) {
        return;
      }
      begin(s, connection, offset + skip, connection.received - length + skip);
    }
    s.exchange.appendRequestHead(bytes, offset + skip, length - skip);
  }

  private static void begin(
      CoyoteState s, CoyoteConnection connection, int stageStart, long position) {
    s.begin();
    s.stageStart = stageStart;
    Exchange x = s.exchange;
    x.entry = Exchange.Entry.TOMCAT;
    x.sources = Exchange.FROM_JVM;
    x.seenNs = connection.filledNs;
    x.idRandom = ThreadLocalRandom.current().nextLong();
    x.rxStart = position;
    long number = ++connection.requests;
    x.connectionRequest = connection.fromStart ? number : 0;
    connection.ends.copyTo(x);
  }

  void head(CoyoteState s, int position) {
    if (!s.open) {
      return;
    }
    Exchange x = s.exchange;
    int length = position - s.stageStart;
    x.requestHeadLength = Math.min(x.requestHeadLength, length);
    x.rxHeadEnd = x.rxStart + length;
    x.headNs = s.connection.filledNs;
  }

  void enter(CoyoteState s) {
    if (s.open && !s.rejected) {
      s.entered = true;
      s.exchange.enterNs = System.nanoTime();
    }
  }

  void mapped(CoyoteState s, boolean refused, ClassLoader application) {
    if (!s.open) {
      return;
    }
    if (refused) {
      s.rejected = true;
      s.exchange.enterNs = Timing.ABSENT;
    } else if (application != null) {
      putMdc(s, application);
    }
  }

  void resume(CoyoteState s) {
    if (s.open && s.mdc != null) {
      s.mdcBefore = ids.enter(s.mdc, requestId(s));
      s.mdcEntered = true;
    }
  }

  private void putMdc(CoyoteState s, ClassLoader application) {
    Mdc mdc = ids.mdc(application);
    if (mdc != null) {
      s.mdc = mdc;
      s.mdcBefore = ids.enter(mdc, requestId(s));
      s.mdcEntered = true;
    }
  }

  void leave(CoyoteState s) {
    if (s.mdcEntered) {
      s.mdcEntered = false;
      ids.leave(s.mdc, s.mdcBefore);
      s.mdcBefore = null;
    }
    if (s.open && s.exchange.exitNs == Timing.ABSENT && s.exchange.enterNs != Timing.ABSENT) {
      s.leftNs = System.nanoTime();
    }
  }

  static void asyncComplete(CoyoteState s) {
    if (s.open) {
      s.completedNs = System.nanoTime();
    }
  }

  /**
   * The handler of an asynchronous request is done when complete() was called, not when noticed.
   * The first call counts: an error page or report has left with it, and Tomcat finishes every
   * response once more when it leaves the last valve.
   */
  static void exit(CoyoteState s, Throwable failure) {
    Exchange x = s.exchange;
    if (!s.open) {
      return;
    }
    if (failure != null && x.errorType == null) {
      x.errorType = Failures.type(Failures.cause(failure));
    }
    if (x.enterNs != Timing.ABSENT && x.exitNs == Timing.ABSENT) {
      x.exitNs = doneNs(s);
    }
  }

  private static long doneNs(CoyoteState s) {
    return s.completedNs != Timing.ABSENT && s.leftNs != Timing.ABSENT
        ? Math.max(s.completedNs, s.leftNs)
        : System.nanoTime();
  }

  /** The first one counts: what handles the request after that is an error page. */
  void route(CoyoteState s, String context, String pattern) {
    if (s.open && s.exchange.route == null) {
      s.exchange.route = routes.of(context, pattern);
    }
  }

  void route(CoyoteState s, String context, String path, boolean extension) {
    if (s.open && s.exchange.route == null) {
      s.exchange.route = routes.of(context, path, extension);
    }
  }

  void response(CoyoteState s, byte[] bytes, int offset, int length) {
    CoyoteConnection connection = s.connection;
    if (connection == null) {
      return;
    }
    long start = connection.sent;
    connection.sent = start + length;
    if (!s.open) {
      return;
    }
    Exchange x = s.exchange;
    int status = Heads.status(bytes, offset, length);
    if (status >= 100 && status < 200 && status != 101) {
      x.addInformational(status);
      return;
    }
    if (x.responseHeadLength > 0) {
      return;
    }
    x.appendResponseHead(bytes, offset, length);
    x.txStart = start;
    x.responseNs = System.nanoTime();
    s.upgraded = status == 101;
  }

  static void ack(CoyoteState s, int length) {
    if (s.connection != null) {
      s.connection.sent += length;
    }
    if (s.open) {
      s.exchange.addInformational(100);
    }
  }

  static void sendfile(CoyoteState s, long length) {
    if (s.open) {
      s.sendfile = length;
    }
  }

  static void error(CoyoteState s, boolean ioAllowed, Throwable failure) {
    if (!s.open) {
      return;
    }
    if (s.connection != null) {
      s.connection.closing = true;
    }
    Exchange x = s.exchange;
    Outcome transport = Failures.ofTransport(failure);
    if (transport != null) {
      if (s.failure == null) {
        s.failure = transport;
        x.errorType = Failures.type(failure);
      }
      return;
    }
    if (!s.entered) {
      s.rejected = true;
    } else if (!ioAllowed && s.failure == null) {
      s.failure = Outcome.ERROR;
    }
    if (x.errorType == null && failure != null) {
      x.errorType = Failures.type(Failures.cause(failure));
    }
  }

  void end(CoyoteState s, int unread, long contentRead, long contentWritten, long bytesWritten) {
    CoyoteConnection connection = s.connection;
    if (!s.open || connection == null) {
      return;
    }
    s.open = false;
    Exchange x = s.exchange;
    long body = bytesWritten + s.sendfile;
    x.rxEnd = connection.received - unread;
    if (body > 0 && x.responseHeadLength == 0) {
      // HTTP/0.9: a request line, and a response that is nothing but its body.
      s.headless = true;
      x.txStart = connection.sent;
      x.rxHeadEnd = x.rxEnd;
      x.headNs = connection.filledNs;
      x.responseBodyBytes = body;
    }
    connection.sent += body;
    x.txEnd = connection.sent;
    x.endNs = System.nanoTime();
    if (x.enterNs != Timing.ABSENT && x.exitNs == Timing.ABSENT) {
      // Asynchronous, and the connection broken: nobody finishes the response then.
      x.exitNs = doneNs(s);
    }
    if (x.rxHeadEnd == Exchange.UNKNOWN) {
      // Never parsed to its end, so a body may stand behind it, and bodies are never kept.
      x.requestHeadLength = Heads.blockLength(x.requestHead, x.requestHeadLength);
    } else {
      x.requestBodyBytes = requestBody(x, contentRead);
    }
    if (x.responseHeadLength > 0) {
      x.responseBodyBytes = s.sendfile > 0 ? s.sendfile : responseBody(contentWritten, body);
    }
    x.outcome = outcome(s, x);
    if (!connection.counted()) {
      forgetPositions(x);
    } else if (x.txStart == Exchange.UNKNOWN) {
      x.txEnd = Exchange.UNKNOWN;
    }
    publisher.publish(x);
  }

  /** Counts of plaintext, or from somewhere in the middle, are no positions; sizes they are. */
  static void forgetPositions(Exchange x) {
    if (x.outcome == Outcome.COMPLETE) {
      x.requestBytes = size(x.rxStart, x.rxEnd);
      x.responseBytes = size(x.txStart, x.txEnd);
    }
    x.forgetPositions();
  }

  private static long size(long start, long end) {
    return start == Exchange.UNKNOWN || end == Exchange.UNKNOWN ? Exchange.UNKNOWN : end - start;
  }

  private static Outcome outcome(CoyoteState s, Exchange x) {
    if (s.rejected) {
      x.enterNs = Timing.ABSENT;
      x.exitNs = Timing.ABSENT;
      return Outcome.REJECTED;
    }
    if (s.failure != null) {
      return s.failure;
    }
    if (s.upgraded) {
      return Outcome.UPGRADED;
    }
    if (x.responseHeadLength == 0 && !s.headless) {
      x.errorType = NO_RESPONSE;
      return Outcome.SERVER_RESET;
    }
    if (s.asyncTimedOut
        && x.errorType == null
        && Heads.status(x.responseHead, 0, x.responseHeadLength) >= 500) {
      x.errorType = Failures.ASYNC_TIMEOUT;
    }
    return Outcome.COMPLETE;
  }

  /** What the application read, or where it did not read it all, what went over the wire. */
  private static long requestBody(Exchange x, long contentRead) {
    long wire = x.rxEnd - x.rxHeadEnd;
    if (wire == contentRead) {
      return wire;
    }
    if (!Heads.hasTransferEncoding(x.requestHead, x.requestHeadLength)) {
      return wire;
    }
    return contentRead > 0 ? contentRead : Exchange.UNKNOWN;
  }

  /**
   * The bytes on the wire are the content, or the content in chunks, or, fewer than the application
   * wrote, the content compressed: then the chunks' share is not known.
   */
  private static long responseBody(long contentWritten, long body) {
    if (body == 0) {
      return 0;
    }
    return body >= contentWritten ? contentWritten : Exchange.UNKNOWN;
  }

  static void discard(CoyoteState s) {
    if (s.rejected) {
      return;
    }
    if (s.open && s.connection != null) {
      s.connection.requests--;
    }
    s.open = false;
  }

  static void detach(CoyoteState s) {
    if (s.connection != null) {
      s.connection.state = null;
    }
    s.connection = null;
    s.upgraded = false;
    s.mdc = null;
    s.mdcBefore = null;
  }

  String requestId(CoyoteState s) {
    if (!s.open) {
      return null;
    }
    if (s.requestId == null) {
      s.requestId = ids.of(s.exchange);
    }
    return s.requestId;
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.WholeLines;
import java.util.Arrays;

/** The send side of HTTP/1: each response belongs to the oldest request without one. */
final class Http1Responses {
  private enum State {
    /** Bytes were missed: the next chunk that begins with a status line. */
    SEARCH,
    BETWEEN,
    /** In the letters that every response begins with. */
    PREFIX,
    HEAD,
    BODY,
    /** In a body where there may be none: the answer to HEAD, 204, 304. */
    SURPLUS,
    OVER
  }

  private static final byte[] PREFIX = Ascii.bytes("HTTP/");

  private final Http1Connection connection;
  private final HeadLines lines = new HeadLines();
  private final Framing framing = new Framing();
  private final Body body = new Body(false);
  private State state;
  private PendingRequest current;
  private PendingRequest orphan;
  private int prefixLength;
  private int lineLength;
  private long bytes;

  /** So many bytes may follow a response that has no body, for its head spoke of one. */
  private long surplus;

  /** Position behind the last byte of the response so far. */
  private long end;

  Http1Responses(Http1Connection connection, boolean fromStart) {
    this.connection = connection;
    state = fromStart ? State.BETWEEN : State.SEARCH;
  }

  /** Reads on; returns with bytes left only where HTTP/2 begins. */
  void send(Chunk c) {
    while (!c.isEmpty() && !connection.isDead()) {
      switch (state) {
        case SEARCH -> search(c);
        case BETWEEN -> {
          if (connection.isHttp2()) {
            return;
          }
          between(c);
        }
        case PREFIX -> prefix(c);
        case HEAD -> head(c);
        case BODY -> body(c);
        case SURPLUS -> surplus(c);
        case OVER -> c.drop();
      }
    }
  }

  /** True if what comes next on this side is HTTP/2. */
  boolean switchesToHttp2() {
    return state == State.BETWEEN && connection.isHttp2();
  }

  private void search(Chunk c) {
    boolean atStart = c.at == c.start;
    if (atStart
        && !connection.pending().isEmpty()
        && Ascii.startsWithIgnoreCase(c.bytes, c.at, c.limit, LOWER_PREFIX)) {
      state = State.BETWEEN;
    } else {
      c.drop();
    }
  }

  private static final byte[] LOWER_PREFIX = Ascii.bytes("http/");

  private void between(Chunk c) {
    boolean zeroNine = !connection.pending().isEmpty() && connection.pending().oldest().zeroNine;
    byte first = c.bytes[c.at];
    if (!zeroNine && (first == '\r' || first == '\n')) {
      // Between responses some servers write one line end too many.
      c.at++;
      surplus = Math.max(0, surplus - 1);
      return;
    }
    if (first == 0 && connection.mayBeHttp2()) {
      // A frame of SETTINGS begins with the high byte of its length.
      connection.http2();
      return;
    }
    if (connection.pending().isEmpty() || connection.pending().oldest().responseDone) {
      orphan = connection.orphan(orphan);
      current = orphan;
    } else {
      current = connection.pending().oldest();
    }
    current.exchange.txStart = c.before(c.at);
    current.exchange.responseNs = c.ns;
    prefixLength = 0;
    bytes = 0;
    state = State.PREFIX;
  }

  private void prefix(Chunk c) {
    while (!c.isEmpty() && prefixLength < PREFIX.length) {
      if (c.bytes[c.at] != PREFIX[prefixLength]) {
        if (surplus > 0 && prefixLength <= surplus) {
          beginSurplus();
        } else {
          notHttp();
        }
        return;
      }
      c.at++;
      prefixLength++;
    }
    end = c.after(c.at);
    if (prefixLength == PREFIX.length) {
      connection.recognised();
      surplus = 0;
      if (current.preface) {
        connection.refusePreface();
      }
      current.responseStarted = true;
      current.exchange.appendResponseHead(PREFIX, 0, PREFIX.length);
      bytes = PREFIX.length;
      lines.begin(true);
      state = State.HEAD;
    }
  }

  /** No response begins like that: it is the body of one that was to have none. */
  private void beginSurplus() {
    forgetHead(current.exchange);
    if (current.orphan) {
      connection.abandonOrphan(current);
    }
    passSurplus(prefixLength);
  }

  private void surplus(Chunk c) {
    if (c.at == c.start && beginsResponse(c)) {
      // Less of a body came than the head had promised.
      passSurplus(surplus);
      return;
    }
    int n = (int) Math.min(surplus, c.limit - c.at);
    c.at += n;
    passSurplus(n);
  }

  private static boolean beginsResponse(Chunk c) {
    return c.limit - c.at >= PREFIX.length
        && Arrays.equals(c.bytes, c.at, c.at + PREFIX.length, PREFIX, 0, PREFIX.length);
  }

  private void passSurplus(long n) {
    surplus -= n;
    state = surplus > 0 ? State.SURPLUS : State.BETWEEN;
  }

  private void notHttp() {
    if (!current.zeroNine) {
      state = State.OVER;
      if (current.orphan) {
        connection.abandonOrphan(current);
      }
      connection.unreadableResponse();
      return;
    }
    // HTTP/0.9: what comes is the body, to the end of the connection.
    current.responseStarted = true;
    current.answered = true;
    bytes = prefixLength;
    body.untilClose();
    body.skip(prefixLength);
    state = State.BODY;
  }

  private void head(Chunk c) {
    Exchange x = current.exchange;
    int from = c.at;
    boolean inFirstLine = lines.inFirstLine();
    int to = lines.scan(c.bytes, from, c.limit);
    int kept = Exchange.roomFor(x.responseHeadLength, to - from);
    x.appendResponseHead(c.bytes, from, to - from);
    if (x.responseHeadCut && !inFirstLine) {
      framing.tail(x.responseHead, x.responseHeadLength, c.bytes, from + kept, to);
    }
    bytes += to - from;
    c.at = to;
    end = c.after(to);
    if (inFirstLine) {
      if (!lines.inFirstLine()) {
        lineLength = x.responseHeadLength;
        framing.begin();
      }
    } else if (lines.ended()) {
      headEnd(c);
    }
  }

  private void headEnd(Chunk c) {
    Exchange x = current.exchange;
    int status = status(x.responseHead, x.responseHeadLength);
    if (status >= 100 && status < 200 && status != 101) {
      informational(x, status);
      return;
    }
    framing.read(x.responseHead, lineLength, x.responseHeadLength);
    if (status == 101 && current.offersH2c && framing.offersH2c()) {
      // The same request is answered again, as stream 1 of HTTP/2 (RFC 7540, 3.2).
      forgetHead(x);
      x.addInformational(status);
      state = State.BETWEEN;
      connection.upgraded(current);
      return;
    }
    current.status = status;
    current.answered = true;
    boolean tunnel = status == 101 || (current.connect && status >= 200 && status < 300);
    if (tunnel) {
      body.none();
      done(c.after(c.at), c.ns);
      state = State.OVER;
      if (current.orphan) {
        connection.requests().tunnel();
        connection.abandonOrphan(current);
      } else {
        connection.tunnel(current);
      }
      return;
    }
    if (current.connect) {
      connection.requests().refused();
    }
    begin(status);
    if (body.done()) {
      bodyEnd(c.after(c.at), c.ns);
    } else {
      state = State.BODY;
    }
  }

  /** RFC 9112, 6.3. */
  private void begin(int status) {
    if (current.head || status == 204 || status == 304) {
      body.none();
      // Some servers send what they only were to announce.
      surplus = framing.contentLengthBad() ? 0 : Math.max(0, framing.contentLength());
    } else if (framing.transferCoded()) {
      if (framing.chunkedLast()) {
        body.chunked();
      } else {
        body.untilClose();
      }
    } else if (framing.contentLength() != Framing.NO_LENGTH && !framing.contentLengthBad()) {
      body.length(framing.contentLength());
    } else {
      body.untilClose();
    }
  }

  private void informational(Exchange x, int status) {
    x.addInformational(status);
    forgetHead(x);
    if (current.orphan) {
      connection.abandonOrphan(current);
    }
    state = State.BETWEEN;
  }

  private void forgetHead(Exchange x) {
    x.responseHeadLength = 0;
    x.responseHeadCut = false;
    x.txStart = Exchange.UNKNOWN;
    x.responseNs = Timing.ABSENT;
    current.responseStarted = false;
  }

  /** The status, or 0: whatever it was, it was final. */
  private static int status(byte[] head, int length) {
    int at = PREFIX.length;
    while (at < length && !Ascii.isBlank(head[at]) && head[at] != '\n') {
      at++;
    }
    while (at < length && Ascii.isBlank(head[at])) {
      at++;
    }
    if (length - at < 3) {
      return 0;
    }
    int status = 0;
    for (int i = at; i < at + 3; i++) {
      if (!Ascii.isDigit(head[i])) {
        return 0;
      }
      status = status * 10 + head[i] - '0';
    }
    return status;
  }

  private void body(Chunk c) {
    int from = c.at;
    c.at = body.consume(c.bytes, from, c.limit, current.exchange);
    bytes += c.at - from;
    end = c.after(c.at);
    if (body.bad()) {
      // Neither where this response ends is known, nor where the next one begins.
      current.exchange.txEnd = end;
      current.exchange.responseBytes = bytes;
      if (current.orphan) {
        connection.abandonOrphan(current);
      }
      state = State.OVER;
      connection.unreadableResponse();
    } else if (body.done()) {
      bodyEnd(c.after(c.at), c.ns);
    }
  }

  private void bodyEnd(long last, long ns) {
    done(last, ns);
    state = State.BETWEEN;
    if (current.orphan) {
      connection.abandonOrphan(current);
    } else {
      connection.advance();
    }
  }

  private void done(long last, long ns) {
    Exchange x = current.exchange;
    x.txEnd = last;
    x.responseBytes = bytes;
    x.responseBodyBytes = body.bytes();
    current.responseEndNs = ns;
    current.responseDone = true;
  }

  /** A request was recognised after bytes were missed: its answer begins a chunk. */
  void resynchronise() {
    if (state == State.OVER || !connection.pending().isEmpty()) {
      return;
    }
    if (isReading() && current.orphan) {
      connection.abandonOrphan(current);
    }
    state = State.SEARCH;
  }

  private boolean isReading() {
    return state == State.PREFIX || state == State.HEAD || state == State.BODY;
  }

  void gap(long length, long wireEnd, long ns) {
    long missed = length;
    if (state == State.OVER || state == State.SEARCH) {
      if (state == State.SEARCH) {
        connection.loseAnswered();
      }
      return;
    }
    if (state == State.BODY) {
      long passed = Math.min(missed, body.skippable());
      body.skip(passed);
      bytes += passed;
      missed -= passed;
      end = wireEnd;
      if (body.done()) {
        bodyEnd(missed == 0 ? wireEnd : Exchange.UNKNOWN, ns);
      }
    }
    if (state == State.SURPLUS) {
      long passed = Math.min(missed, surplus);
      passSurplus(passed);
      missed -= passed;
    }
    if (missed > 0) {
      lost(ns);
    }
  }

  private void lost(long ns) {
    if (isReading() && current.orphan) {
      connection.abandonOrphan(current);
    } else if (state == State.BODY) {
      // The response is known; only where it ended is not.
      current.responseDone = true;
      current.responseEndNs = ns;
      connection.advance();
    }
    connection.loseAnswered();
    surplus = 0;
    state = State.SEARCH;
  }

  /** Ends what only the connection's end could end; the rest stays as far as it came. */
  void closed(Closing how, long ns) {
    if (!isReading()) {
      return;
    }
    if (current.orphan) {
      connection.abandonOrphan(current);
      return;
    }
    Exchange x = current.exchange;
    if (state == State.PREFIX) {
      // Fewer letters than any response has.
      forgetHead(x);
      return;
    }
    x.responseBytes = bytes;
    x.txEnd = end;
    if (state == State.BODY) {
      x.responseBodyBytes = body.bytes();
      x.responseTrailerLength = WholeLines.length(x.responseTrailer, x.responseTrailerLength);
      if (body.endsWithConnection() && how != Closing.RESET_BY_PEER) {
        current.responseDone = true;
        current.responseEndNs = ns;
      }
    } else {
      x.responseHeadLength = WholeLines.length(x.responseHead, x.responseHeadLength);
    }
  }

  long skip() {
    return switch (state) {
      // Of what is passed over the next response may begin at any time.
      case SEARCH, BETWEEN, PREFIX, HEAD, SURPLUS -> 0;
      case BODY -> body.skippable();
      case OVER -> Long.MAX_VALUE;
    };
  }
}

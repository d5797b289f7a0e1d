package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.WholeLines;

/** The receive side of HTTP/1: requests one behind the other (RFC 9112). */
final class Http1Requests {
  private enum State {
    /** Joined in the middle, or bytes were missed: the next chunk that begins like a request. */
    SEARCH,
    BETWEEN,
    HEAD,
    BODY,
    /** Behind the first half of HTTP/2's preface. */
    PREFACED,
    /** Behind the head of CONNECT: a tunnel if the answer is 2xx, else requests again. */
    CONNECTING,
    /** Nothing behind this can be a request. */
    OVER
  }

  /** So much that does not begin like HTTP, and no answer that is HTTP, is another protocol. */
  private static final int IMPLAUSIBLE_MAX = Exchange.HEAD_BYTES_MAX;

  private final Http1Connection connection;
  private final HeadLines lines = new HeadLines();
  private final Framing framing = new Framing();
  private final Body body = new Body(true);
  private State state;
  private PendingRequest current;
  private long bytes;
  private int lineLength;

  /** Position behind the last byte of the request so far. */
  private long end;

  Http1Requests(Http1Connection connection, boolean fromStart) {
    this.connection = connection;
    state = fromStart ? State.BETWEEN : State.SEARCH;
  }

  /** Reads on; returns with bytes left only where HTTP/2 begins. */
  void receive(Chunk c) {
    while (!c.isEmpty() && !connection.isDead()) {
      switch (state) {
        case SEARCH -> search(c);
        case PREFACED -> {
          return;
        }
        case BETWEEN -> {
          if (switchesToHttp2()) {
            return;
          }
          between(c);
        }
        case HEAD -> head(c);
        case BODY -> body(c);
        case CONNECTING, OVER -> c.drop();
      }
    }
  }

  /** True if what comes next on this side is HTTP/2. */
  boolean switchesToHttp2() {
    return state == State.PREFACED || (state == State.BETWEEN && connection.isHttp2());
  }

  /** True if half of HTTP/2's preface has been read as if it were a request. */
  boolean prefaced() {
    return state == State.PREFACED;
  }

  /** Empty lines in front of a request are skipped (RFC 9112, 2.2). */
  private static void skipEmptyLines(Chunk c) {
    while (!c.isEmpty() && (c.bytes[c.at] == '\r' || c.bytes[c.at] == '\n')) {
      c.at++;
    }
  }

  private void search(Chunk c) {
    boolean atStart = c.at == c.start;
    skipEmptyLines(c);
    if (atStart && RequestLine.isRecognisable(c.bytes, c.at, c.limit)) {
      state = State.BETWEEN;
      connection.responses().resynchronise();
    } else {
      c.drop();
    }
  }

  private void between(Chunk c) {
    skipEmptyLines(c);
    if (c.isEmpty()) {
      return;
    }
    current = connection.begin(c);
    if (current == null) {
      return;
    }
    current.plausible = Ascii.isAlphanumeric(c.bytes[c.at]);
    lines.begin(false);
    bytes = 0;
    state = State.HEAD;
  }

  private void head(Chunk c) {
    Exchange x = current.exchange;
    int from = c.at;
    boolean inFirstLine = lines.inFirstLine();
    int to = lines.scan(c.bytes, from, c.limit);
    int kept = Exchange.roomFor(x.requestHeadLength, to - from);
    x.appendRequestHead(c.bytes, from, to - from);
    if (x.requestHeadCut && !inFirstLine) {
      framing.tail(x.requestHead, x.requestHeadLength, c.bytes, from + kept, to);
    }
    bytes += to - from;
    c.at = to;
    end = c.after(to);
    if (inFirstLine) {
      if (lines.inFirstLine()) {
        if (!current.plausible && bytes > IMPLAUSIBLE_MAX) {
          connection.unreadableRequest();
        }
        return;
      }
      firstLine(c);
    } else if (lines.ended()) {
      headEnd(c);
    }
  }

  private void firstLine(Chunk c) {
    Exchange x = current.exchange;
    lineLength = x.requestHeadLength;
    framing.begin();
    // A line that was cut has lost its version, which nearly certainly was there.
    RequestLine.Kind kind =
        x.requestHeadCut
            ? RequestLine.Kind.HTTP_1
            : RequestLine.kind(x.requestHead, x.requestHeadLength);
    current.head = RequestLine.isHead(x.requestHead, x.requestHeadLength);
    current.connect = RequestLine.isConnect(x.requestHead, x.requestHeadLength);
    if (connection.isUnreadable() && kind != RequestLine.Kind.HTTP_1) {
      // Neither side speaks HTTP any more.
      connection.unreadableRequest();
      return;
    }
    if (connection.isHttp2() && kind != RequestLine.Kind.PREFACE) {
      connection.unreadableRequest();
      return;
    }
    switch (kind) {
      case HTTP_1 -> connection.recognised();
      case MALFORMED -> current.malformed = true;
      case PREFACE -> {
        if (connection.mayBeHttp2()) {
          current.preface = true;
        } else {
          current.malformed = true;
        }
      }
      case HTTP_0_9 -> {
        current.headRead = true;
        current.malformed = true;
        current.zeroNine = true;
        x.rxHeadEnd = c.after(c.at);
        x.headNs = c.ns;
        body.none();
        done(c.after(c.at), c.ns);
        state = State.OVER;
        connection.advance();
      }
    }
    current.lineRead = true;
  }

  private void headEnd(Chunk c) {
    Exchange x = current.exchange;
    current.headRead = true;
    x.rxHeadEnd = c.after(c.at);
    x.headNs = c.ns;
    if (current.preface) {
      // Held until the server's answer tells whether it speaks HTTP/2.
      done(c.after(c.at), c.ns);
      state = State.PREFACED;
      connection.abandonPreface();
      return;
    }
    framing.read(x.requestHead, lineLength, x.requestHeadLength);
    current.offersH2c = framing.offersH2c();
    boolean unclear = false;
    if (current.connect) {
      body.none();
    } else if (framing.transferCoded()) {
      // RFC 9112, 6.3: a request whose last coding is another has no end.
      unclear = !framing.chunkedLast();
      body.chunked();
    } else if (framing.contentLengthBad()) {
      unclear = true;
      body.none();
    } else {
      body.length(Math.max(0, framing.contentLength()));
    }
    if (unclear) {
      broken(c);
    } else if (body.done()) {
      done(c.after(c.at), c.ns);
      state = current.connect ? State.CONNECTING : State.BETWEEN;
      connection.advance();
    } else {
      state = State.BODY;
    }
  }

  private void body(Chunk c) {
    int from = c.at;
    c.at = body.consume(c.bytes, from, c.limit, current.exchange);
    bytes += c.at - from;
    end = c.after(c.at);
    if (body.bad()) {
      broken(c);
    } else if (body.done()) {
      bodyEnd(c.after(c.at), c.ns);
    }
  }

  private void bodyEnd(long last, long ns) {
    done(last, ns);
    state = State.BETWEEN;
    connection.advance();
  }

  private void done(long last, long ns) {
    Exchange x = current.exchange;
    x.rxEnd = last;
    x.requestBytes = bytes;
    x.requestBodyBytes = body.bytes();
    current.requestEndNs = ns;
    current.requestDone = true;
  }

  /** Where the message ends is not known, so neither is where the next one begins. */
  private void broken(Chunk c) {
    current.malformed = true;
    Exchange x = current.exchange;
    x.rxEnd = c.after(c.at);
    current.requestEndNs = c.ns;
    current.requestDone = true;
    state = State.OVER;
    c.drop();
    connection.advance();
  }

  /** The answer to CONNECT was not 2xx: the connection goes on. */
  void refused() {
    if (state == State.CONNECTING) {
      state = State.BETWEEN;
    }
  }

  /** What the server says is not understood any more: not what becomes of these two either. */
  void unanswered() {
    if (state == State.CONNECTING || state == State.PREFACED) {
      state = State.OVER;
    }
  }

  void tunnel() {
    state = State.OVER;
  }

  /** The request that is being read is nobody's any more. */
  void forget() {
    if (state == State.HEAD || state == State.BODY) {
      state = State.BETWEEN;
    }
  }

  void gap(long length, long wireEnd, long ns) {
    long missed = length;
    switch (state) {
      case SEARCH, PREFACED, CONNECTING, OVER -> {}
      case BODY -> {
        long passed = Math.min(missed, body.skippable());
        body.skip(passed);
        bytes += passed;
        missed -= passed;
        end = wireEnd;
        if (body.done()) {
          bodyEnd(missed == 0 ? wireEnd : Exchange.UNKNOWN, ns);
        }
        if (missed > 0) {
          lost();
        }
      }
      case BETWEEN, HEAD -> lost();
    }
  }

  private void lost() {
    connection.countLost();
    if (state == State.HEAD) {
      connection.loseNewest();
    } else if (state == State.BODY) {
      // The request is known; only where it ended is not.
      current.requestDone = true;
      connection.advance();
    }
    state = State.SEARCH;
  }

  /** Fills in what is known of a request when the connection ended. */
  void closed(PendingRequest request) {
    if (request.requestDone) {
      return;
    }
    Exchange x = request.exchange;
    x.requestBytes = bytes;
    x.rxEnd = end;
    if (request.headRead) {
      x.requestBodyBytes = body.bytes();
      x.requestTrailerLength = WholeLines.length(x.requestTrailer, x.requestTrailerLength);
    } else {
      x.requestHeadLength = WholeLines.ofRequest(x.requestHead, x.requestHeadLength);
    }
  }

  long skip() {
    return switch (state) {
      case SEARCH, BETWEEN, HEAD, PREFACED, CONNECTING -> 0;
      case BODY -> body.skippable();
      case OVER -> Long.MAX_VALUE;
    };
  }
}

package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.util.concurrent.ThreadLocalRandom;

/** Both directions of a connection that speaks HTTP/2: what belongs to which stream. */
final class Http2Connection {
  private static final String VERSION = "2";

  private final WireExchanges out;
  private final Counters counters;
  private final Http2Frames received = new Http2Frames(this, true);
  private final Http2Frames sent = new Http2Frames(this, false);
  private final Http2Streams streams = new Http2Streams();
  private final FieldLines lines = new FieldLines();
  private int lastStream;
  private long requestCount;
  private String goAwayError;

  /** Streams above it the server does not touch. */
  private int goAwayLast = Integer.MAX_VALUE;

  private boolean dead;

  Http2Connection(WireExchanges out, Counters counters) {
    this.out = out;
    this.counters = counters;
  }

  Http2Frames received() {
    return received;
  }

  Http2Frames sent() {
    return sent;
  }

  Http2Frames other(Http2Frames frames) {
    return frames == received ? sent : received;
  }

  FieldLines lines() {
    return lines;
  }

  boolean isDead() {
    return dead;
  }

  boolean hasOpen() {
    return streams.count() > 0;
  }

  /** The request of an upgrade is stream 1, half closed by the client (RFC 7540, 3.2). */
  void adopt(Exchange x, boolean requestDone) {
    Http2Stream stream = new Http2Stream(1, x);
    stream.upgraded = true;
    stream.requestDone = requestDone;
    x.connectionStream = 1;
    x.protocolVersion = VERSION;
    requestCount = x.connectionRequest;
    lastStream = 1;
    streams.add(stream);
  }

  void adoptedRequestDone(long ns) {
    Http2Stream stream = streams.find(1);
    if (stream != null) {
      stream.requestDone = true;
      finishIfDone(stream, ns);
    }
  }

  void headers(Http2Frames from, int id, boolean endsStream, long end, long ns) {
    Http2Stream stream = streams.find(id);
    if (from.receives()) {
      if (stream == null) {
        stream = open(id, from, end, ns);
      } else if (!stream.requestDone && !from.decoder().isLost()) {
        lines.requestTrailer(stream.exchange);
        stream.requestBytes += from.blockBytes();
      }
    } else if (stream != null && !stream.responseDone) {
      if (from.decoder().isLost()) {
        // A head that was there is kept; the trailer that could not be read is not.
        stream.responseBytes += from.blockBytes();
      } else {
        response(stream, from);
      }
    }
    if (stream != null) {
      reached(from.receives(), stream, end);
    }
    if (stream != null && endsStream) {
      ended(from.receives(), stream, ns);
    } else if (stream != null && stream.connect && stream.responseHead) {
      tunnelIfAccepted(stream, ns);
    }
  }

  /** A new request; null if it is none, or gives no record. */
  private Http2Stream open(int id, Http2Frames from, long end, long ns) {
    if ((id & 1) == 0 || id <= lastStream) {
      // A stream that is over, or one that clients cannot open.
      return null;
    }
    lastStream = id;
    requestCount++;
    if (from.decoder().isLost() || sent.decoder().isLost()) {
      counters.lost(LossReason.WIRE_LOST);
      return null;
    }
    if (streams.count() == Http2Streams.COUNT_MAX) {
      evict(streams.at(0), ns);
    }
    Exchange x = out.claim();
    x.entry = Exchange.Entry.WIRE;
    x.sources = Exchange.FROM_WIRE;
    x.idRandom = ThreadLocalRandom.current().nextLong();
    x.protocolVersion = VERSION;
    x.connectionRequest = requestCount;
    x.connectionStream = id;
    x.rxStart = from.blockStart();
    x.rxHeadEnd = end;
    x.seenNs = from.blockNs();
    x.headNs = ns;
    Http2Stream stream = new Http2Stream(id, x);
    stream.connect = lines.isConnect();
    lines.request(x);
    stream.malformed = lines.isMalformedRequest();
    stream.requestBytes = from.blockBytes();
    streams.add(stream);
    return stream;
  }

  private void response(Http2Stream stream, Http2Frames from) {
    Exchange x = stream.exchange;
    if (stream.responseHead) {
      lines.responseTrailer(x);
      stream.responseBytes += from.blockBytes();
      return;
    }
    int status = lines.status();
    if (status >= 100 && status < 200) {
      x.addInformational(status);
      return;
    }
    stream.responseHead = true;
    stream.status = status;
    x.txStart = from.blockStart();
    x.responseNs = from.blockNs();
    lines.response(x);
    stream.responseBytes = from.blockBytes();
  }

  /** CONNECT that was answered 2xx: what follows on the stream is nobody's HTTP. */
  private void tunnelIfAccepted(Http2Stream stream, long ns) {
    if (stream.status >= 200 && stream.status < 300) {
      finish(stream, Outcome.UPGRADED, ns);
    }
  }

  void data(boolean receives, int id, int length) {
    Http2Stream stream = streams.find(id);
    if (stream == null) {
      return;
    }
    if (receives) {
      stream.requestBodyBytes += stream.requestDone ? 0 : length;
    } else {
      stream.responseBodyBytes += stream.responseDone ? 0 : length;
    }
  }

  void dataEnd(boolean receives, int id, long frameBytes, boolean endsStream, long end, long ns) {
    Http2Stream stream = streams.find(id);
    if (stream == null) {
      return;
    }
    if (receives) {
      stream.requestBytes += stream.requestDone ? 0 : frameBytes;
    } else {
      stream.responseBytes += stream.responseDone ? 0 : frameBytes;
    }
    reached(receives, stream, end);
    if (endsStream) {
      ended(receives, stream, ns);
    }
  }

  /** What is ended early ends with the last frame that there was. */
  private static void reached(boolean receives, Http2Stream stream, long end) {
    if (receives && !stream.requestDone) {
      stream.exchange.rxEnd = end;
    } else if (!receives && stream.responseHead && !stream.responseDone) {
      stream.exchange.txEnd = end;
    }
  }

  private void ended(boolean receives, Http2Stream stream, long ns) {
    if (receives && !stream.requestDone) {
      stream.requestDone = true;
    } else if (!receives && stream.responseHead && !stream.responseDone) {
      stream.responseDone = true;
    }
    finishIfDone(stream, ns);
  }

  private void finishIfDone(Http2Stream stream, long ns) {
    if (stream.requestDone && stream.responseDone) {
      finish(stream, outcomeOfAnswer(stream), ns);
    } else {
      stream.exchange.endNs = ns;
    }
  }

  private static Outcome outcomeOfAnswer(Http2Stream stream) {
    if (stream.connect && stream.status >= 200 && stream.status < 300) {
      return Outcome.UPGRADED;
    }
    boolean rejected =
        stream.status >= 400 && (stream.malformed || RejectingStatus.is(stream.status));
    return rejected ? Outcome.REJECTED : Outcome.COMPLETE;
  }

  void reset(boolean byClient, int id, int error, long ns) {
    Http2Stream stream = streams.find(id);
    if (stream == null) {
      return;
    }
    if (stream.responseDone) {
      // RFC 9113, 8.1: the rest of a request that is answered is not wanted, or not sent.
      finish(stream, outcomeOfAnswer(stream), ns);
    } else {
      stream.exchange.errorType = Http2Error.name(error);
      finish(stream, byClient ? Outcome.CLIENT_RESET : Outcome.SERVER_RESET, ns);
    }
  }

  /** Streams above the last one that the server names were not touched (RFC 9113, 6.8). */
  void goAway(boolean byClient, int last, int error, long ns) {
    if (error != Http2Error.NO_ERROR) {
      goAwayError = Http2Error.name(error);
    }
    if (byClient) {
      return;
    }
    goAwayLast = Math.min(goAwayLast, last);
    int reason = error == Http2Error.NO_ERROR ? Http2Error.REFUSED_STREAM : error;
    while (streams.count() > 0 && streams.at(streams.count() - 1).id > last) {
      reset(false, streams.at(streams.count() - 1).id, reason, ns);
    }
  }

  /** The table of one direction cannot be trusted any more. */
  void decoderLost(boolean receives) {
    if (receives) {
      // Requests that are known go on; later ones are counted as they come.
      return;
    }
    for (int i = streams.count() - 1; i >= 0; i--) {
      Http2Stream stream = streams.at(i);
      if (!stream.responseHead) {
        lose(stream);
      }
    }
  }

  private void lose(Http2Stream stream) {
    streams.remove(stream);
    counters.lost(LossReason.WIRE_LOST);
    out.abandon(stream.exchange);
  }

  private void evict(Http2Stream stream, long ns) {
    if (stream.responseDone) {
      finish(stream, outcomeOfAnswer(stream), ns);
    } else {
      lose(stream);
    }
  }

  /** Where the next frame begins is not known any more. */
  void lost() {
    dead = true;
    while (streams.count() > 0) {
      evict(streams.at(0), streams.at(0).exchange.endNs);
    }
  }

  void gap(Http2Frames frames, long length, long wireEnd, long ns) {
    if (!dead && !frames.gap(length, wireEnd, ns)) {
      lost();
    }
  }

  /** The server never spoke HTTP/2. */
  void abandonAll() {
    dead = true;
    while (streams.count() > 0) {
      Http2Stream stream = streams.at(0);
      streams.remove(stream);
      out.abandon(stream.exchange);
    }
  }

  void closed(Closing how, long ns) {
    while (streams.count() > 0) {
      Http2Stream stream = streams.at(0);
      if (stream.responseDone) {
        finish(stream, outcomeOfAnswer(stream), stream.exchange.endNs);
        continue;
      }
      // It came when the server had gone already, whoever closed then.
      boolean refused = stream.id > goAwayLast && !stream.responseHead;
      boolean byClient =
          !refused
              && (how == Closing.RESET_BY_PEER
                  || how == Closing.END
                  || (how == Closing.UNKNOWN && !stream.requestDone));
      stream.exchange.errorType = goAwayError;
      if (goAwayError == null && refused) {
        stream.exchange.errorType = Http2Error.name(Http2Error.REFUSED_STREAM);
      } else if (goAwayError == null && !byClient && !stream.responseHead) {
        stream.exchange.errorType = Http1Connection.NO_RESPONSE;
      }
      finish(stream, byClient ? Outcome.CLIENT_RESET : Outcome.SERVER_RESET, ns);
    }
    dead = true;
  }

  private void finish(Http2Stream stream, Outcome outcome, long ns) {
    streams.remove(stream);
    Exchange x = stream.exchange;
    x.outcome = outcome;
    x.endNs = ns;
    if (!stream.upgraded) {
      x.requestBodyBytes = stream.requestBodyBytes;
      x.requestBytes = stream.requestBytes;
    }
    if (stream.responseHead) {
      x.responseBodyBytes = stream.responseBodyBytes;
      x.responseBytes = stream.responseBytes;
    }
    x.rxFloor = received.floor();
    x.txFloor = sent.floor();
    for (int i = 0; i < streams.count(); i++) {
      Exchange open = streams.at(i).exchange;
      x.rxFloor = Math.min(x.rxFloor, open.rxStart);
      if (open.txStart >= 0) {
        x.txFloor = Math.min(x.txFloor, open.txStart);
      }
    }
    out.finished(x);
  }
}

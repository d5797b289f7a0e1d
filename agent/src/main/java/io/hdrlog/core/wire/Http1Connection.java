package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.util.concurrent.ThreadLocalRandom;

/** Both directions of a connection that speaks HTTP/1: which response belongs to which request. */
final class Http1Connection {
  static final String NO_RESPONSE = "no_response";

  private final WireExchanges out;
  private final Counters counters;
  private final PendingRequests pending = new PendingRequests();
  private final Http1Requests requests;
  private final Http1Responses responses;

  /** The count of requests; meaningless once some may have gone by unseen. */
  private long requestCount;

  private boolean counting;

  /** Something of HTTP was seen, so that what comes is at worst broken HTTP. */
  private boolean recognised;

  /** Nothing that could be read will come any more. */
  private boolean dead;

  /** What the server sends cannot be read any more; each request is told without its answer. */
  private boolean unreadable;

  /** The request that is answered as stream 1 of HTTP/2. */
  private PendingRequest upgrading;

  private boolean http2;
  private boolean prefaceRefused;

  Http1Connection(WireExchanges out, Counters counters, boolean fromStart) {
    this.out = out;
    this.counters = counters;
    counting = fromStart;
    requests = new Http1Requests(this, fromStart);
    responses = new Http1Responses(this, fromStart);
  }

  Http1Requests requests() {
    return requests;
  }

  Http1Responses responses() {
    return responses;
  }

  PendingRequests pending() {
    return pending;
  }

  boolean isDead() {
    return dead;
  }

  boolean hasOpen() {
    return !pending.isEmpty();
  }

  /** True if no response can be read any more. */
  boolean isUnreadable() {
    return unreadable;
  }

  /** True if HTTP/2 follows: by its preface, or by an upgrade. */
  boolean isHttp2() {
    return http2;
  }

  /**
   * True if the server may be the first to speak HTTP/2: nothing of HTTP/1 has been said. Over TLS
   * it need not wait for the client's preface (RFC 9113, 3.4).
   */
  boolean mayBeHttp2() {
    if (pending.isEmpty()) {
      return requestCount == 0;
    }
    PendingRequest oldest = pending.oldest();
    return requestCount == 1 && (oldest.preface || !oldest.lineRead);
  }

  /** The server speaks HTTP/2. */
  void http2() {
    http2 = true;
    abandonPreface();
  }

  /** The preface was a request for as long as a server of HTTP/1 could have answered it. */
  void abandonPreface() {
    if (http2 && !pending.isEmpty() && pending.oldest().preface && pending.oldest().requestDone) {
      out.abandon(pending.oldest().exchange);
      pending.removeOldest();
    }
  }

  /** The preface was answered in HTTP/1. */
  void refusePreface() {
    prefaceRefused = true;
    requests.tunnel();
  }

  /** True if nothing that was sent as HTTP/2 was ever read as such. */
  boolean prefaceRefused() {
    return prefaceRefused;
  }

  /** The request to be answered as stream 1, or null; see {@link #upgraded}. */
  PendingRequest upgrading() {
    return upgrading;
  }

  void upgraded(PendingRequest request) {
    upgrading = request;
    recognised = true;
    http2 = true;
    // A client that did not wait wrote these for nobody, and may be in the midst of one.
    while (pending.newest() != request) {
      requests.forget();
      out.abandon(pending.newest().exchange);
      pending.removeNewest();
    }
  }

  /** The upgraded request is HTTP/2's from now on. */
  void releaseUpgrading() {
    pending.removeOldest();
  }

  PendingRequest begin(Chunk c) {
    if (pending.isFull()) {
      lose();
      return null;
    }
    Exchange x = claim();
    PendingRequest request = pending.add();
    request.begin(x);
    requestCount++;
    x.connectionRequest = counting ? requestCount : 0;
    x.rxStart = c.before(c.at);
    x.seenNs = c.ns;
    return request;
  }

  /** For a response that no request asked for. */
  PendingRequest orphan(PendingRequest place) {
    PendingRequest orphan = place == null ? new PendingRequest() : place;
    orphan.begin(claim());
    orphan.orphan = true;
    return orphan;
  }

  private Exchange claim() {
    Exchange x = out.claim();
    x.entry = Exchange.Entry.WIRE;
    x.sources = Exchange.FROM_WIRE;
    x.idRandom = ThreadLocalRandom.current().nextLong();
    return x;
  }

  void recognised() {
    recognised = true;
  }

  /** Writes what is complete; requests are finished in their order. */
  void advance() {
    while (!pending.isEmpty()) {
      PendingRequest oldest = pending.oldest();
      if (!oldest.requestDone || oldest == upgrading || !(oldest.responseDone || unreadable)) {
        return;
      }
      pending.removeOldest();
      if (oldest.responseDone) {
        finish(oldest, outcomeOfAnswer(oldest));
      } else {
        finishUnreadable(oldest);
      }
    }
  }

  private void finishUnreadable(PendingRequest request) {
    if (request.plausible) {
      request.exchange.errorType = Exchange.MALFORMED_RESPONSE;
      finish(request, Outcome.ERROR);
    } else {
      out.abandon(request.exchange);
    }
  }

  void abandonOrphan(PendingRequest orphan) {
    out.abandon(orphan.exchange);
    orphan.exchange = null;
  }

  /** 101 or CONNECT: the request is over, and what follows is nobody's HTTP. */
  void tunnel(PendingRequest request) {
    request.upgraded = true;
    request.requestDone = true;
    request.responseDone = true;
    requests.tunnel();
    advance();
    abandonAll();
  }

  private void abandonAll() {
    while (!pending.isEmpty()) {
      out.abandon(pending.oldest().exchange);
      pending.removeOldest();
    }
  }

  /** What the server sends is not HTTP, or not any more. */
  void unreadableResponse() {
    if (!recognised) {
      dead = true;
      abandonAll();
      return;
    }
    // The client may go on to ask, and be answered by what only it understands.
    unreadable = true;
    requests.unanswered();
    advance();
  }

  /** What the client sends is not HTTP and has become too much to wait for an answer. */
  void unreadableRequest() {
    dead = true;
    abandonAll();
  }

  /** Gives the connection up: what belongs to what is not known any more. */
  private void lose() {
    dead = true;
    counters.lost(LossReason.WIRE_LOST, pending.count() + 1);
    abandonAll();
  }

  /** Requests may have gone by unseen. */
  void countLost() {
    counting = false;
  }

  /** The newest request, of which a part went by unseen, gives no record. */
  void loseNewest() {
    counters.lost(LossReason.WIRE_LOST);
    out.abandon(pending.newest().exchange);
    pending.removeNewest();
  }

  /**
   * Responses went by unseen: those that wait for one may never see it, but for an unsent request.
   */
  void loseAnswered() {
    int kept = !pending.isEmpty() && !pending.newest().requestDone ? 1 : 0;
    while (pending.count() > kept) {
      counters.lost(LossReason.WIRE_LOST);
      out.abandon(pending.oldest().exchange);
      pending.removeOldest();
    }
  }

  void closed(Closing how, long ns) {
    if (dead) {
      return;
    }
    dead = true;
    responses.closed(how, ns);
    advance();
    while (!pending.isEmpty()) {
      PendingRequest oldest = pending.oldest();
      pending.removeOldest();
      requests.closed(oldest);
      if (oldest == upgrading) {
        continue;
      }
      if (oldest.exchange.endNs < ns) {
        oldest.exchange.endNs = ns;
      }
      closed(oldest, how);
    }
  }

  private void closed(PendingRequest request, Closing how) {
    if (request.responseDone) {
      // A response before the end of the request, such as 413, and then no more of either.
      finish(request, outcomeOfAnswer(request));
    } else if (unreadable) {
      finishUnreadable(request);
    } else if (request.preface || (!request.responseStarted && !request.plausible && !recognised)) {
      out.abandon(request.exchange);
    } else {
      boolean byClient =
          how == Closing.RESET_BY_PEER
              || how == Closing.END
              || (how == Closing.UNKNOWN && !request.requestDone);
      if (!byClient && !request.responseStarted) {
        request.exchange.errorType = NO_RESPONSE;
      }
      finish(request, byClient ? Outcome.CLIENT_RESET : Outcome.SERVER_RESET);
    }
  }

  private static Outcome outcomeOfAnswer(PendingRequest request) {
    if (request.upgraded) {
      return Outcome.UPGRADED;
    }
    if (request.status < 400) {
      return Outcome.COMPLETE;
    }
    Exchange x = request.exchange;
    if (request.malformed
        || request.preface
        || RejectingStatus.is(request.status)
        || (request.headRead && RequestSyntax.isMalformed(x.requestHead, x.requestHeadLength))) {
      return Outcome.REJECTED;
    }
    // RFC 9110, 15.5.9: the server did not get the whole request in the time it was ready to wait.
    return request.status == 408 && !request.requestDone ? Outcome.TIMEOUT : Outcome.COMPLETE;
  }

  private void finish(PendingRequest request, Outcome outcome) {
    Exchange x = request.exchange;
    request.exchange = null;
    x.outcome = outcome;
    x.endNs = Math.max(x.endNs, Math.max(request.requestEndNs, request.responseEndNs));
    x.rxFloor = x.rxEnd;
    x.txFloor = x.txEnd;
    out.finished(x);
  }
}

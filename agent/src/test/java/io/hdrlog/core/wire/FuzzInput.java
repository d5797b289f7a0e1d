package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.http.Field;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;

/**
 * Turns any bytes into the course of a connection and holds the session to what must always be
 * true: no exception, nothing claimed that is not given back, bounded memory, and the same
 * exchanges however the bytes were cut.
 *
 * <pre>
 *   a step: kind (high 3 bits) and how to cut (low 5 bits) | length (8) | that many bytes
 * </pre>
 */
final class FuzzInput {
  private static final int STEPS_MAX = 64;

  /** A session may hold so many exchanges at a time, and no more. */
  private static final int OPEN_MAX = PendingRequests.COUNT_MAX + Http2Streams.COUNT_MAX + 2;

  private FuzzInput() {}

  /** Everything that reads bytes, with these bytes. */
  static void all(byte[] input) {
    session(input);
    blocks(input);
    heads(input);
  }

  /** One connection, whole and in pieces. */
  static void session(byte[] input) {
    boolean fromStart = input.length == 0 || (input[0] & 1) == 0;
    Seen whole = run(input, fromStart, false);
    if (fromStart) {
      Seen pieces = run(input, fromStart, true);
      if (!whole.sameAs(pieces)) {
        throw new IllegalStateException(
            "whole:\n" + whole.text() + "\nin pieces:\n" + pieces.text());
      }
    }
  }

  private static Seen run(byte[] input, boolean fromStart, boolean inPieces) {
    Counters counters = new Counters();
    Seen seen = new Seen();
    WireSession session = new WireSession(seen, counters, fromStart);
    long received = 0;
    long sent = 0;
    int at = 1;
    for (int i = 0; i < STEPS_MAX && at + 2 <= input.length; i++) {
      int kind = (input[at] & 0xff) >>> 5;
      int cut = (input[at] & 0x1f) + 1;
      int length = input[at + 1] & 0xff;
      at += 2;
      long ns = i + 1L;
      if (kind >= 6 && fromStart) {
        // What a session wished to skip may be missing; of other gaps the next chunk's beginning
        // decides, and then how the bytes were cut does make a difference.
        long wish = kind == 6 ? session.receiveSkip() : session.sendSkip();
        length = (int) Math.min(length, wish);
      }
      if (kind == 6) {
        session.receivedGap(length, received, received + length, ns);
        received += length;
      } else if (kind == 7) {
        session.sentGap(length, sent, sent + length, ns);
        sent += length;
      } else {
        int n = Math.min(length, input.length - at);
        for (int done = 0; done < n; ) {
          int piece = inPieces ? Math.min(cut, n - done) : n - done;
          if (kind < 3) {
            session.received(input, at + done, piece, received, received + piece, ns);
            received += piece;
          } else {
            session.sent(input, at + done, piece, sent, sent + piece, ns);
            sent += piece;
          }
          done += piece;
        }
        at += n;
      }
      if (session.receiveSkip() < 0 || session.sendSkip() < 0) {
        throw new IllegalStateException("negative skip");
      }
      if (seen.open() > OPEN_MAX) {
        throw new IllegalStateException("open exchanges: " + seen.open());
      }
    }
    session.closed(Closing.values()[input.length & 3], STEPS_MAX + 1);
    seen.losses(counters.losses(LossReason.WIRE_LOST));
    seen.mustBeBalanced();
    for (Exchange x : seen.all()) {
      check(x);
    }
    return seen;
  }

  private static void check(Exchange x) {
    boolean bounded =
        x.requestHeadLength <= Exchange.HEAD_BYTES_MAX
            && x.responseHeadLength <= Exchange.HEAD_BYTES_MAX
            && x.requestTrailerLength <= Exchange.TRAILER_BYTES_MAX
            && x.responseTrailerLength <= Exchange.TRAILER_BYTES_MAX;
    boolean ordered =
        (x.rxEnd < 0 || x.rxEnd >= x.rxStart)
            && (x.txEnd < 0 || x.txEnd >= x.txStart)
            && x.requestBodyBytes >= Exchange.UNKNOWN
            && x.responseBodyBytes >= Exchange.UNKNOWN;
    if (!bounded || !ordered) {
      throw new IllegalStateException("out of bounds: requestBody=" + x.requestBodyBytes);
    }
  }

  /** Header blocks of one direction, one behind the other: length (8) and that many bytes. */
  static void blocks(byte[] input) {
    HeaderBlockDecoder decoder = new HeaderBlockDecoder();
    FieldLines lines = new FieldLines();
    Exchange x = new Exchange(16, 16);
    int at = 0;
    while (at < input.length) {
      int n = Math.min(input[at] & 0xff, input.length - at - 1);
      decoder.begin();
      decoder.append(input, at + 1, at + 1 + n);
      if (decoder.decode(lines)) {
        x.clear();
        lines.request(x);
        lines.response(x);
        lines.requestTrailer(x);
        mustBeLines(x.responseHead, x.responseHeadLength, x.responseHeadCut);
        check(x);
      }
      decoder.allow((input[at] & 0xffL) << 12);
      at += n + 1;
    }
  }

  /** A field must never become two lines: every line is one that the encoder would read. */
  private static void mustBeLines(byte[] head, int length, boolean cut) {
    for (int i = 0; i < length; i++) {
      boolean lineFeed = head[i] == '\n';
      if (lineFeed != (i > 0 && head[i - 1] == '\r') && !(cut && i == length - 1)) {
        throw new IllegalStateException("a bare line end at " + i);
      }
    }
  }

  static void heads(byte[] input) {
    Head head = new Head();
    Field field = new Field();
    HeadParser.parseRequest(input, 0, input.length, head);
    HeadParser.parseResponse(input, 0, input.length, head);
    byte[] unfolded = new byte[input.length];
    int at = 0;
    while (HeadParser.next(input, at, input.length, field)) {
      if (field.next <= at || field.next > input.length) {
        throw new IllegalStateException("no progress at " + at);
      }
      if (field.named) {
        HeadParser.unfold(input, field.valueOffset, field.valueLength, unfolded);
      }
      at = field.next;
    }
    RequestSyntax.isMalformed(input, input.length);
    RequestLine.kind(input, input.length);
    RequestLine.isRecognisable(input, 0, input.length);
  }
}

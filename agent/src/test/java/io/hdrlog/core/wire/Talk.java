package io.hdrlog.core.wire;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A connection's course, to be replayed whole, in two pieces a message, or byte by byte. */
final class Talk {
  private enum Side {
    RECEIVED,
    SENT,
    RECEIVED_GAP,
    SENT_GAP
  }

  private static final class Step {
    final Side side;
    final byte[] bytes;
    final int length;

    Step(Side side, byte[] bytes, int length) {
      this.side = side;
      this.bytes = bytes;
      this.length = length;
    }
  }

  /** Into how many pieces a message is cut, and where. */
  interface Cut {
    /** How many of the {@code left} bytes that follow {@code at} make the next piece. */
    int next(int step, int at, int left);
  }

  private final List<Step> steps = new ArrayList<>();
  private final boolean fromStart;
  private Closing closing = Closing.END;

  Talk() {
    this(true);
  }

  private Talk(boolean fromStart) {
    this.fromStart = fromStart;
  }

  static Talk joinedInTheMiddle() {
    return new Talk(false);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  Talk received(String text) {
    return received(bytes(text));
  }

  Talk received(byte[]... parts) {
    byte[] all = join(parts);
    steps.add(new Step(Side.RECEIVED, all, all.length));
    return this;
  }

  Talk sent(String text) {
    return sent(bytes(text));
  }

  Talk sent(byte[]... parts) {
    byte[] all = join(parts);
    steps.add(new Step(Side.SENT, all, all.length));
    return this;
  }

  Talk receivedGap(int length) {
    steps.add(new Step(Side.RECEIVED_GAP, null, length));
    return this;
  }

  Talk sentGap(int length) {
    steps.add(new Step(Side.SENT_GAP, null, length));
    return this;
  }

  Talk closed(Closing how) {
    closing = how;
    return this;
  }

  static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /** Replayed with every message in one piece. */
  Seen whole() {
    return replay((step, at, left) -> left);
  }

  /** Replayed whole, byte by byte, and with each message cut once at every place; all the same. */
  Seen always() {
    Seen whole = whole();
    same(whole, replay((step, at, left) -> 1), "byte by byte");
    for (int i = 0; i < steps.size(); i++) {
      Step cut = steps.get(i);
      if (cut.bytes == null) {
        continue;
      }
      // Long bodies are the same everywhere; 3,000 places are enough to have met every state.
      int stride = Math.max(1, cut.length / 3000);
      for (int place = 1; place < cut.length; place += stride) {
        int index = i;
        int first = place;
        same(
            whole,
            replay((step, at, left) -> step == index && at == 0 ? first : left),
            "message " + i + " cut at " + place);
      }
    }
    return whole;
  }

  private static void same(Seen expected, Seen seen, String how) {
    if (!expected.text().equals(seen.text()) || expected.losses() != seen.losses()) {
      throw new AssertionError(how + "\nexpected:\n" + expected.text() + "\nseen:\n" + seen.text());
    }
  }

  /** Replayed with messages cut as told. */
  Seen replay(Cut cut) {
    Counters counters = new Counters();
    Seen seen = new Seen();
    WireSession session = new WireSession(seen, counters, fromStart);
    long received = 0;
    long sent = 0;
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      long ns = 1000L * (i + 1);
      switch (step.side) {
        case RECEIVED_GAP -> {
          session.receivedGap(step.length, received, received + step.length, ns);
          received += step.length;
        }
        case SENT_GAP -> {
          session.sentGap(step.length, sent, sent + step.length, ns);
          sent += step.length;
        }
        default -> {
          for (int at = 0; at < step.length; ) {
            int n = cut.next(i, at, step.length - at);
            // At another offset each time, so that offsets are not taken for positions.
            byte[] piece = new byte[n + 5];
            System.arraycopy(step.bytes, at, piece, 3, n);
            if (step.side == Side.RECEIVED) {
              session.received(piece, 3, n, received, received + n, ns);
              received += n;
            } else {
              session.sent(piece, 3, n, sent, sent + n, ns);
              sent += n;
            }
            at += n;
          }
        }
      }
    }
    session.closed(closing, 1000L * (steps.size() + 1));
    seen.losses(counters.losses(LossReason.WIRE_LOST));
    seen.mustBeBalanced();
    return seen;
  }
}

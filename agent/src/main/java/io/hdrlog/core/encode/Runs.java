package io.hdrlog.core.encode;

import java.util.Arrays;

/**
 * The runs of one direction. One is built where a hint has been followed by the same known lines
 * for a while, and given up where its first line no longer comes. Where only its later lines do not
 * come any more, the hint of the last one that does gets a run of its own.
 *
 * <p>Bounded: of too many, one that was not used lately goes. A hint that lost its run must be
 * followed twice as often by the same line before it gets another, so that more clients than there
 * is room for do not keep it building. A value that changes each second has one built each second,
 * of what follows it.
 */
final class Runs {
  static final int RUNS_MAX = 64;
  static final int RAW_MAX = 4 * 1024;

  /** Escaped text takes more room than raw text. */
  private static final int JSON_MAX = 2 * RAW_MAX;

  private static final int LINES_MAX = 64;
  private static final int MISSES_MAX = 32;

  /** With nulls where there is room. */
  final Run[] all = new Run[RUNS_MAX];

  /** Where to look first for room. */
  private int hand;

  /** The run behind a hint, or null; it is built if it is time to. */
  Run after(Hint hint) {
    if (hint.run == null && hint.steady >= hint.steadyMin) {
      build(hint);
    }
    return hint.run;
  }

  private void build(Hint owner) {
    int size = 0;
    int raw = 0;
    int json = 0;
    Hint before = owner;
    Hint line = owner.next;
    while (size < LINES_MAX && line != null && line.open) {
      if (raw + line.raw.length > RAW_MAX || json + line.json.length > JSON_MAX) {
        break;
      }
      if (before != owner && before.steady < Hint.STEADY_MIN) {
        break;
      }
      size++;
      raw += line.raw.length;
      json += line.json.length;
      before = line;
      line = line.next;
    }
    if (size < 2) {
      owner.waitLonger();
      return;
    }
    int place = place();
    all[place] = new Run(owner, place, size, raw, json);
    owner.run = all[place];
  }

  /** An empty place; the first run that was not used since the hand last came by makes room. */
  private int place() {
    while (all[hand] != null && all[hand].used) {
      all[hand].used = false;
      hand = (hand + 1) % RUNS_MAX;
    }
    int place = hand;
    hand = (hand + 1) % RUNS_MAX;
    if (all[place] != null) {
      giveUp(all[place]);
    }
    return place;
  }

  void matched(Run run) {
    run.used = true;
    run.misses = 0;
  }

  void missed(Run run) {
    if (++run.misses == MISSES_MAX) {
      giveUp(run);
    }
  }

  private void giveUp(Run run) {
    all[run.place] = null;
    run.owner.run = null;
    run.owner.steady = 0;
    run.owner.waitLonger();
  }

  /** Forgets all. The owners are forgotten with them. */
  void clear() {
    Arrays.fill(all, null);
  }
}

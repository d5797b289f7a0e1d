package io.hdrlog.core.encode;

import io.hdrlog.core.http.Ascii;
import java.util.Arrays;

/**
 * Known lines that follow one another, end to end: compared at once, and their JSON copied at once.
 */
final class Run {
  /** The hint that it hangs on: of the line before its first one. */
  final Hint owner;

  /** Its place among the {@link Runs}. */
  final int place;

  final int size;

  private final Hint[] lines;
  final byte[] raw;
  private final byte[] json;

  /** Where each line ends in {@link #raw} and in {@link #json}. */
  private final int[] rawEnds;

  private final int[] jsonEnds;

  /** Whether it matched since somebody last looked for a run to give up. */
  boolean used;

  /** How often in a row not even its first line was there. */
  int misses;

  /**
   * @param size how many lines; they are those that {@code owner} and its followers guess
   */
  Run(Hint owner, int place, int size, int rawLength, int jsonLength) {
    this.owner = owner;
    this.place = place;
    this.size = size;
    lines = new Hint[size];
    rawEnds = new int[size];
    jsonEnds = new int[size];
    raw = new byte[rawLength];
    json = new byte[jsonLength];
    int rawEnd = 0;
    int jsonEnd = 0;
    Hint line = owner.next;
    for (int i = 0; i < size; i++) {
      System.arraycopy(line.raw, 0, raw, rawEnd, line.raw.length);
      System.arraycopy(line.json, 0, json, jsonEnd, line.json.length);
      rawEnd += line.raw.length;
      jsonEnd += line.json.length;
      lines[i] = line;
      rawEnds[i] = rawEnd;
      jsonEnds[i] = jsonEnd;
      line = line.next;
    }
  }

  /**
   * How many of the lines stand at {@code at}. What follows the last of them must be there as well:
   * a blank would make it a folded line, and without anything it may be cut.
   */
  int match(byte[] b, int at, int to) {
    int equal = Arrays.mismatch(raw, 0, raw.length, b, at, Math.min(to, at + raw.length));
    int count = size;
    if (equal >= 0) {
      while (count > 0 && rawEnds[count - 1] > equal) {
        count--;
      }
      if (count == 0) {
        return 0;
      }
    }
    int end = at + rawEnds[count - 1];
    return end < to && !Ascii.isBlank(b[end]) ? count : count - 1;
  }

  Hint line(int i) {
    return lines[i];
  }

  /** Where line {@code i} begins, from the run's beginning. */
  int start(int i) {
    return i == 0 ? 0 : rawEnds[i - 1];
  }

  /** How many bytes the first {@code count} lines have. */
  int length(int count) {
    return rawEnds[count - 1];
  }

  /** Writes the JSON of the first {@code count} lines. */
  void write(int count, Utf8Buffer out) {
    out.put(json, 0, jsonEnds[count - 1]);
  }
}

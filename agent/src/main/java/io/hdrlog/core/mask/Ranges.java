package io.hdrlog.core.mask;

import java.util.Arrays;

/** The parts of a value that are masked; reused from value to value. */
public final class Ranges {
  /** Beyond this many, one range reaches to the end: too much masked is better than too little. */
  private static final int RANGES_MAX = 4096;

  private int[] from = new int[16];
  private int[] to = new int[16];
  private int count;
  private boolean sorted;

  public void clear() {
    count = 0;
    sorted = true;
  }

  public int count() {
    return count;
  }

  public int from(int range) {
    return from[range];
  }

  public int to(int range) {
    return to[range];
  }

  public void add(int start, int end) {
    if (start >= end) {
      return;
    }
    addEvenEmpty(start, end);
  }

  /** An empty range is a place for the mask's text: an empty value that is masked all the same. */
  public void addEvenEmpty(int start, int end) {
    if (count == RANGES_MAX) {
      sort();
      from[0] = Math.min(from[0], start);
      to[0] = Integer.MAX_VALUE;
      count = 1;
      return;
    }
    if (count == from.length) {
      from = Arrays.copyOf(from, count * 2);
      to = Arrays.copyOf(to, count * 2);
    }
    if (count > 0 && start <= to[count - 1]) {
      sorted = false;
    }
    from[count] = start;
    to[count++] = end;
  }

  /** Puts the ranges in order, overlapping and touching ones made one. */
  public void sort() {
    if (sorted) {
      return;
    }
    for (int i = 1; i < count; i++) {
      int f = from[i];
      int t = to[i];
      int j = i - 1;
      while (j >= 0 && from[j] > f) {
        from[j + 1] = from[j];
        to[j + 1] = to[j];
        j--;
      }
      from[j + 1] = f;
      to[j + 1] = t;
    }
    int n = 0;
    for (int i = 1; i < count; i++) {
      if (from[i] <= to[n]) {
        to[n] = Math.max(to[n], to[i]);
      } else {
        n++;
        from[n] = from[i];
        to[n] = to[i];
      }
    }
    count = count == 0 ? 0 : n + 1;
    sorted = true;
  }
}

package io.hdrlog.core.wire;

import java.util.Arrays;

/** The streams that are not finished, in the order of their ids, which is that of their start. */
final class Http2Streams {
  /** Ten times what servers allow by default. */
  static final int COUNT_MAX = 1024;

  private Http2Stream[] streams = new Http2Stream[8];
  private int count;

  int count() {
    return count;
  }

  Http2Stream at(int index) {
    return streams[index];
  }

  /** The stream, or null. */
  Http2Stream find(int id) {
    int index = indexOf(id);
    return index < 0 ? null : streams[index];
  }

  /** Its id is the highest so far. */
  void add(Http2Stream stream) {
    if (count == streams.length) {
      streams = Arrays.copyOf(streams, count * 2);
    }
    streams[count++] = stream;
  }

  void remove(Http2Stream stream) {
    int index = indexOf(stream.id);
    if (index >= 0) {
      count--;
      System.arraycopy(streams, index + 1, streams, index, count - index);
      streams[count] = null;
    }
  }

  private int indexOf(int id) {
    int low = 0;
    int high = count - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int found = streams[middle].id;
      if (found == id) {
        return middle;
      }
      if (found < id) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -1;
  }
}

package io.hdrlog.core.merge;

import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A socket as the kernel side would report it, with the same small windows. */
final class FakeJournal implements SocketJournal {
  private static final int CAPACITY = 8;

  private record Mark(long ns, int position) {}

  private final Map<MarkKind, List<Mark>> marks = new EnumMap<>(MarkKind.class);
  long cookie = 1;
  int flags = OPENED;
  int remotePort = 40_000;
  int localPort = 8080;
  long establishedNs = 1;
  long acceptedNs;
  int srttUs;
  int segmentsPerRetransmit = 1;

  FakeJournal() {
    for (MarkKind kind : MarkKind.values()) {
      marks.put(kind, new ArrayList<>());
    }
  }

  FakeJournal mark(MarkKind kind, long ns, long position) {
    marks.get(kind).add(new Mark(ns, (int) position));
    return this;
  }

  @Override
  public long cookie() {
    return cookie;
  }

  @Override
  public int flags() {
    return flags;
  }

  @Override
  public long localHigh() {
    return 0;
  }

  @Override
  public long localLow() {
    return 1;
  }

  @Override
  public long remoteHigh() {
    return 0;
  }

  @Override
  public long remoteLow() {
    return 2;
  }

  @Override
  public int localPort() {
    return localPort;
  }

  @Override
  public int remotePort() {
    return remotePort;
  }

  @Override
  public long establishedNs() {
    return establishedNs;
  }

  @Override
  public long acceptedNs() {
    return acceptedNs;
  }

  @Override
  public int srttUs() {
    return srttUs;
  }

  @Override
  public int count(MarkKind kind) {
    return marks.get(kind).size();
  }

  @Override
  public int capacity(MarkKind kind) {
    return CAPACITY;
  }

  @Override
  public long markNs(MarkKind kind, int number) {
    return windowed(kind, number).ns();
  }

  @Override
  public int markPosition(MarkKind kind, int number) {
    return windowed(kind, number).position();
  }

  @Override
  public int markSegments(int number) {
    windowed(MarkKind.RETRANSMIT, number);
    return segmentsPerRetransmit * (number + 1);
  }

  private Mark windowed(MarkKind kind, int number) {
    if (number < count(kind) - CAPACITY) {
      throw new AssertionError("mark " + number + " of " + kind + " is no longer in the window");
    }
    return marks.get(kind).get(number);
  }
}

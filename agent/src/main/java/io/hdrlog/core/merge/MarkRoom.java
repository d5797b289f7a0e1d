package io.hdrlog.core.merge;

/** The room for marks that all sockets share, beyond what each may have without asking. */
final class MarkRoom {
  /** 6 MiB. One connection with a hundred streams at a time was seen to need some 4,000. */
  static final int MARKS_MAX = 1 << 18;

  private int left;

  MarkRoom() {
    this(MARKS_MAX);
  }

  MarkRoom(int marks) {
    left = marks;
  }

  /** False if there is not so much left; then nothing was taken. */
  boolean take(int marks) {
    if (marks > left) {
      return false;
    }
    left -= marks;
    return true;
  }

  void give(int marks) {
    left += marks;
  }

  int left() {
    return left;
  }
}

package io.hdrlog.core.run;

import io.hdrlog.core.file.SystemCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Notes the nice values that it is asked for; the consumer's thread may ask for nothing else. */
final class NiceCalls implements SystemCalls {
  final List<Integer> asked = new CopyOnWriteArrayList<>();
  boolean refusing;
  private final int ofProcess;

  NiceCalls(int ofProcess) {
    this.ofProcess = ofProcess;
  }

  @Override
  public int niceOfProcess() {
    return ofProcess;
  }

  @Override
  public boolean nice(int value) {
    asked.add(value);
    return !refusing;
  }

  @Override
  public int open(Path file) {
    throw new AssertionError("not of the consumer's thread");
  }

  @Override
  public void writeBack(int descriptor, long offset, long length) {
    throw new AssertionError("not of the consumer's thread");
  }

  @Override
  public void dropPages(int descriptor, long offset, long length) {
    throw new AssertionError("not of the consumer's thread");
  }

  @Override
  public void close(int descriptor) {
    throw new AssertionError("not of the consumer's thread");
  }
}

package io.hdrlog.core.file;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What Linux does for files and threads beyond what the JDK offers. Implemented where FFM is known,
 * found by class name; those on files may block, so they are not for the consumer's thread.
 */
public interface SystemCalls {
  /** The implementation's class name, in the part of the jar that is not for every JDK. */
  String IMPLEMENTATION = "io.hdrlog.bpf.LinuxSystemCalls";

  /** Null where there are none: another system, or a JDK without FFM. */
  static SystemCalls find() {
    return Found.CALLS;
  }

  /** A descriptor for {@link #writeBack} and {@link #dropPages}. */
  int open(Path file) throws IOException;

  /** Begins to write a part of the file to its disk, and does not wait for the end. */
  void writeBack(int descriptor, long offset, long length) throws IOException;

  /** Takes out of the page cache what of this part is on the disk already. */
  void dropPages(int descriptor, long offset, long length) throws IOException;

  /** Closing any descriptor of a file ends this process's locks on it: fcntl(2). */
  void close(int descriptor);

  /** The nice value of the process's first thread: what it was started with. */
  int niceOfProcess();

  /**
   * Sets the calling thread's nice value, which the threads that it starts take over: 19 yields to
   * all others. False where it is refused: less than it is takes CAP_SYS_NICE.
   */
  boolean nice(int value);

  /** Looked for once, when they are first wanted: the JDK's linker takes its time. */
  final class Found {
    private static final SystemCalls CALLS = search();

    private Found() {}

    private static SystemCalls search() {
      try {
        return Class.forName(IMPLEMENTATION)
            .asSubclass(SystemCalls.class)
            .getDeclaredConstructor()
            .newInstance();
      } catch (ReflectiveOperationException | LinkageError | RuntimeException e) {
        return null;
      }
    }
  }
}

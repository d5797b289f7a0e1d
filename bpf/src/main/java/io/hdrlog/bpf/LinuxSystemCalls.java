package io.hdrlog.bpf;

import io.hdrlog.core.file.SystemCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** libc's functions. */
@SuppressWarnings("restricted")
public final class LinuxSystemCalls implements SystemCalls {
  // include/uapi/asm-generic/fcntl.h, include/uapi/linux/fs.h, include/uapi/linux/fadvise.h
  private static final long O_RDONLY_CLOEXEC = 0x80000;
  private static final long SYNC_FILE_RANGE_WRITE = 2;
  private static final long POSIX_FADV_DONTNEED = 4;
  private static final long PRIO_PROCESS = 0;
  private static final long CALLING_THREAD = 0;

  private final NativeFunction open;
  private final NativeFunction syncFileRange;
  private final NativeFunction fadvise;
  private final NativeFunction close;
  private final NativeFunction getPriority;
  private final NativeFunction setPriority;

  /** Throws an UnsatisfiedLinkError where libc has no such functions, or may not be called. */
  public LinuxSystemCalls() {
    if (!LinuxSystemCalls.class.getModule().isNativeAccessEnabled()) {
      // The JVM would write a warning among the service's own output: JEP 472.
      throw new UnsatisfiedLinkError("native access is not granted");
    }
    SymbolLookup libc = Linker.nativeLinker().defaultLookup();
    open = NativeFunction.find(libc, "open");
    syncFileRange = NativeFunction.find(libc, "sync_file_range");
    fadvise = NativeFunction.find(libc, "posix_fadvise");
    close = NativeFunction.find(libc, "close");
    getPriority = NativeFunction.find(libc, "getpriority");
    setPriority = NativeFunction.find(libc, "setpriority");
  }

  /** As the kernel has it for this process: /proc may be mounted for another pid namespace. */
  static int ownPid() {
    return call(NativeFunction.find(Linker.nativeLinker().defaultLookup(), "getpid"), 0, 0, 0, 0);
  }

  @Override
  public int open(Path file) throws IOException {
    byte[] name = file.toString().getBytes(StandardCharsets.UTF_8);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocate(name.length + 1L, 1);
      path.asByteBuffer().put(name);
      int descriptor = call(open, path.address(), O_RDONLY_CLOEXEC, 0, 0);
      if (descriptor < 0) {
        throw new IOException("open file=" + file);
      }
      return descriptor;
    }
  }

  @Override
  public void writeBack(int descriptor, long offset, long length) throws IOException {
    if (call(syncFileRange, descriptor, offset, length, SYNC_FILE_RANGE_WRITE) != 0) {
      throw new IOException("sync_file_range");
    }
  }

  @Override
  public void dropPages(int descriptor, long offset, long length) throws IOException {
    int errno = call(fadvise, descriptor, offset, length, POSIX_FADV_DONTNEED);
    if (errno != 0) {
      throw new IOException(new ErrnoException("posix_fadvise", errno));
    }
  }

  @Override
  public void close(int descriptor) {
    int unused = call(close, descriptor, 0, 0, 0);
  }

  @Override
  public int niceOfProcess() {
    return call(getPriority, PRIO_PROCESS, ownPid(), 0, 0);
  }

  @Override
  public boolean nice(int value) {
    // Of a thread, on Linux, where POSIX says of a process: setpriority(2), "C library/kernel
    // differences".
    return call(setPriority, PRIO_PROCESS, CALLING_THREAD, value, 0) == 0;
  }

  /** All of them return an int: the upper half of the register is not theirs. */
  private static int call(
      NativeFunction function, long first, long second, long third, long fourth) {
    return (int) function.call(first, second, third, fourth);
  }
}

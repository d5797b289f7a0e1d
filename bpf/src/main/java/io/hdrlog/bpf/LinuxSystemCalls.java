package io.hdrlog.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.hdrlog.core.file.SystemCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * libc's functions. Each is called with four numbers, whatever it takes: in the calling conventions
 * of x86-64 and aarch64 whole numbers and addresses stand in registers of their own, and a function
 * leaves those alone that it has no parameter for. So the linker makes one kind of handle.
 */
@SuppressWarnings("restricted")
public final class LinuxSystemCalls implements SystemCalls {
  private static final FunctionDescriptor CALL =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  // include/uapi/asm-generic/fcntl.h, include/uapi/linux/fs.h, include/uapi/linux/fadvise.h
  private static final long O_RDONLY_CLOEXEC = 0x80000;
  private static final long SYNC_FILE_RANGE_WRITE = 2;
  private static final long POSIX_FADV_DONTNEED = 4;
  private static final long PRIO_PROCESS = 0;
  private static final long CALLING_THREAD = 0;

  private final MethodHandle open;
  private final MethodHandle syncFileRange;
  private final MethodHandle fadvise;
  private final MethodHandle close;
  private final MethodHandle getPriority;
  private final MethodHandle setPriority;

  /** Throws an UnsatisfiedLinkError where libc has no such functions, or may not be called. */
  public LinuxSystemCalls() {
    if (!LinuxSystemCalls.class.getModule().isNativeAccessEnabled()) {
      // The JVM would write a warning among the service's own output: JEP 472.
      throw new UnsatisfiedLinkError("native access is not granted");
    }
    open = function("open");
    syncFileRange = function("sync_file_range");
    fadvise = function("posix_fadvise");
    close = function("close");
    getPriority = function("getpriority");
    setPriority = function("setpriority");
  }

  private static MethodHandle function(String name) {
    Linker linker = Linker.nativeLinker();
    MemorySegment address = linker.defaultLookup().find(name).orElse(MemorySegment.NULL);
    if (address.address() == 0) {
      throw new UnsatisfiedLinkError("libc has no function name=" + name);
    }
    return linker.downcallHandle(address, CALL);
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
    return call(getPriority, PRIO_PROCESS, ProcessHandle.current().pid(), 0, 0);
  }

  @Override
  public boolean nice(int value) {
    // Of a thread, on Linux, where POSIX says of a process: setpriority(2), "C library/kernel
    // differences".
    return call(setPriority, PRIO_PROCESS, CALLING_THREAD, value, 0) == 0;
  }

  /** All of them return an int: the upper half of the register is not theirs. */
  private static int call(MethodHandle function, long first, long second, long third, long fourth) {
    try {
      return (int) (long) function.invokeExact(first, second, third, fourth);
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.hdrlog.it.wire;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/** The few system calls that Java has no classes for. */
@SuppressWarnings("restricted") // what foreign functions are
final class Native {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

  private static final int O_RDWR = 2;
  private static final int O_CLOEXEC = 0x80000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long TUNSETIFF = 0x400454caL;
  private static final short IFF_TUN_NO_PI = 0x1001;
  private static final int IFREQ_BYTES = 40;
  private static final int IFNAME_BYTES = 16;
  private static final short POLLIN = 1;
  private static final int POLLFD_REVENTS = 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final VarHandle ERRNO_VALUE =
      Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private static final MethodHandle OPEN = variadic("open", INT, ADDRESS, INT);
  private static final MethodHandle IOCTL = variadic("ioctl", INT, INT, LONG, ADDRESS);
  private static final MethodHandle SETNS = function("setns", INT, INT, INT);
  private static final MethodHandle CLOSE = function("close", INT, INT);
  private static final MethodHandle READ = function("read", LONG, INT, ADDRESS, LONG);
  private static final MethodHandle WRITE = function("write", LONG, INT, ADDRESS, LONG);
  private static final MethodHandle POLL = function("poll", INT, ADDRESS, LONG, INT);

  private Native() {}

  private static MethodHandle function(String name, MemoryLayout result, MemoryLayout... args) {
    return handle(name, result, args, ERRNO);
  }

  private static MethodHandle variadic(String name, MemoryLayout result, MemoryLayout... args) {
    return handle(name, result, args, ERRNO, Linker.Option.firstVariadicArg(2));
  }

  private static MethodHandle handle(
      String name, MemoryLayout result, MemoryLayout[] args, Linker.Option... options) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().find(name).orElseThrow(),
        FunctionDescriptor.of(result, args),
        options);
  }

  /** The calling thread goes into a network namespace, for good. */
  static void enterNetwork(Path file) {
    int fd = open(file);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      check("setns", (int) SETNS.invokeExact(errno, fd, CLONE_NEWNET), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      close(fd);
    }
  }

  /** Makes a network interface whose packets are read and written here, in the thread's network. */
  static int openTun(String name) {
    int fd = open(Path.of("/dev/net/tun"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      MemorySegment request = arena.allocate(IFREQ_BYTES);
      request.setString(0, name);
      request.set(ValueLayout.JAVA_SHORT, IFNAME_BYTES, IFF_TUN_NO_PI);
      check("TUNSETIFF", (int) IOCTL.invokeExact(errno, fd, TUNSETIFF, request), errno);
      return fd;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static int open(Path file) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      MemorySegment path = arena.allocateFrom(file.toString());
      int flags = file.startsWith("/dev") ? O_RDWR | O_CLOEXEC : O_CLOEXEC;
      return check("open " + file, (int) OPEN.invokeExact(errno, path, flags), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      check("close", (int) CLOSE.invokeExact(errno, fd), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Whether something can be read within that time. */
  static boolean readable(int fd, int millis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      MemorySegment poll = arena.allocate(8, 4);
      poll.set(INT, 0, fd);
      poll.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      check("poll", (int) POLL.invokeExact(errno, poll, 1L, millis), errno);
      return (poll.get(ValueLayout.JAVA_SHORT, POLLFD_REVENTS) & POLLIN) != 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static byte[] read(int fd, int bytesMax) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      MemorySegment buffer = arena.allocate(bytesMax);
      long read = (long) READ.invokeExact(errno, fd, buffer, (long) bytesMax);
      check("read", (int) read, errno);
      return buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void write(int fd, byte[] bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment errno = errno(arena);
      MemorySegment buffer = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      check("write", (int) (long) WRITE.invokeExact(errno, fd, buffer, (long) bytes.length), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static MemorySegment errno(Arena arena) {
    return arena.allocate(Linker.Option.captureStateLayout());
  }

  private static int check(String what, int result, MemorySegment errno) {
    if (result < 0) {
      throw new IllegalStateException(what + " failed: errno=" + (int) ERRNO_VALUE.get(errno, 0L));
    }
    return result;
  }

  private static IllegalStateException unexpected(Throwable e) {
    return e instanceof IllegalStateException known ? known : new IllegalStateException(e);
  }
}

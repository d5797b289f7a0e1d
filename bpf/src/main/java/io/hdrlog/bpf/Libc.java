package io.hdrlog.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The calls of the C library that the JDK has nothing for. */
@SuppressWarnings("restricted")
final class Libc extends NativeLibrary {
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;

  private final MethodHandle mmap;
  private final MethodHandle munmap;
  private final MethodHandle getpagesize;

  Libc(Arena arena) {
    super(Linker.nativeLinker().defaultLookup(), arena);
    mmap = failing("mmap", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    munmap = function("munmap", JAVA_INT, ADDRESS, JAVA_LONG);
    getpagesize = function("getpagesize", JAVA_INT);
  }

  int pageBytes() {
    try {
      return (int) getpagesize.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Maps a file shared; unmapped when the arena closes, after which any access throws. */
  MemorySegment map(int fd, long offset, long bytes, int protection, Arena arena)
      throws ErrnoException {
    MemorySegment mapped;
    try {
      mapped =
          (MemorySegment)
              mmap.invokeExact(
                  state, MemorySegment.NULL, bytes, protection, MAP_SHARED, fd, offset);
    } catch (Throwable t) {
      throw unexpected(t);
    }
    if (mapped.address() == -1) {
      throw new ErrnoException("mmap bytes=" + bytes, errno());
    }
    return mapped.reinterpret(bytes, arena, segment -> unmap(segment, bytes));
  }

  private void unmap(MemorySegment mapped, long bytes) {
    try {
      int ignored = (int) munmap.invokeExact(mapped, bytes);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }
}

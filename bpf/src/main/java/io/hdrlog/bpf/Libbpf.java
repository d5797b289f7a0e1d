package io.hdrlog.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * libbpf, and the few functions linked into it ({@code library.c}). Objects, programs, maps and
 * links are pointers. An int below 0 is an error number; where a pointer is returned, NULL and
 * errno say so.
 */
@SuppressWarnings("restricted")
final class Libbpf extends NativeLibrary {
  /** {@code enum bpf_attach_type}. */
  static final int BPF_TRACE_UPROBE_MULTI = 48;

  private static final int LOG_BYTES = 256 * 1024;
  private static final long OPEN_OPTS_BYTES = 16;
  private static final long TEST_RUN_OPTS_BYTES = 80;
  private static final long UPROBE_OPTS_BYTES = 48;
  private static final long UPROBE_MULTI_OPTS_BYTES = 56;

  private final MethodHandle objectOpen;
  private final MethodHandle objectLoad;
  private final MethodHandle objectClose;
  private final MethodHandle objectProgram;
  private final MethodHandle objectMap;
  private final MethodHandle programAutoload;
  private final MethodHandle programAttachType;
  private final MethodHandle programFd;
  private final MethodHandle programAttach;
  private final MethodHandle programTestRun;
  private final MethodHandle attachUprobe;
  private final MethodHandle attachUprobeMulti;
  private final MethodHandle linkDestroy;
  private final MethodHandle mapFd;
  private final MethodHandle mapInitialValue;
  private final MethodHandle mapLookup;
  private final MethodHandle mapUpdate;
  private final MethodHandle logStart;
  private final MethodHandle librariesLoaded;
  private final MethodHandle intFieldOffset;

  private MemorySegment log = MemorySegment.NULL;

  Libbpf(Path library, Arena arena) {
    super(SymbolLookup.libraryLookup(library, arena), arena);
    objectOpen = failing("bpf_object__open_mem", ADDRESS, ADDRESS, JAVA_LONG, ADDRESS);
    objectLoad = function("bpf_object__load", JAVA_INT, ADDRESS);
    objectClose = function("bpf_object__close", null, ADDRESS);
    objectProgram = failing("bpf_object__find_program_by_name", ADDRESS, ADDRESS, ADDRESS);
    objectMap = failing("bpf_object__find_map_by_name", ADDRESS, ADDRESS, ADDRESS);
    programAutoload = function("bpf_program__set_autoload", JAVA_INT, ADDRESS, JAVA_BOOLEAN);
    programAttachType =
        function("bpf_program__set_expected_attach_type", JAVA_INT, ADDRESS, JAVA_INT);
    programFd = function("bpf_program__fd", JAVA_INT, ADDRESS);
    programAttach = failing("bpf_program__attach", ADDRESS, ADDRESS);
    programTestRun = function("bpf_prog_test_run_opts", JAVA_INT, JAVA_INT, ADDRESS);
    attachUprobe =
        failing(
            "bpf_program__attach_uprobe_opts",
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            ADDRESS);
    attachUprobeMulti =
        failing(
            "bpf_program__attach_uprobe_multi",
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            ADDRESS,
            ADDRESS);
    linkDestroy = function("bpf_link__destroy", JAVA_INT, ADDRESS);
    mapFd = function("bpf_map__fd", JAVA_INT, ADDRESS);
    mapInitialValue = function("bpf_map__initial_value", ADDRESS, ADDRESS, ADDRESS);
    mapLookup = function("bpf_map_lookup_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
    mapUpdate = function("bpf_map_update_elem", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
    logStart = function("hdrlog_log_start", ADDRESS);
    librariesLoaded = function("hdrlog_libraries_loaded", JAVA_LONG);
    intFieldOffset = function("hdrlog_int_field_offset", JAVA_INT, ADDRESS, ADDRESS);
  }

  /** Forgets what libbpf has said so far. */
  void startLog() {
    try {
      log = (MemorySegment) logStart.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** What libbpf has said since. */
  String log() {
    return log.address() == 0 ? "" : text(log, LOG_BYTES);
  }

  MemorySegment open(byte[] elf, Arena arena) throws ErrnoException {
    MemorySegment bytes = arena.allocate(elf.length, 8);
    MemorySegment.copy(elf, 0, bytes, JAVA_BYTE, 0, elf.length);
    MemorySegment opts = arena.allocate(OPEN_OPTS_BYTES, 8);
    opts.set(JAVA_LONG, 0, OPEN_OPTS_BYTES);
    opts.set(ADDRESS, 8, cString(arena, "hdrlog"));
    try {
      return found(
          (MemorySegment) objectOpen.invokeExact(state, bytes, (long) elf.length, opts),
          "bpf_object__open_mem");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  void load(MemorySegment object) throws ErrnoException {
    try {
      succeeded((int) objectLoad.invokeExact(object), "bpf_object__load");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  void close(MemorySegment object) {
    try {
      objectClose.invokeExact(object);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  MemorySegment program(MemorySegment object, String name) throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      return found(
          (MemorySegment) objectProgram.invokeExact(state, object, cString(arena, name)),
          "find program=" + name);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  MemorySegment map(MemorySegment object, String name) throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      return found(
          (MemorySegment) objectMap.invokeExact(state, object, cString(arena, name)),
          "find map=" + name);
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  void setAutoload(MemorySegment program, boolean load) throws ErrnoException {
    try {
      succeeded((int) programAutoload.invokeExact(program, load), "bpf_program__set_autoload");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  void setExpectedAttachType(MemorySegment program, int type) throws ErrnoException {
    try {
      succeeded(
          (int) programAttachType.invokeExact(program, type),
          "bpf_program__set_expected_attach_type");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Attaches where the program's section says. */
  MemorySegment attach(MemorySegment program) throws ErrnoException {
    try {
      return found(
          (MemorySegment) programAttach.invokeExact(state, program), "bpf_program__attach");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Runs a program once, on this thread. */
  void run(MemorySegment program) throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment opts = arena.allocate(TEST_RUN_OPTS_BYTES, 8);
      opts.set(JAVA_LONG, 0, TEST_RUN_OPTS_BYTES);
      int fd = (int) programFd.invokeExact(program);
      succeeded((int) programTestRun.invokeExact(fd, opts), "bpf_prog_test_run_opts");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Attaches one program to many places of one file, by one link (Linux 6.6). */
  MemorySegment attachUprobeMulti(
      MemorySegment program, int pid, String path, long[] fileOffsets, boolean atReturn)
      throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offsets = arena.allocate(8L * fileOffsets.length, 8);
      MemorySegment.copy(fileOffsets, 0, offsets, JAVA_LONG, 0, fileOffsets.length);
      MemorySegment opts = arena.allocate(UPROBE_MULTI_OPTS_BYTES, 8);
      opts.set(JAVA_LONG, 0, UPROBE_MULTI_OPTS_BYTES);
      opts.set(ADDRESS, 16, offsets);
      opts.set(JAVA_LONG, 40, fileOffsets.length);
      opts.set(JAVA_BOOLEAN, 48, atReturn);
      return found(
          (MemorySegment)
              attachUprobeMulti.invokeExact(
                  state, program, pid, cString(arena, path), MemorySegment.NULL, opts),
          "bpf_program__attach_uprobe_multi");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** Attaches to one place by a perf event: every kernel has it, some ask for CAP_SYS_ADMIN. */
  MemorySegment attachUprobe(
      MemorySegment program, int pid, String path, long fileOffset, boolean atReturn)
      throws ErrnoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment opts = arena.allocate(UPROBE_OPTS_BYTES, 8);
      opts.set(JAVA_LONG, 0, UPROBE_OPTS_BYTES);
      opts.set(JAVA_BOOLEAN, 24, atReturn);
      return found(
          (MemorySegment)
              attachUprobe.invokeExact(state, program, pid, cString(arena, path), fileOffset, opts),
          "bpf_program__attach_uprobe_opts");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  void destroyLink(MemorySegment link) {
    try {
      int ignored = (int) linkDestroy.invokeExact(link);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  int fd(MemorySegment map) {
    try {
      return (int) mapFd.invokeExact(map);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** What a global section will hold when the object is loaded; may be written until then. */
  MemorySegment initialValue(MemorySegment map) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(8, 8);
      MemorySegment value = (MemorySegment) mapInitialValue.invokeExact(map, size);
      return value.reinterpret(size.get(JAVA_LONG, 0));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Copies a value out of a map; false if the key is not there. */
  boolean lookup(int mapFd, MemorySegment key, MemorySegment value) {
    try {
      return (int) mapLookup.invokeExact(mapFd, key, value) == 0;
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  void update(int mapFd, MemorySegment key, MemorySegment value) throws ErrnoException {
    try {
      succeeded((int) mapUpdate.invokeExact(mapFd, key, value, 0L), "bpf_map_update_elem");
    } catch (Throwable t) {
      throw rethrown(t);
    }
  }

  /** How many libraries this process has loaded so far; allocates nothing. */
  long librariesLoaded() {
    try {
      return (long) librariesLoaded.invokeExact();
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /** Where an int field lies in its object, or -1. */
  int intFieldOffset(String className, String field) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) intFieldOffset.invokeExact(cString(arena, className), cString(arena, field));
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private MemorySegment found(MemorySegment pointer, String what) throws ErrnoException {
    if (pointer.address() == 0) {
      throw new ErrnoException(what, errno());
    }
    return pointer;
  }

  private static void succeeded(int returned, String what) throws ErrnoException {
    if (returned < 0) {
      throw new ErrnoException(what, -returned);
    }
  }

  private static ErrnoException rethrown(Throwable thrown) {
    if (thrown instanceof ErrnoException errno) {
      return errno;
    }
    throw unexpected(thrown);
  }
}

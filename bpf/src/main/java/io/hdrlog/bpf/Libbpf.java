package io.hdrlog.bpf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * libbpf behind the functions of {@code library.h}. All of them take one address and return one
 * number.
 */
@SuppressWarnings("restricted")
final class Libbpf {
  private static final int LOG_BYTES = 256 * 1024;
  private static final int NAME_BYTES = 64;
  private static final int PLACES_MAX = 64;

  private final NativeFunction load;
  private final NativeFunction close;
  private final NativeFunction attach;
  private final NativeFunction find;
  private final NativeFunction join;
  private final NativeFunction losses;
  private final NativeFunction intFieldOffset;
  private final NativeFunction librariesLoaded;

  Libbpf(Path library, Arena arena) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, arena);
    load = NativeFunction.find(symbols, "hdrlog_load");
    close = NativeFunction.find(symbols, "hdrlog_close");
    attach = NativeFunction.find(symbols, "hdrlog_attach");
    find = NativeFunction.find(symbols, "hdrlog_find");
    join = NativeFunction.find(symbols, "hdrlog_join");
    losses = NativeFunction.find(symbols, "hdrlog_losses");
    intFieldOffset = NativeFunction.find(symbols, "hdrlog_int_field_offset");
    librariesLoaded = NativeFunction.find(symbols, "hdrlog_libraries_loaded");
  }

  /** What is in the kernel and attached; addresses of C's. */
  record Handle(long loaded, long ringConsumer, long ringProducer, int pageBytes) {}

  /** The programs did not get in. */
  static final class LoadFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The program that was loaded but not attached, or null. */
    final String program;

    final String log;

    LoadFailedException(ErrnoException cause, String program, String log) {
      super(cause.getMessage(), cause);
      this.program = program;
      this.log = log;
    }
  }

  /**
   * One attempt at loading and attaching.
   *
   * @param programs those wanted, in the order in which they are to be attached
   * @param settings {@code struct hdrlog_settings}
   */
  Handle load(byte[] elf, Iterable<String> programs, long settings, boolean multi, long ringBytes)
      throws LoadFailedException {
    String names = String.join("\n", programs);
    try (Arena arena = Arena.ofConfined()) {
      Request request =
          new Request(arena, 12, elf.length + 8 + Request.room(names))
              .bytes(0, elf)
              .number(1, elf.length)
              .text(2, names)
              .number(3, settings)
              .number(4, multi ? 1 : 0)
              .number(5, ringBytes);
      long returned = call(load, request.address());
      if (returned < 0) {
        throw new LoadFailedException(
            new ErrnoException("load", (int) -returned),
            textAt(request.number(10), NAME_BYTES),
            textAt(request.number(11), LOG_BYTES));
      }
      return new Handle(
          request.number(6), request.number(7), request.number(8), (int) request.number(9));
    }
  }

  void close(Handle handle) {
    call(close, handle.loaded);
  }

  /** Attaches one program to places of one file. */
  void attach(
      Handle handle,
      String program,
      String path,
      int pid,
      boolean multi,
      boolean atReturn,
      long[] fileOffsets)
      throws ErrnoException {
    int room = Request.room(program) + Request.room(path) + 8 * fileOffsets.length;
    try (Arena arena = Arena.ofConfined()) {
      Request request =
          new Request(arena, 8, room)
              .number(0, handle.loaded)
              .text(1, program)
              .text(2, path)
              .number(3, pid)
              .number(4, multi ? 1 : 0)
              .number(5, atReturn ? 1 : 0)
              .number(6, fileOffsets.length)
              .numbers(7, fileOffsets);
      long returned = call(attach, request.address());
      if (returned < 0) {
        throw new ErrnoException(
            (multi ? "attach uprobe.multi" : "attach uprobe") + " program=" + program,
            (int) -returned);
      }
    }
  }

  /**
   * The places in an ELF file of functions, or of USDT probes ({@code provider:name}); for each
   * name its file offsets, none if the file has no such thing.
   */
  long[][] find(String path, List<String> names) throws IOException {
    String lines = String.join("\n", names);
    int placeBytes = 16 * PLACES_MAX;
    try (Arena arena = Arena.ofConfined()) {
      Request request =
          new Request(arena, 4, Request.room(path) + Request.room(lines) + placeBytes)
              .text(0, path)
              .text(1, lines)
              .number(2, PLACES_MAX);
      int places = request.room(3, placeBytes);
      int count = (int) call(find, request.address());
      if (count < 0) {
        throw new IOException(new ErrnoException("read elf file=" + path, -count));
      }
      long[][] offsets = new long[names.size()][];
      for (int name = 0; name < offsets.length; name++) {
        offsets[name] = ofName(request, places, count, name);
      }
      return offsets;
    }
  }

  private static long[] ofName(Request request, int places, int count, int name) {
    long[] offsets = new long[count];
    int n = 0;
    for (int i = 0; i < count; i++) {
      if (request.numberAt(places, 2 * i) == name) {
        offsets[n++] = request.numberAt(places, 2 * i + 1);
      }
    }
    return java.util.Arrays.copyOf(offsets, n);
  }

  /** Tells the programs of the ports that this process listens on already. */
  void join(Handle handle) throws ErrnoException {
    long returned = call(join, handle.loaded);
    if (returned < 0) {
      throw new ErrnoException("join listening sockets", (int) -returned);
    }
  }

  /** The kernel's {@code struct hdrlog_losses}, or null if it cannot be read. */
  long[] losses(Handle handle) {
    try (Arena arena = Arena.ofConfined()) {
      Request request = new Request(arena, 2, EventLayout.LOSSES_BYTES).number(0, handle.loaded);
      int place = request.room(1, EventLayout.LOSSES_BYTES);
      if (call(losses, request.address()) < 0) {
        return null;
      }
      long[] values = new long[EventLayout.LOSSES_BYTES / 8];
      for (int i = 0; i < values.length; i++) {
        values[i] = request.numberAt(place, i);
      }
      return values;
    }
  }

  /** How many libraries this process has loaded so far; allocates nothing. */
  long librariesLoaded() {
    return call(librariesLoaded, 0);
  }

  /** Where an int field lies in its object, or -1. */
  int intFieldOffset(String className, String field) {
    try (Arena arena = Arena.ofConfined()) {
      Request request =
          new Request(arena, 2, Request.room(className) + Request.room(field))
              .text(0, className)
              .text(1, field);
      return (int) call(intFieldOffset, request.address());
    }
  }

  private static long call(NativeFunction function, long address) {
    return function.call(address, 0, 0, 0);
  }

  /** Memory that C owns, readable until the arena closes. */
  static ByteBuffer memory(long address, long bytes, Arena arena) {
    return MemorySegment.ofAddress(address)
        .reinterpret(bytes, arena, null)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** A C string of at most so many bytes; null at address 0. */
  private static String textAt(long address, int max) {
    if (address == 0) {
      return null;
    }
    ByteBuffer memory = memory(address, max, Arena.global());
    int length = 0;
    while (length < max && memory.get(length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    memory.get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}

package io.hdrlog.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;

/** What the bindings of one library have in common. Used by one thread at a time. */
@SuppressWarnings("restricted")
class NativeLibrary {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
  private static final long ERRNO_OFFSET =
      Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno"));

  private final SymbolLookup symbols;

  /** Where errno is kept after calls of functions bound with {@link #failing}. */
  final MemorySegment state;

  NativeLibrary(SymbolLookup symbols, Arena arena) {
    this.symbols = symbols;
    this.state = arena.allocate(Linker.Option.captureStateLayout());
  }

  /** A function that reports errors by what it returns. */
  final MethodHandle function(String name, MemoryLayout returned, MemoryLayout... arguments) {
    return LINKER.downcallHandle(find(name), descriptor(returned, arguments));
  }

  /** A function that reports errors by errno; takes {@link #state} first. */
  final MethodHandle failing(String name, MemoryLayout returned, MemoryLayout... arguments) {
    return LINKER.downcallHandle(find(name), descriptor(returned, arguments), ERRNO);
  }

  final int errno() {
    return state.get(ValueLayout.JAVA_INT, ERRNO_OFFSET);
  }

  private MemorySegment find(String name) {
    return symbols
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("no function name=" + name));
  }

  private static FunctionDescriptor descriptor(MemoryLayout returned, MemoryLayout[] arguments) {
    return returned == null
        ? FunctionDescriptor.ofVoid(arguments)
        : FunctionDescriptor.of(returned, arguments);
  }

  static MemorySegment cString(Arena arena, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    MemorySegment segment = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return segment;
  }

  /** Reads a C string of at most {@code max} bytes. */
  static String text(MemorySegment address, int max) {
    MemorySegment segment = address.reinterpret(max);
    int length = 0;
    while (length < max && segment.get(ValueLayout.JAVA_BYTE, length) != 0) {
      length++;
    }
    byte[] bytes = new byte[length];
    MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, 0, bytes, 0, length);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** What a downcall handle threw: never an exception of the function, which has none. */
  static IllegalStateException unexpected(Throwable thrown) {
    return new IllegalStateException("a native call failed", thrown);
  }
}

package io.hdrlog.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * A function of C. Each is called with four numbers, whatever it takes: in the calling conventions
 * of x86-64 and aarch64 whole numbers and addresses stand in registers of their own, and a function
 * leaves those alone that it has no parameter for. So the linker makes one kind of handle, which is
 * most of what FFM costs a start.
 */
@SuppressWarnings("restricted")
final class NativeFunction {
  private static final FunctionDescriptor CALL =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

  private final MethodHandle handle;

  private NativeFunction(MethodHandle handle) {
    this.handle = handle;
  }

  /** Throws an UnsatisfiedLinkError where there is none of this name. */
  static NativeFunction find(SymbolLookup symbols, String name) {
    MemorySegment address = symbols.find(name).orElse(MemorySegment.NULL);
    if (address.address() == 0) {
      throw new UnsatisfiedLinkError("no function name=" + name);
    }
    return new NativeFunction(Linker.nativeLinker().downcallHandle(address, CALL));
  }

  /**
   * Of what returns an int, the upper half is not to be looked at.
   *
   * @throws IllegalStateException if the handle throws, which is never an exception of the function
   */
  long call(long first, long second, long third, long fourth) {
    try {
      return (long) handle.invokeExact(first, second, third, fourth);
    } catch (Throwable e) {
      throw new IllegalStateException("a native call failed", e);
    }
  }
}

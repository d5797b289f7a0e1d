package io.hdrlog.premain.jdk;

import java.lang.module.ModuleDescriptor;
import java.net.URI;

/**
 * Stands for {@code jdk.internal.module.Modules}, whose name it is given when the jar is made: with
 * {@code --release} the compiler knows no such class, and to call by reflection costs a start
 * several milliseconds, since that spins classes (JEP 416). The signatures are those of 21 to 25.
 */
@SuppressWarnings({"unused", "DoNotCallSuggester"})
public final class Modules {
  private Modules() {}

  public static Module defineModule(ClassLoader loader, ModuleDescriptor descriptor, URI uri) {
    throw notPacked();
  }

  public static void addReads(Module from, Module to) {
    throw notPacked();
  }

  public static void addExports(Module module, String packageName) {
    throw notPacked();
  }

  static UnsupportedOperationException notPacked() {
    return new UnsupportedOperationException("stands for the JDK's own, in the agent's jar");
  }
}

package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;
import java.util.Map;
import java.util.Set;

/** Opens to the class path, where the classes here are, what they need of {@code java.base}. */
final class JavaBase {
  private JavaBase() {}

  /**
   * All in one call. Of a JDK that has not all of the packages the one that the tap needs is
   * opened; the others are missed where they are called.
   *
   * @param forKernel whether {@link KernelModule} is to be used
   */
  static void open(Instrumentation instrumentation, boolean forKernel) {
    Set<Module> here = Set.of(JavaBase.class.getModule());
    Map<String, Set<Module>> internals =
        Map.of("jdk.internal.module", here, "jdk.internal.access", here);
    try {
      open(instrumentation, here, forKernel ? internals : Map.of());
    } catch (IllegalArgumentException missing) {
      open(instrumentation, here, Map.of());
    }
  }

  private static void open(
      Instrumentation instrumentation, Set<Module> here, Map<String, Set<Module>> exports) {
    instrumentation.redefineModule(
        Object.class.getModule(), Set.of(), exports, Map.of("java.lang", here), Set.of(), Map.of());
  }
}

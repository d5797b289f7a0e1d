package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Opens to the class path, where the classes here are, what they need of {@code java.base}. */
final class JavaBase {
  private static final String TAP_PACKAGE = "java.lang";

  /** Those that {@link KernelModule} calls into. */
  private static final Set<String> KERNEL_PACKAGES =
      Set.of("jdk.internal.module", "jdk.internal.access");

  private JavaBase() {}

  /**
   * All in one call, since each costs a start a millisecond. Of a JDK that has not all of the
   * packages the one that the tap needs is opened; the others are missed where they are called.
   */
  static void open(Instrumentation instrumentation, boolean forKernel) {
    try {
      open(instrumentation, forKernel ? KERNEL_PACKAGES : Set.of());
    } catch (IllegalArgumentException missing) {
      open(instrumentation, Set.of());
    }
  }

  private static void open(Instrumentation instrumentation, Set<String> exported) {
    Set<Module> here = Set.of(JavaBase.class.getModule());
    Map<String, Set<Module>> exports = new HashMap<>();
    for (String packageName : exported) {
      exports.put(packageName, here);
    }
    instrumentation.redefineModule(
        Object.class.getModule(), Set.of(), exports, Map.of(TAP_PACKAGE, here), Set.of(), Map.of());
  }
}

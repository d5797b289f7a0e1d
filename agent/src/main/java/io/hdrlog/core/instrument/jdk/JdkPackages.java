package io.hdrlog.core.instrument.jdk;

import java.lang.instrument.Instrumentation;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Packages inside the JDK that the agent looks into. */
public final class JdkPackages {
  private JdkPackages() {}

  /** Opens packages of {@code java.base} to the agent's own module, and to no other. */
  public static void open(Instrumentation instrumentation, String... packages) {
    Set<Module> agent = Set.of(JdkPackages.class.getModule());
    Map<String, Set<Module>> opens = new HashMap<>();
    for (String name : packages) {
      opens.put(name, agent);
    }
    instrumentation.redefineModule(
        Object.class.getModule(), Set.of(), Map.of(), opens, Set.of(), Map.of());
  }
}

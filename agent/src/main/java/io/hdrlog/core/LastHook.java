package io.hdrlog.core;

import io.hdrlog.core.instrument.jdk.JdkPackages;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * What runs when all shutdown hooks are done. The hooks of an application run beside the agent's,
 * and a server may answer its last requests there for many seconds: before they are done nobody can
 * say that a request will have no answer.
 */
final class LastHook {
  /**
   * Of {@code java.lang.Shutdown}, in JDK 17 as in 25, which runs its ten hooks one after the other
   * and has the second run those of {@link Runtime}.
   */
  private static final int LAST_SLOT = 9;

  private LastHook() {}

  /** False if this JDK has no such place, or it is taken, or the JVM goes down already. */
  static boolean register(Instrumentation instrumentation, Runnable hook) {
    try {
      JdkPackages.open(instrumentation, "java.lang");
      Class<?> shutdown = Class.forName("java.lang.Shutdown");
      MethodHandle add =
          MethodHandles.privateLookupIn(shutdown, MethodHandles.lookup())
              .findStatic(
                  shutdown,
                  "add",
                  MethodType.methodType(void.class, int.class, boolean.class, Runnable.class));
      add.invokeExact(LAST_SLOT, false, hook);
      return true;
    } catch (Throwable missing) {
      return false;
    }
  }
}

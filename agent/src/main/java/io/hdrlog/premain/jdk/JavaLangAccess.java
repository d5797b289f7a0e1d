package io.hdrlog.premain.jdk;

/** Stands for {@code jdk.internal.access.JavaLangAccess}, as {@link Modules} does. */
public interface JavaLangAccess {
  Module addEnableNativeAccess(Module module);
}

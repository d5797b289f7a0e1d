package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;

/**
 * Makes the tap visible to every class of every loader by defining it in {@code java.lang}.
 *
 * <p>The usual way, {@link Instrumentation#appendToBootstrapClassLoaderSearch}, makes the JVM give
 * up its archived classes (CDS), which costs start-up time, and loaders that filter what they ask
 * of the boot loader (OSGi, JBoss Modules) hide any package but {@code java.*}
 * (docs/class-loaders.md).
 */
final class TapInstaller {
  /** The name under which the build packs {@code io.hdrlog.tap.Tap}. */
  private static final String NAME = "java.lang.HdrlogTap";

  private TapInstaller() {}

  /**
   * Defines the tap, once a JVM: a second agent of the same version finds the first one's. {@link
   * JavaBase} must have been opened.
   */
  static void define(byte[] tap) throws IllegalAccessException {
    try {
      Class.forName(NAME, false, null);
    } catch (ClassNotFoundException first) {
      MethodHandles.privateLookupIn(Object.class, MethodHandles.lookup()).defineClass(tap);
    }
  }
}

package io.hdrlog.premain.jdk;

/** Stands for {@code jdk.internal.access.SharedSecrets}, as {@link Modules} does. */
@SuppressWarnings("DoNotCallSuggester")
public final class SharedSecrets {
  private SharedSecrets() {}

  public static JavaLangAccess getJavaLangAccess() {
    throw Modules.notPacked();
  }
}

package io.hdrlog.core.config;

import java.util.Locale;
import java.util.Map;

/** The service's name where none is given, and its form in file names. */
final class ServiceName {
  private static final int FILE_NAME_LENGTH_MAX = 100;
  private static final String UNKNOWN = "java";

  private ServiceName() {}

  /** The main class or the jar's name, from what the JVM says it was started with. */
  static String fromJvm(Map<?, ?> systemProperties) {
    String command = text(systemProperties.get("sun.java.command"));
    String classPath = text(systemProperties.get("java.class.path"));
    String name = command;
    if (isJar(classPath) && command.startsWith(classPath)) {
      // With -jar the class path is that jar: the only sign that tells a blank in its path.
      name = classPath;
    } else {
      int blank = command.indexOf(' ');
      if (blank >= 0) {
        name = command.substring(0, blank);
      }
    }
    // A jar's folders go, and so does the module before a main class.
    name = name.substring(name.lastIndexOf('/') + 1);
    if (isJar(name)) {
      name = name.substring(0, name.length() - ".jar".length());
    }
    return name.isEmpty() ? UNKNOWN : forFile(name);
  }

  /** Letters, digits, dot, dash and underscore stay; the rest become an underscore. */
  static String forFile(String name) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < name.length() && i < FILE_NAME_LENGTH_MAX; i++) {
      char c = name.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      // A leading dot hides the file, a leading dash is an option to most commands.
      boolean punctuation = c == '_' || (i > 0 && (c == '.' || c == '-'));
      safe.append(letterOrDigit || punctuation ? c : '_');
    }
    return safe.length() == 0 ? UNKNOWN : safe.toString();
  }

  private static boolean isJar(String name) {
    return name.toLowerCase(Locale.ROOT).endsWith(".jar");
  }

  private static String text(Object value) {
    return value instanceof String string ? string.trim() : "";
  }
}

package io.hdrlog.it.service;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** What the logging frameworks on this class path would put into a log line of this moment. */
final class Mdcs {
  private static final String KEY = "request_id";

  private static final List<Source> SOURCES = new ArrayList<>();

  private record Source(String name, Method get) {}

  static {
    find("slf4j", "org.slf4j.MDC");
    find("log4j2", "org.apache.logging.log4j.ThreadContext");
    find("jboss", "org.jboss.logging.MDC");
  }

  private Mdcs() {}

  private static void find(String name, String className) {
    try {
      SOURCES.add(new Source(name, Class.forName(className).getMethod("get", String.class)));
    } catch (ReflectiveOperationException | LinkageError e) {
      // Not on this class path.
    }
  }

  /** One line {@code name=value} for each framework. */
  static String describe() {
    StringBuilder lines = new StringBuilder();
    for (Source source : SOURCES) {
      try {
        lines.append(source.name).append('=').append(source.get.invoke(null, KEY)).append('\n');
      } catch (ReflectiveOperationException e) {
        lines.append(source.name).append("=failed ").append(e).append('\n');
      }
    }
    return lines.toString();
  }
}

package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;

/**
 * Where the JVM enters: as an agent at start, as an agent into a running JVM, or as a command.
 * Loads nothing that could fail before the checks are done, and never throws: a service must start
 * with or without its log.
 */
public final class Agent {
  private Agent() {}

  /** {@code java -javaagent:hdrlog.jar[=k=v,...]}. */
  public static void premain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, false);
  }

  /** {@code java -jar hdrlog.jar attach PID [k=v,...]}. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    start(arguments, instrumentation, true);
  }

  /** {@code java -jar hdrlog.jar COMMAND}. */
  public static void main(String[] arguments) {
    try {
      System.exit(AgentRuntime.command(arguments));
    } catch (Throwable e) {
      System.err.println("hdrlog: the command failed: " + e);
      System.exit(2);
    }
  }

  private static void start(String arguments, Instrumentation instrumentation, boolean attached) {
    try {
      if ("false".equals(System.getProperty("hdrlog.enabled"))) {
        return;
      }
      AgentRuntime.start(arguments, instrumentation, attached);
    } catch (Throwable e) {
      // One line: a person reads it in a container's output, between the service's own.
      System.err.println("hdrlog: not started, the service goes on without it: " + describe(e));
    }
  }

  private static String describe(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString().replace('\n', ' ');
  }
}

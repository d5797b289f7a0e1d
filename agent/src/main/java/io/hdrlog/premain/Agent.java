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
    try {
      if (!disabled()) {
        new StartThread(arguments, instrumentation).begin();
      }
    } catch (Throwable e) {
      sayNotStarted(e);
    }
  }

  /** {@code java -jar hdrlog.jar attach PID [k=v,...]}. */
  public static void agentmain(String arguments, Instrumentation instrumentation) {
    try {
      if (!disabled()) {
        AgentRuntime.start(arguments, instrumentation, null);
      }
    } catch (Throwable e) {
      sayNotStarted(e);
    }
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

  private static boolean disabled() {
    return "false".equals(System.getProperty("hdrlog.enabled"));
  }

  /** One line: a person reads it in a container's output, between the service's own. */
  static void sayNotStarted(Throwable e) {
    System.err.println("hdrlog: not started, the service goes on without it: " + describe(e));
  }

  private static String describe(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.toString().replace('\n', ' ');
  }
}

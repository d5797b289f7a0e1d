package io.hdrlog.core.cli;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/** Loads the agent into a running JVM. By reflection: a JRE may come without jdk.attach. */
final class Attach {
  private final Path jar;
  private final PrintStream out;
  private final PrintStream err;

  Attach(Path jar, PrintStream out, PrintStream err) {
    this.jar = jar;
    this.out = out;
    this.err = err;
  }

  int run(String pid, String options) {
    if (!isNumber(pid)) {
      err.println("hdrlog: not a process id: " + Text.printable(pid));
      return Cli.USAGE;
    }
    if (jar == null || !Files.isReadable(jar)) {
      err.println("hdrlog: the agent's jar is not known: run it as java -jar hdrlog.jar attach");
      return Cli.WRONG;
    }
    Class<?> virtualMachine;
    try {
      virtualMachine = Class.forName("com.sun.tools.attach.VirtualMachine");
    } catch (ClassNotFoundException e) {
      err.println(
          "hdrlog: this Java has no jdk.attach module: java="
              + System.getProperty("java.home")
              + "; use the java of a JDK, or start the service with -javaagent:"
              + jar);
      return Cli.WRONG;
    }
    try {
      Object vm = virtualMachine.getMethod("attach", String.class).invoke(null, pid);
      Method detach = virtualMachine.getMethod("detach");
      try {
        virtualMachine
            .getMethod("loadAgent", String.class, String.class)
            .invoke(vm, jar.toString(), options);
      } finally {
        detach.invoke(vm);
      }
    } catch (InvocationTargetException e) {
      err.println(
          "hdrlog: attach refused: pid=" + pid + " reason=\"" + reason(e.getCause()) + "\"");
      err.println("it has to be a JVM of the same user, without -XX:+DisableAttachMechanism");
      return Cli.WRONG;
    } catch (ReflectiveOperationException e) {
      err.println("hdrlog: attach failed: pid=" + pid + " reason=\"" + e + "\"");
      return Cli.WRONG;
    }
    out.println("attached: pid=" + pid + " jar=" + jar);
    out.println("the agent's own log says which entry points it found");
    return Cli.OK;
  }

  private static boolean isNumber(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static String reason(Throwable cause) {
    return cause.getMessage() == null
        ? cause.toString()
        : cause.getClass().getSimpleName() + ": " + cause.getMessage();
  }
}

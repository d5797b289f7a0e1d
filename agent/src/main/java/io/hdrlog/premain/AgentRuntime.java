package io.hdrlog.premain;

import java.io.File;
import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.Collection;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.jar.JarFile;

/** Builds the agent's loaders and hands over to its core, which lives behind them. */
final class AgentRuntime {
  private static final String CORE = "io.hdrlog.core.Entry";
  private static final String COMMANDS = "io.hdrlog.core.Commands";
  private static final String TAP_ENTRY = "hdrlog/java/lang/HdrlogTap.classdata";

  /** The FFM API is final in 22 and usable, as it is, in 21 (docs/architecture.md). */
  private static final int KERNEL_FEATURE_MIN = 21;

  private static boolean started;

  private AgentRuntime() {}

  /**
   * Starts the core, once.
   *
   * @param handOver takes the core's transformer and gives the names of what was loaded meanwhile;
   *     null if the agent was attached, and nothing stands in for the transformer
   * @return whether the agent runs now, by this call
   */
  static synchronized boolean start(
      String arguments,
      Instrumentation instrumentation,
      Function<ClassFileTransformer, Collection<String>> handOver)
      throws Exception {
    if (started) {
      System.err.println("hdrlog: already running in this JVM; the second agent does nothing");
      return false;
    }
    started = true;
    AgentClassLoader loader = loader();
    String refusal = javaRefusal();
    JavaBase.open(instrumentation, refusal == null);
    TapInstaller.define(loader.read(TAP_ENTRY));
    if (refusal == null) {
      refusal = kernelRefusal(loader);
    }
    return enter(loader).test(new Object[] {arguments, instrumentation, handOver, refusal});
  }

  /**
   * The core's way in, which it gives to its loader when it is initialised. To call it and what
   * {@link KernelModule} calls by reflection took a start 10 ms of CPU: that spins classes for each
   * shape of call that nobody else has (JEP 416).
   */
  private static Predicate<Object[]> enter(AgentClassLoader loader) throws ClassNotFoundException {
    Class.forName(CORE, true, loader);
    return loader.entry();
  }

  /** Runs a command; the result is the exit status. */
  static int command(String[] arguments) throws Exception {
    AgentClassLoader loader = loader();
    Method run =
        loader.loadClass(COMMANDS).getMethod("run", String[].class, File.class, String.class);
    return (int) run.invoke(null, arguments, jarFile(), javaRefusal());
  }

  /** Why the kernel stream cannot be tried although the Java version has what it takes, or null. */
  private static String kernelRefusal(AgentClassLoader loader) {
    try {
      KernelModule.define(loader);
      return null;
    } catch (Exception | LinkageError e) {
      return "native access refused by java="
          + Runtime.version().feature()
          + " ("
          + (e.getCause() == null ? e : e.getCause())
          + "); start with --enable-native-access=ALL-UNNAMED";
    }
  }

  private static String javaRefusal() {
    int feature = Runtime.version().feature();
    return feature < KERNEL_FEATURE_MIN
        ? "java=" + feature + " has no foreign function API; run on java 21 or newer"
        : null;
  }

  private static AgentClassLoader loader() throws IOException {
    File file = jarFile();
    ProtectionDomain domain = AgentRuntime.class.getProtectionDomain();
    return new AgentClassLoader(new JarFile(file, false), file.toURI().toURL(), domain);
  }

  private static File jarFile() throws IOException {
    CodeSource source = AgentRuntime.class.getProtectionDomain().getCodeSource();
    try {
      return new File(new URI(source.getLocation().toString()));
    } catch (URISyntaxException | IllegalArgumentException e) {
      throw new IOException("the agent's jar cannot be found at " + source.getLocation(), e);
    }
  }
}

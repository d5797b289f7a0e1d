import java.io.InputStream;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.Set;
import java.util.jar.JarFile;

/** Makes one class visible to all loaders, in the way its argument names. */
public final class TapAgent {
  private TapAgent() {}

  public static void premain(String argument, Instrumentation instrumentation) throws Exception {
    int colon = argument.indexOf(':');
    switch (argument.substring(0, colon)) {
      case "define" -> define(instrumentation);
      case "append" -> append(instrumentation, argument.substring(colon + 1));
      default -> {}
    }
  }

  private static void define(Instrumentation instrumentation) throws Exception {
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(),
        Map.of("java.lang", Set.of(TapAgent.class.getModule())),
        Set.of(),
        Map.of());
    try (InputStream in = TapAgent.class.getResourceAsStream("/java/lang/HdrlogTapProbe.class")) {
      MethodHandles.privateLookupIn(Object.class, MethodHandles.lookup())
          .defineClass(in.readAllBytes());
    }
  }

  private static void append(Instrumentation instrumentation, String jar) throws Exception {
    instrumentation.appendToBootstrapClassLoaderSearch(new JarFile(jar));
    Class.forName("BootTap", true, null);
  }
}

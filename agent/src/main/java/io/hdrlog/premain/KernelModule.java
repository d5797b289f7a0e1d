package io.hdrlog.premain;

import java.lang.instrument.Instrumentation;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Method;
import java.net.URI;
import java.util.Map;
import java.util.Set;

/**
 * Puts the FFM classes into a named module of their own, the only one that is granted native
 * access. On an unnamed module the grant has no effect, and without it JDK 24 and newer warn or,
 * with {@code --illegal-native-access=deny}, refuse (JEP 472).
 *
 * <p>By the JDK's own way to define a module at run time, as for dynamic proxies, which is the same
 * from 17 on: to resolve a configuration and define a layer of it took a start 14 ms of CPU.
 */
final class KernelModule {
  private static final String NAME = "io.hdrlog.bpf";
  private static final String PACKAGE = "io.hdrlog.bpf";
  private static final String CORE_KERNEL_PACKAGE_OWNER = "io.hdrlog.core.kernel.KernelSource";
  private static final String MODULES_PACKAGE = "jdk.internal.module";
  private static final String MODULES = MODULES_PACKAGE + ".Modules";

  private KernelModule() {}

  /** Defines the module in the loader; must precede the loading of any of its classes. */
  static void define(AgentClassLoader loader, Instrumentation instrumentation)
      throws ReflectiveOperationException {
    export(instrumentation);
    Class<?> modules = Class.forName(MODULES, true, null);
    ModuleDescriptor descriptor =
        ModuleDescriptor.newModule(NAME).packages(Set.of(PACKAGE)).build();
    Module module =
        (Module)
            modules
                .getMethod("defineModule", ClassLoader.class, ModuleDescriptor.class, URI.class)
                .invoke(null, loader, descriptor, null);
    Method addReads = modules.getMethod("addReads", Module.class, Module.class);
    addReads.invoke(null, module, Object.class.getModule());
    // The kernel stream's interfaces are the agent core's, in the loader's unnamed module.
    Class<?> core = Class.forName(CORE_KERNEL_PACKAGE_OWNER, false, loader);
    addReads.invoke(null, module, core.getModule());
    modules.getMethod("addExports", Module.class, String.class).invoke(null, module, PACKAGE);
    grantNativeAccess(module);
  }

  /** To the class path, where this class is; an IllegalArgumentException says that it is gone. */
  private static void export(Instrumentation instrumentation) {
    instrumentation.redefineModule(
        Object.class.getModule(),
        Set.of(),
        Map.of(MODULES_PACKAGE, Set.of(KernelModule.class.getModule())),
        Map.of(),
        Set.of(),
        Map.of());
  }

  private static void grantNativeAccess(Module module) throws ReflectiveOperationException {
    Method grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
    grant.setAccessible(true);
    grant.invoke(module);
  }
}

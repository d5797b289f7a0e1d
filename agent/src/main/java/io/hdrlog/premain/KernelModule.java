package io.hdrlog.premain;

import io.hdrlog.premain.jdk.Modules;
import io.hdrlog.premain.jdk.SharedSecrets;
import java.lang.module.ModuleDescriptor;
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

  private KernelModule() {}

  /**
   * Defines the module in the loader; must precede the loading of any of its classes. A
   * LinkageError says that this JDK has its inside elsewhere, or keeps it shut ({@link JavaBase}).
   */
  static void define(AgentClassLoader loader) throws ClassNotFoundException {
    ModuleDescriptor descriptor =
        ModuleDescriptor.newModule(NAME).packages(Set.of(PACKAGE)).build();
    Module module = Modules.defineModule(loader, descriptor, null);
    Modules.addReads(module, Object.class.getModule());
    // The kernel stream's interfaces are the agent core's, in the loader's unnamed module.
    Class<?> core = Class.forName(CORE_KERNEL_PACKAGE_OWNER, false, loader);
    Modules.addReads(module, core.getModule());
    Modules.addExports(module, PACKAGE);
    SharedSecrets.getJavaLangAccess().addEnableNativeAccess(module);
  }
}

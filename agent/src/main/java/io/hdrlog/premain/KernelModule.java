package io.hdrlog.premain;

import java.lang.module.Configuration;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReader;
import java.lang.module.ModuleReference;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the FFM classes into a named module of their own, the only one that is granted native
 * access. On an unnamed module the grant has no effect, and without it JDK 24 and newer warn or,
 * with {@code --illegal-native-access=deny}, refuse (JEP 472).
 */
final class KernelModule {
  private static final String NAME = "io.hdrlog.bpf";
  private static final String PACKAGE = "io.hdrlog.bpf";
  private static final String CORE_KERNEL_PACKAGE_OWNER = "io.hdrlog.core.kernel.KernelSource";

  private KernelModule() {}

  /** Defines the module in the loader; must precede the loading of any of its classes. */
  static void define(AgentClassLoader loader) throws ReflectiveOperationException {
    ModuleDescriptor descriptor =
        ModuleDescriptor.newModule(NAME)
            .requires("java.base")
            .exports(PACKAGE)
            .packages(Set.of(PACKAGE))
            .build();
    ModuleLayer boot = ModuleLayer.boot();
    Configuration configuration =
        boot.configuration().resolve(new SingleModule(descriptor), ModuleFinder.of(), Set.of(NAME));
    ModuleLayer.Controller controller =
        ModuleLayer.defineModules(configuration, List.of(boot), name -> loader);
    Module module = controller.layer().findModule(NAME).orElseThrow();
    // The kernel stream's interfaces are the agent core's, in the loader's unnamed module.
    Class<?> core = Class.forName(CORE_KERNEL_PACKAGE_OWNER, false, loader);
    controller.addReads(module, core.getModule());
    grantNativeAccess(module);
  }

  private static void grantNativeAccess(Module module) throws ReflectiveOperationException {
    Method grant = Module.class.getDeclaredMethod("implAddEnableNativeAccess");
    grant.setAccessible(true);
    grant.invoke(module);
  }

  /** Finds the one module, whose classes the loader has. */
  private static final class SingleModule implements ModuleFinder {
    private final ModuleReference reference;

    SingleModule(ModuleDescriptor descriptor) {
      this.reference =
          new ModuleReference(descriptor, null) {
            @Override
            public ModuleReader open() {
              throw new UnsupportedOperationException("classes come from the agent's loader");
            }
          };
    }

    @Override
    public Optional<ModuleReference> find(String name) {
      return name.equals(NAME) ? Optional.of(reference) : Optional.empty();
    }

    @Override
    public Set<ModuleReference> findAll() {
      return Set.of(reference);
    }
  }
}

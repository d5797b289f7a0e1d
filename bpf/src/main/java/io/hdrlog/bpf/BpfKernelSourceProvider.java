package io.hdrlog.bpf;

import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.KernelSourceProvider;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Opens the kernel stream; says in one line why not, where it cannot be had. */
public final class BpfKernelSourceProvider implements KernelSourceProvider {
  private static final String NATIVES = "/io/hdrlog/bpf/native/linux-";
  private static final String LIBRARY = "libbpf.so";
  private static final String OBJECT = "hdrlog.bpf.o";

  @Override
  public KernelSource open(KernelOptions options, Path natives) throws KernelUnavailableException {
    return open(options, natives, Map.of());
  }

  /** The last argument is what to do without, and why: other kernels are tried out that way. */
  @SuppressWarnings("MustBeClosedChecker") // the source owns the arena
  KernelSource open(KernelOptions options, Path natives, Map<String, String> refusals)
      throws KernelUnavailableException {
    byte[] elf = programs();
    requireRights();
    Arena arena = Arena.ofShared();
    boolean open = false;
    try {
      Libbpf libbpf = libbpf(natives, arena);
      BpfLoader loader = new BpfLoader(libbpf, elf, options, refusals);
      BpfKernelSource source = new BpfKernelSource(libbpf, loader.load(), arena);
      open = true;
      return source;
    } catch (IOException | RuntimeException | LinkageError e) {
      throw new KernelUnavailableException("cannot start the kernel stream: " + e, e);
    } finally {
      if (!open) {
        arena.close();
      }
    }
  }

  private static String folder() throws KernelUnavailableException {
    return NATIVES + architecture() + "/";
  }

  static byte[] programs() throws KernelUnavailableException {
    return resource(folder() + OBJECT);
  }

  static Libbpf libbpf(Path natives, Arena arena) throws KernelUnavailableException, IOException {
    return new Libbpf(unpacked(folder() + LIBRARY, natives), arena);
  }

  private static String architecture() throws KernelUnavailableException {
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (!system.equals("linux")) {
      throw new KernelUnavailableException("the kernel stream needs linux, os.name=" + system);
    }
    String arch = System.getProperty("os.arch", "");
    return arch.equals("amd64") ? "x86_64" : arch;
  }

  private static void requireRights() throws KernelUnavailableException {
    List<String> missing;
    try {
      missing = Capabilities.parse(Files.readAllLines(Path.of("/proc/self/status"))).missing();
    } catch (IOException e) {
      throw new KernelUnavailableException("cannot read /proc/self/status", e);
    }
    if (!missing.isEmpty()) {
      throw new KernelUnavailableException(
          "missing capability="
              + String.join(",", missing)
              + " (the kernel stream needs CAP_BPF and CAP_PERFMON; docker: --cap-add, systemd:"
              + " AmbientCapabilities)");
    }
    if (!Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"))) {
      throw new KernelUnavailableException(
          "this kernel has no type information: /sys/kernel/btf/vmlinux is missing"
              + " (CONFIG_DEBUG_INFO_BTF)");
    }
  }

  private static byte[] resource(String name) throws KernelUnavailableException {
    try (InputStream in = BpfKernelSourceProvider.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new KernelUnavailableException(
            "this build of hdrlog has no native part for os.arch=" + System.getProperty("os.arch"));
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new KernelUnavailableException("cannot read resource=" + name, e);
    }
  }

  private static Path unpacked(String resource, Path folder)
      throws IOException, KernelUnavailableException {
    // The folder is nobody else's; what a library is mapped from must not be overwritten.
    Path target = folder.resolve(LIBRARY);
    Files.deleteIfExists(target);
    Files.write(target, resource(resource));
    return target;
  }
}

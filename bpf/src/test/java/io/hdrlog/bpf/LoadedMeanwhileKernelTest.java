package io.hdrlog.bpf;

import io.hdrlog.core.kernel.KernelOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service starts while the hooks are put in place, and loads what it needs. */
class LoadedMeanwhileKernelTest {
  @TempDir Path folder;

  @BeforeAll
  static void rights() throws Exception {
    KernelRights.require();
  }

  /** The JDK's own library once more, from another file. */
  private Path copyOfLibnio() throws Exception {
    Path copy = folder.resolve("meanwhile-libnio.so");
    return Files.copy(Path.of(System.getProperty("java.home"), "lib", "libnio.so"), copy);
  }

  @Test
  @SuppressWarnings({"restricted", "MustBeClosedChecker"}) // the source closes its arena
  void aLibraryThatCameAfterTheLookIsHookedAllTheSame() throws Exception {
    Path late = copyOfLibnio();
    try (Arena library = Arena.ofShared()) {
      Arena arena = Arena.ofShared();
      Libbpf libbpf = BpfKernelSourceProvider.libbpf(folder, arena);
      BpfLoader.Loaded loaded =
          new BpfLoader(
                  libbpf,
                  BpfKernelSourceProvider.programs(),
                  new KernelOptions(KernelOptions.Probes.UPROBE, false),
                  Map.of())
              .load();
      SymbolLookup.libraryLookup(late, library);
      try (BpfKernelSource source = new BpfKernelSource(libbpf, loaded, arena)) {
        new Recorder()
            .await(
                source,
                () -> source.describe().stream().anyMatch(l -> l.contains("meanwhile-libnio.so")));
      }
    }
  }
}

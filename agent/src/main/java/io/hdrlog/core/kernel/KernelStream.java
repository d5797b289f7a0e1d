package io.hdrlog.core.kernel;

import io.hdrlog.core.file.Processes;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Finds and opens the kernel stream's implementation, which this module knows only by name. */
public final class KernelStream {
  private KernelStream() {}

  /**
   * Loads the programs and attaches the hooks; takes about a tenth of a second, so not on the
   * application's main thread.
   *
   * @throws KernelUnavailableException if there is no kernel stream to be had, with the reason
   */
  public static KernelSource open(KernelOptions options) throws KernelUnavailableException {
    KernelSourceProvider provider = provider();
    Path natives = null;
    try {
      natives = privateFolder();
      return provider.open(options, natives);
    } catch (IOException e) {
      throw new KernelUnavailableException(
          "no private folder for the native library: java.io.tmpdir="
              + System.getProperty("java.io.tmpdir")
              + " ("
              + e
              + "); point -Djava.io.tmpdir to a writable folder",
          e);
    } catch (LinkageError e) {
      throw new KernelUnavailableException("the native library cannot be linked (" + e + ")", e);
    } finally {
      // What is mapped stays usable without its name, and nothing is left behind by a kill -9.
      delete(natives);
    }
  }

  private static KernelSourceProvider provider() throws KernelUnavailableException {
    try {
      return Class.forName(KernelSourceProvider.IMPLEMENTATION)
          .asSubclass(KernelSourceProvider.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new KernelUnavailableException("the jar has no usable kernel part (" + e + ")", e);
    }
  }

  /**
   * What Files.createTempDirectory would do, but for the random name: that costs a start some
   * milliseconds, and a name that exists already is refused all the same.
   */
  private static Path privateFolder() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    String name = "hdrlog-" + Processes.ownPid() + "-" + System.nanoTime();
    return Files.createDirectory(
        folder.resolve(name),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  private static void delete(Path folder) {
    if (folder == null) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // A file in the temporary folder that cannot be deleted harms nobody.
      return;
    }
  }
}

package io.hdrlog.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A shared library that this process has mapped. Where this is allowed (CAP_CHECKPOINT_RESTORE,
 * proc(5)) it is reached through {@code /proc/self/map_files}, because its file may be deleted at
 * any moment: Netty does so with its own right after it was loaded.
 *
 * @param name the file's name without its folder
 * @param file its path when it was loaded, which tells it from others
 * @param path where it can be opened
 */
record MappedLibrary(String name, String file, Path path) {
  private static final String DELETED = " (deleted)";

  /** The lines of {@code /proc/self/maps}, for the two questions below. */
  static List<String> maps() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps"));
  }

  /** ZGC keeps the heap in a memory file of this name, and pointers to it are coloured. */
  static boolean hasColouredPointers(List<String> maps) {
    for (String line : maps) {
      if (line.contains("/memfd:java_heap")) {
        return true;
      }
    }
    return false;
  }

  // 7f2c64000000-7f2c64021000 r--p 00000000 08:01 123456   /usr/lib/libnio.so (deleted)
  static List<MappedLibrary> parse(List<String> maps) {
    Map<String, MappedLibrary> byFile = new LinkedHashMap<>();
    for (String line : maps) {
      int slash = line.indexOf('/');
      if (slash < 0) {
        continue;
      }
      boolean deleted = line.endsWith(DELETED);
      String file = line.substring(slash, line.length() - (deleted ? DELETED.length() : 0));
      if (!file.endsWith(".so") && !file.contains(".so.")) {
        continue;
      }
      String range = line.substring(0, line.indexOf(' '));
      byFile.computeIfAbsent(
          file,
          f -> new MappedLibrary(f.substring(f.lastIndexOf('/') + 1), f, open(f, range, deleted)));
    }
    return new ArrayList<>(byFile.values());
  }

  private static Path open(String file, String range, boolean deleted) {
    Path mapped = Path.of("/proc/self/map_files", range);
    return deleted || Files.isReadable(mapped) ? mapped : Path.of(file);
  }
}

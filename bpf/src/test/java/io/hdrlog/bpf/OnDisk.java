package io.hdrlog.bpf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** Temporary folders beside what is built: /tmp may be in memory, where no page can be dropped. */
final class OnDisk implements TempDirFactory {
  @Override
  public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext extension)
      throws IOException {
    return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "disk");
  }
}

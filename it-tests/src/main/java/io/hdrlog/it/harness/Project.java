package io.hdrlog.it.harness;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where things are in the source tree. */
public final class Project {
  private Project() {}

  public static Path root() {
    return Path.of(System.getProperty("hdrlog.it.root", "..")).toAbsolutePath().normalize();
  }

  /** The artefact under test. */
  public static Path agentJar() {
    Path jar = root().resolve("shade/target/hdrlog.jar");
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException("the agent is not built: missing=" + jar + "; run: make jar");
    }
    return jar;
  }

  static Path classes() {
    return root().resolve("it-tests/target/classes");
  }

  static Path libraries(String variant) {
    return root().resolve("it-tests/target/variants").resolve(variant).resolve("lib");
  }

  static Path runs() {
    return root().resolve("it-tests/target/runs");
  }
}

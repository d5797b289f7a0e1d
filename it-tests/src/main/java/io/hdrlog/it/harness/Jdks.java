package io.hdrlog.it.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Java runtimes of this machine. */
public final class Jdks {
  private static final Pattern RELEASE = Pattern.compile("JAVA_VERSION=\"(?:1\\.)?(\\d+)");

  private Jdks() {}

  /** The home of the JVM that runs this. */
  public static Path current() {
    return Path.of(System.getProperty("java.home"));
  }

  /** The home of one with this feature release, or with the lowest from {@code min} to it. */
  public static Optional<Path> find(int min, int max) {
    List<Path> homes = new ArrayList<>();
    homes.add(current());
    String extra = System.getenv("HDRLOG_TEST_JDKS");
    if (extra != null) {
      Stream.of(extra.split(":")).map(Path::of).forEach(homes::add);
    }
    Path debian = Path.of("/usr/lib/jvm");
    if (Files.isDirectory(debian)) {
      try (Stream<Path> entries = Files.list(debian)) {
        entries.filter(entry -> !Files.isSymbolicLink(entry)).sorted().forEach(homes::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    for (int release = min; release <= max; release++) {
      for (Path home : homes) {
        if (Files.isExecutable(home.resolve("bin/java")) && release(home) == release) {
          return Optional.of(home);
        }
      }
    }
    return Optional.empty();
  }

  /** The feature release of the runtime at {@code home}, 0 if it does not say. */
  public static int release(Path home) {
    Path file = home.resolve("release");
    if (!Files.isReadable(file)) {
      return 0;
    }
    try {
      Matcher matcher = RELEASE.matcher(Files.readString(file));
      return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

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

  /**
   * The home of one with this feature release. There is none only where .ci/deps tests could get
   * none, which has then said why: a test that is not shown for another reason would pass for one
   * that passed.
   */
  public static Optional<Path> find(int release) {
    Optional<Path> home =
        homes().stream()
            .filter(one -> Files.isExecutable(one.resolve("bin/java")) && release(one) == release)
            .findFirst();
    if (home.isEmpty()) {
      Path whyNot = unpacked().resolve("no-java-" + release);
      if (!Files.isReadable(whyNot)) {
        throw new IllegalStateException(
            "no Java "
                + release
                + " found: run .ci/deps tests, or set HDRLOG_TEST_JDKS to the home of one");
      }
      System.out.println("not shown: no Java " + release + ": " + read(whyNot).strip());
    }
    return home;
  }

  private static List<Path> homes() {
    List<Path> homes = new ArrayList<>();
    homes.add(current());
    String extra = System.getenv("HDRLOG_TEST_JDKS");
    if (extra != null) {
      Stream.of(extra.split(":")).map(Path::of).forEach(homes::add);
    }
    for (Path folder : List.of(Path.of("/usr/lib/jvm"), unpacked())) {
      if (!Files.isDirectory(folder)) {
        continue;
      }
      try (Stream<Path> entries = Files.list(folder)) {
        entries.filter(entry -> !Files.isSymbolicLink(entry)).sorted().forEach(homes::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return homes;
  }

  /** Where .ci/unpack-java puts what this machine's Debian has no package of. */
  private static Path unpacked() {
    String cache = System.getenv("XDG_CACHE_HOME");
    return (cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache))
        .resolve("hdrlog");
  }

  /** The feature release of the runtime at {@code home}, 0 if it does not say. */
  public static int release(Path home) {
    Path file = home.resolve("release");
    if (!Files.isReadable(file)) {
      return 0;
    }
    Matcher matcher = RELEASE.matcher(read(file));
    return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

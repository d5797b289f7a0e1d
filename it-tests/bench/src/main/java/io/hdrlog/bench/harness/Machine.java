package io.hdrlog.bench.harness;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;

/** What a figure means nothing without. */
final class Machine {
  private Machine() {}

  static String describe(Options options) throws IOException {
    String cpu = "unknown";
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.startsWith("model name")) {
        cpu = line.substring(line.indexOf(':') + 1).strip();
        break;
      }
    }
    return Files.readAllLines(Path.of("/proc/stat")).stream()
            .filter(line -> line.matches("cpu\\d+ .*"))
            .count()
        + " cores of "
        + cpu
        + ", Linux "
        + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip()
        + ", "
        + System.getProperty("java.vm.vendor")
        + " "
        + System.getProperty("java.runtime.version")
        + ", "
        + versions(options)
        + ", load average at the start "
        + Files.readString(Path.of("/proc/loadavg")).split(" ", -1)[0];
  }

  private static String versions(Options options) throws IOException {
    TreeSet<String> versions = new TreeSet<>();
    Path library = options.home.resolve("target/lib");
    for (String folder : List.of("tomcat", "tomcat-openssl", "netty", "logbook")) {
      try (DirectoryStream<Path> jars =
          Files.newDirectoryStream(
              library.resolve(folder),
              "{tomcat-embed-core,netty-common,*tcnative-cl,logbook-core}*")) {
        for (Path jar : jars) {
          versions.add(jar.getFileName().toString().replaceAll("\\.jar$", ""));
        }
      }
    }
    versions.add("opentelemetry-javaagent-" + System.getProperty("bench.opentelemetry", "?"));
    return String.join(", ", versions);
  }
}

package io.hdrlog.shade;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

/** What a service's class loaders may and may not find in the jar. */
class JarContentsIT {
  private static final Path JAR = Path.of(System.getProperty("hdrlog.jar"));

  @Test
  void onlyThePremainClassesAreLoadableByName() throws IOException {
    assertThat(names())
        .filteredOn(name -> name.endsWith(".class"))
        .isNotEmpty()
        .allMatch(name -> name.startsWith("io/hdrlog/premain/"));
  }

  @Test
  void theTapIsOneClassInJavaLang() throws IOException {
    assertThat(names())
        .filteredOn(name -> name.contains("HdrlogTap"))
        .containsExactly("hdrlog/java/lang/HdrlogTap.classdata");
    assertThat(names()).noneMatch(name -> name.startsWith("hdrlog/io/hdrlog/tap/"));
  }

  @Test
  void everyDependencyIsRelocated() throws IOException {
    assertThat(names())
        .filteredOn(name -> name.endsWith(".classdata"))
        .allMatch(
            name ->
                name.startsWith("hdrlog/io/hdrlog/")
                    || name.equals("hdrlog/java/lang/HdrlogTap.classdata"));
  }

  @Test
  void theLicencesTravelWithTheJar() throws IOException {
    assertThat(names()).contains("META-INF/LICENSE", "META-INF/NOTICE");
    assertThat(text("META-INF/NOTICE")).contains("libbpf", "libelf", "zlib");
  }

  @Test
  void theManifestNamesAgentAndCommand() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      var main = jar.getManifest().getMainAttributes();
      assertThat(main.getValue("Premain-Class")).isEqualTo("io.hdrlog.premain.Agent");
      assertThat(main.getValue("Agent-Class")).isEqualTo("io.hdrlog.premain.Agent");
      assertThat(main.getValue("Main-Class")).isEqualTo("io.hdrlog.premain.Agent");
      assertThat(main.getValue("Can-Retransform-Classes")).isEqualTo("true");
    }
  }

  private static List<String> names() throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return jar.stream().map(ZipEntry::getName).toList();
    }
  }

  private static String text(String name) throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return new String(
          jar.getInputStream(jar.getEntry(name)).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}

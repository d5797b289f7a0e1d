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
  void noLambdaIsLeftForAStartToMakeAClassOf() throws IOException {
    List<String> classes =
        names().stream()
            .filter(name -> name.endsWith(".classdata") || name.endsWith(".class"))
            .filter(name -> !name.contains("/shaded/"))
            .toList();
    assertThat(classes).anyMatch(name -> name.contains("$$Lambda"));
    for (String name : classes) {
      assertThat(latin(name)).as(name).doesNotContain("java/lang/invoke/LambdaMetafactory");
    }
  }

  @Test
  void whatStandsInForTheJdksOwnIsNotInTheJar() throws IOException {
    assertThat(names()).noneMatch(name -> name.contains("premain/jdk") || name.contains("jdk/int"));
    assertThat(latin("io/hdrlog/premain/KernelModule.class"))
        .contains("jdk/internal/module/Modules", "jdk/internal/access/SharedSecrets")
        .doesNotContain("io/hdrlog/premain/jdk");
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
    return new String(bytes(name), StandardCharsets.UTF_8);
  }

  /** A class file as text: its names are ASCII. */
  private static String latin(String name) throws IOException {
    return new String(bytes(name), StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String name) throws IOException {
    try (JarFile jar = new JarFile(JAR.toFile())) {
      return jar.getInputStream(jar.getEntry(name)).readAllBytes();
    }
  }
}

package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;

class ClassHeaderTest {
  @Test
  void readsAsAsmDoes() throws IOException {
    int read = 0;
    for (String library :
        List.of(
            "org/apache/catalina/startup/Tomcat.class",
            "io/netty/handler/codec/http/HttpObjectDecoder.class",
            "org/assertj/core/api/Assertions.class")) {
      JarURLConnection connection =
          (JarURLConnection) getClass().getClassLoader().getResource(library).openConnection();
      JarFile jar = connection.getJarFile();
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (entry.getName().endsWith(".class") && !entry.getName().endsWith("-info.class")) {
          compare(jar, entry);
          read++;
        }
      }
    }
    assertThat(read).isGreaterThan(2_000);
  }

  private static void compare(JarFile jar, JarEntry entry) throws IOException {
    byte[] bytes;
    try (InputStream in = jar.getInputStream(entry)) {
      bytes = in.readAllBytes();
    }
    ClassReader asm = new ClassReader(bytes);
    ClassHeader header = new ClassHeader(bytes);
    assertThat(header.isInterface())
        .as(entry.getName())
        .isEqualTo((asm.getAccess() & Opcodes.ACC_INTERFACE) != 0);
    assertThat(header.isExtending(asm.getSuperName())).as(entry.getName()).isTrue();
    assertThat(header.isExtending(asm.getClassName())).as(entry.getName()).isFalse();
    for (String name : asm.getInterfaces()) {
      assertThat(header.isImplementing(name)).as(entry.getName() + " " + name).isTrue();
    }
    assertThat(header.isImplementing(asm.getSuperName())).as(entry.getName()).isFalse();
  }

  @Test
  void objectHasNoSuperclass() throws IOException {
    try (InputStream in = Object.class.getResourceAsStream("Object.class")) {
      ClassHeader header = new ClassHeader(in.readAllBytes());
      assertThat(header.isExtending("java/lang/Object")).isFalse();
      assertThat(header.isImplementing("java/lang/Object")).isFalse();
    }
  }

  @Test
  void anythingElseIsRefused() {
    assertThatThrownBy(() -> new ClassHeader(new byte[4]))
        .isInstanceOf(IndexOutOfBoundsException.class);
    byte[] unknownConstant = new byte[100];
    unknownConstant[9] = 3;
    assertThatThrownBy(() -> new ClassHeader(unknownConstant))
        .isInstanceOf(IllegalArgumentException.class);
  }
}

package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.instrument.jdk.JdkRecipes;
import io.hdrlog.tap.Tap;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/** The class files of the JDK that runs the test, woven. */
class JdkWeavingTest {
  private static final String TAP = Tap.class.getName().replace('.', '/');
  private static final String BEGINS = "wireWriting";
  private static final String ENDS = "wireWritten";

  private final Weaver weaver = new Weaver();
  private final Map<String, Recipe> recipes = new HashMap<>();

  JdkWeavingTest() {
    JdkRecipes.addTo(recipes::put);
  }

  /**
   * What a method that writes to a socket moves is told after it has let go of the socket's lock.
   * Until then another thread may close the socket, and the connection must not be over.
   */
  @Test
  void everyWriteToASocketIsMarkedFromItsBeginningToItsEnd() throws IOException {
    Map<String, List<String>> writes = new TreeMap<>();
    for (String name :
        List.of(
            "sun/nio/ch/SocketChannelImpl",
            "sun/nio/ch/NioSocketImpl",
            "sun/nio/ch/FileChannelImpl",
            "sun/security/ssl/SSLSocketImpl$AppOutputStream")) {
      tapCalls(name)
          .forEach(
              (method, calls) -> {
                if (calls.stream().anyMatch(call -> call.startsWith(ENDS))) {
                  writes.put(name.substring(name.lastIndexOf('/') + 1) + "." + method, calls);
                }
              });
    }
    assertThat(writes.keySet())
        .anyMatch(method -> method.startsWith("FileChannelImpl.transferToDirect"))
        .contains(
            "NioSocketImpl.implWrite([BII)I",
            "SSLSocketImpl$AppOutputStream.write([BII)V",
            "SocketChannelImpl.tryWrite([BII)I",
            "SocketChannelImpl.write(Ljava/nio/ByteBuffer;)I",
            "SocketChannelImpl.write([Ljava/nio/ByteBuffer;II)J")
        .hasSize(6);
    writes.forEach(
        (method, calls) -> {
          assertThat(calls.get(0)).as("first in %s", method).startsWith(BEGINS);
          // Whether it returns or throws.
          assertThat(calls.get(calls.size() - 1)).as("last in %s", method).startsWith(ENDS);
        });
  }

  /** How much the kernel took is known where it is asked, whatever the channel then throws. */
  @Test
  void whatTheKernelTookIsToldAtOnce() throws IOException {
    assertThat(tapCalls("sun/nio/ch/SocketDispatcher"))
        .containsOnlyKeys(
            "write(Ljava/io/FileDescriptor;JI)I", "writev(Ljava/io/FileDescriptor;JI)J")
        .allSatisfy((method, calls) -> assertThat(calls).containsExactly("wireTaken"));
  }

  /** And no mark is set that nothing takes back. */
  @Test
  void nothingElseIsMarked() throws IOException {
    for (String name : recipes.keySet()) {
      if (!name.startsWith("sun/")) {
        continue;
      }
      tapCalls(name)
          .forEach(
              (method, calls) ->
                  assertThat(calls.stream().anyMatch(call -> call.startsWith(BEGINS)))
                      .as("%s of %s", method, name)
                      .isEqualTo(calls.stream().anyMatch(call -> call.startsWith(ENDS))));
    }
  }

  /** By method, in the order of the code; the report of an advice that failed left out. */
  private Map<String, List<String>> tapCalls(String className) throws IOException {
    byte[] bytes;
    try (InputStream in = ClassLoader.getSystemResourceAsStream(className + ".class")) {
      bytes = in.readAllBytes();
    }
    List<Step> steps = recipes.get(className).steps().of(className, null, bytes);
    Map<String, List<String>> calls = new TreeMap<>();
    new ClassReader(weaver.weave(null, bytes, steps, ""))
        .accept(
            new ClassVisitor(Opcodes.ASM9) {
              @Override
              public MethodVisitor visitMethod(
                  int access, String name, String descriptor, String signature, String[] throwing) {
                return new MethodVisitor(Opcodes.ASM9) {
                  @Override
                  public void visitMethodInsn(
                      int opcode, String owner, String called, String types, boolean isInterface) {
                    if (owner.equals(TAP) && !called.equals("failed")) {
                      calls
                          .computeIfAbsent(name + descriptor, first -> new ArrayList<>())
                          .add(called);
                    }
                  }
                };
              }
            },
            ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    return calls;
  }
}

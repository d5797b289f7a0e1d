package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.tap.Tap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * The class files of the servers as they run: advice is copied in, so that a request calls nothing
 * of the agent but the tap, and none of its calls can fail into the application.
 */
class WovenClassesTest {
  private static final String TAP = Tap.class.getName().replace('.', '/');
  private static final String AGENT = "io/hdrlog/";
  private static final Path OLDER_VERSIONS = Path.of("target", "older-versions");

  private final Harness harness = Harness.install();

  @Test
  void ofTheServersOnTheClassPath() throws IOException {
    Set<String> woven = check(getClass().getClassLoader());
    assertThat(woven)
        .contains(
            "org/apache/coyote/http11/Http11InputBuffer",
            "org/apache/catalina/connector/CoyoteAdapter",
            "io/netty/handler/codec/http/HttpObjectDecoder",
            "io/netty/handler/codec/http/HttpObjectEncoder",
            "jakarta/servlet/http/HttpServlet",
            "javax/servlet/http/HttpServlet");
  }

  @Test
  void ofOlderVersions() throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(OLDER_VERSIONS)) {
      jars = files.sorted().toList();
    }
    try (IsolatedLoader loader = new IsolatedLoader(entry -> false, jars.toArray(Path[]::new))) {
      assertThat(check(loader))
          .contains(
              "org/apache/coyote/http11/Http11InputBuffer",
              "io/netty/handler/codec/http/HttpObjectDecoder");
    }
  }

  /** The names of the classes that were changed. */
  private Set<String> check(ClassLoader loader) throws IOException {
    Set<String> woven = new TreeSet<>();
    for (String name : harness.instrumenter.changed()) {
      try (InputStream in = loader.getResourceAsStream(name + ".class")) {
        if (in == null) {
          continue;
        }
        byte[] before = in.readAllBytes();
        byte[] after = harness.instrumenter.transform(loader, name, null, null, before);
        if (after != null) {
          check(name, new Shape(before), new Shape(after));
          woven.add(name);
        }
      }
    }
    return woven;
  }

  private static void check(String name, Shape before, Shape after) {
    assertThat(after.problems).as("in %s", name).isEmpty();
    assertThat(before.tapCalls).as("calls of the tap in %s as it came", name).isZero();
    assertThat(after.tapCalls).as("calls of the tap in %s", name).isPositive();
    assertThat(after.members).as("members of %s", name).isEqualTo(before.members);
    assertThat(after.dynamicCalls).as("invokedynamic in %s", name).isEqualTo(before.dynamicCalls);
  }

  /** What matters of a class file. */
  private static final class Shape extends ClassVisitor {
    final Set<String> members = new HashSet<>();
    final List<String> problems = new ArrayList<>();
    int tapCalls;
    int dynamicCalls;

    Shape(byte[] bytes) {
      super(Opcodes.ASM9);
      new ClassReader(bytes).accept(this, ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
    }

    @Override
    public FieldVisitor visitField(
        int access, String name, String descriptor, String signature, Object value) {
      members.add(access + " " + name + " " + descriptor);
      return null;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      members.add(access + " " + name + descriptor);
      return new Code(this, name + descriptor);
    }
  }

  /** One method: its calls of the tap, and what catches what they throw. */
  private static final class Code extends MethodVisitor {
    private record Handler(Label start, Label end, Label handler) {}

    private final Shape shape;
    private final String method;
    private final Map<Label, Integer> places = new HashMap<>();
    private final List<Handler> handlers = new ArrayList<>();
    private final List<Integer> calls = new ArrayList<>();
    private final Set<Integer> callsOfFailed = new HashSet<>();
    private int place;

    Code(Shape shape, String method) {
      super(Opcodes.ASM9);
      this.shape = shape;
      this.method = method;
    }

    private void touches(String owner) {
      if (owner.startsWith(AGENT) && !owner.equals(TAP)) {
        shape.problems.add(method + " touches " + owner);
      }
    }

    @Override
    public void visitLabel(Label label) {
      places.put(label, place);
    }

    @Override
    public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
      if ("java/lang/Throwable".equals(type)) {
        handlers.add(new Handler(start, end, handler));
      }
    }

    @Override
    public void visitMethodInsn(
        int opcode, String owner, String name, String descriptor, boolean isInterface) {
      touches(owner);
      if (owner.equals(TAP)) {
        shape.tapCalls++;
        if (name.equals("failed")) {
          callsOfFailed.add(place);
        } else {
          calls.add(place);
        }
      }
      place++;
    }

    @Override
    public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
      touches(owner);
      place++;
    }

    @Override
    public void visitTypeInsn(int opcode, String type) {
      touches(type);
      place++;
    }

    @Override
    public void visitInvokeDynamicInsn(String name, String desc, Handle bsm, Object... arguments) {
      shape.dynamicCalls++;
      place++;
    }

    @Override
    public void visitInsn(int opcode) {
      place++;
    }

    @Override
    public void visitVarInsn(int opcode, int slot) {
      place++;
    }

    @Override
    public void visitJumpInsn(int opcode, Label label) {
      place++;
    }

    @Override
    public void visitEnd() {
      for (int call : calls) {
        if (handlers.stream().noneMatch(handler -> covers(handler, call))) {
          shape.problems.add(method + " has a call of the tap that nothing guards, at " + call);
        }
      }
    }

    /** Whether a failure of the call goes to the tap, and so no further. */
    private boolean covers(Handler handler, int call) {
      return places.get(handler.start) <= call
          && call < places.get(handler.end)
          && callsOfFailed.contains(places.get(handler.handler));
    }
  }
}

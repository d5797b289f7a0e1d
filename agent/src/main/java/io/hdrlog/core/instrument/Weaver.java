package io.hdrlog.core.instrument;

import io.hdrlog.tap.Tap;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Copies advice into methods. Loaded, and ASM with it, only once a class matches.
 *
 * <p>Nothing is added to a class, neither field nor method, so that a class that is loaded already
 * can be changed as well. Advice is read as a class file and never loaded: it refers to classes
 * that the agent's own loader does not know. Why this is not left to Byte Buddy:
 * docs/adr/0003-weaving.md.
 */
final class Weaver {
  /** A constructor that takes nothing, and an advice for any constructor. */
  private static final String WARM_TARGET = "io.hdrlog.core.exchange.Timing";

  private static final String WARM_ADVICE =
      "io.hdrlog.core.instrument.tomcat.ProcessorAdvice$Accepted";

  private final String tap = Tap.class.getName().replace('.', '/');
  private final Map<String, AdviceClass> advices = new ConcurrentHashMap<>();

  /**
   * Has the classes that weaving needs loaded and initialised, by weaving one of the agent's own:
   * on the agent's thread, so that the application's finds them there.
   */
  void warm() throws IOException {
    byte[] any;
    try (InputStream in = file(WARM_TARGET)) {
      any = in.readAllBytes();
    }
    weave(null, any, List.of(new Step(WARM_ADVICE, MethodMatcher.isConstructor(), true)), "");
  }

  private static InputStream file(String className) {
    String file = className.replace('.', '/') + ".class";
    InputStream in = Weaver.class.getClassLoader().getResourceAsStream(file);
    if (in == null) {
      throw new IllegalStateException("no class file of " + className);
    }
    return in;
  }

  /**
   * Returns the changed class file.
   *
   * @param prefix what stands before the name of the class that the advice was written for
   * @throws IllegalStateException if a method that the recipe needs is missing, or an advice does
   *     not fit
   */
  byte[] weave(ClassLoader loader, byte[] bytes, List<Step> steps, String prefix)
      throws IOException {
    ClassReader reader = new ClassReader(bytes);
    TargetClass target = new TargetClass(loader, steps);
    reader.accept(target, ClassReader.EXPAND_FRAMES | ClassReader.SKIP_DEBUG);
    // Methods that no visitor looks into are copied as they are.
    ClassWriter writer = new ClassWriter(reader, 0);
    ClassVisitor visitor = writer;
    // The last step is asked first and writes into the one before: the first is the outermost.
    for (Step step : steps) {
      if (target.has(step)) {
        visitor = new Woven(visitor, target, step, advice(step.advice(), prefix));
      } else if (step.required()) {
        throw new IllegalStateException("no method for " + step.advice());
      }
    }
    reader.accept(visitor, ClassReader.EXPAND_FRAMES);
    return writer.toByteArray();
  }

  private AdviceClass advice(String name, String prefix) throws IOException {
    AdviceClass advice = advices.get(prefix + name);
    if (advice == null) {
      try (InputStream in = file(name)) {
        byte[] bytes = in.readAllBytes();
        advice =
            new AdviceClass(name, prefix.isEmpty() ? bytes : Relocation.applied(bytes, prefix));
      }
      advices.put(prefix + name, advice);
    }
    return advice;
  }

  private final class Woven extends ClassVisitor {
    private final TargetClass target;
    private final Step step;
    private final AdviceClass advice;

    Woven(ClassVisitor next, TargetClass target, Step step, AdviceClass advice) {
      super(Opcodes.ASM9, next);
      this.target = target;
      this.step = step;
      this.advice = advice;
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, name, descriptor, signature, exceptions);
      TargetMethod method = target.method(name, descriptor);
      return method != null && step.methods().matches(access, name, descriptor)
          ? new MethodWeaver(next, advice, method, tap)
          : next;
    }
  }
}

package io.hdrlog.core.instrument;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.FieldVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** A class that is advised: what it declares, and which of its methods are concerned. */
final class TargetClass extends ClassVisitor {
  private final ClassLoader loader;
  private final List<Step> steps;
  private final Map<String, String> fields = new HashMap<>();
  private final Map<String, TargetMethod> methods = new HashMap<>();
  private int version;
  private String name;
  private String superName;

  TargetClass(ClassLoader loader, List<Step> steps) {
    super(Opcodes.ASM9);
    this.loader = loader;
    this.steps = steps;
  }

  String name() {
    return name;
  }

  int version() {
    return version;
  }

  /** The method, if any step is for it; else null. */
  TargetMethod method(String name, String descriptor) {
    return methods.get(name + descriptor);
  }

  boolean has(Step step) {
    for (TargetMethod method : methods.values()) {
      if (step.methods().matches(method.access, method.name, method.descriptor)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void visit(
      int version,
      int access,
      String name,
      String signature,
      String superName,
      String[] interfaces) {
    this.version = version & 0xFFFF;
    this.name = name;
    this.superName = superName;
  }

  @Override
  public FieldVisitor visitField(
      int access, String field, String descriptor, String signature, Object value) {
    if ((access & Opcodes.ACC_STATIC) == 0) {
      fields.put(field, descriptor);
    }
    return null;
  }

  @Override
  public MethodVisitor visitMethod(
      int access, String method, String descriptor, String signature, String[] exceptions) {
    if ((access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) == 0) {
      for (Step step : steps) {
        if (step.methods().matches(access, method, descriptor)) {
          TargetMethod target = new TargetMethod(this, access, method, descriptor);
          methods.put(method + descriptor, target);
          return target.examine();
        }
      }
    }
    return null;
  }

  /**
   * The descriptor of a field; one that is not there, or not as the advice was written for, must
   * show at once.
   */
  String field(AdviceClass advice, String field, Type wanted) {
    String found = fields.get(field);
    if (found == null) {
      found = inherited(field);
      if (found != null) {
        fields.put(field, found);
      }
    }
    if (found == null || !Frames.assignable(Type.getType(found), wanted)) {
      throw advice.refused(name + " has no field " + field + " of type " + wanted.getClassName());
    }
    return found;
  }

  /** Asks the files of the classes above, since these may not be loaded yet. */
  private String inherited(String field) {
    List<String> found = new ArrayList<>();
    String above = superName;
    while (above != null && found.isEmpty()) {
      ClassReader reader = read(above);
      if (reader == null) {
        return null;
      }
      reader.accept(
          new ClassVisitor(Opcodes.ASM9) {
            @Override
            public FieldVisitor visitField(
                int access, String name, String descriptor, String signature, Object value) {
              int unfit = Opcodes.ACC_STATIC | Opcodes.ACC_PRIVATE;
              if (name.equals(field) && (access & unfit) == 0) {
                found.add(descriptor);
              }
              return null;
            }
          },
          ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG | ClassReader.SKIP_FRAMES);
      above = reader.getSuperName();
    }
    return found.isEmpty() ? null : found.get(0);
  }

  private ClassReader read(String className) {
    String file = className + ".class";
    try (InputStream in =
        loader == null
            ? ClassLoader.getSystemResourceAsStream(file)
            : loader.getResourceAsStream(file)) {
      return in == null ? null : new ClassReader(in);
    } catch (IOException e) {
      return null;
    }
  }
}

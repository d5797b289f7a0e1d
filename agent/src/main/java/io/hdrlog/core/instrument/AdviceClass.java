package io.hdrlog.core.instrument;

import io.hdrlog.core.instrument.AdviceMethod.Kind;
import io.hdrlog.core.instrument.AdviceMethod.Parameter;
import java.util.List;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * An advice class, read as a file. Of Byte Buddy's annotations the subset is understood that advice
 * here uses; anything else is refused, never passed over.
 */
final class AdviceClass {
  private static final String ANNOTATION = "/bytebuddy/asm/Advice$";

  final String name;
  final AdviceMethod enter;
  final AdviceMethod exit;
  private final ClassReader reader;

  AdviceClass(String name, byte[] bytes) {
    this.name = name;
    reader = new ClassReader(bytes);
    Declarations declarations = new Declarations();
    reader.accept(declarations, ClassReader.SKIP_CODE | ClassReader.SKIP_DEBUG);
    enter = declarations.enter;
    exit = declarations.exit;
    if (enter == null && exit == null) {
      throw refused("no advice in it");
    }
  }

  /** Has the code of one of its methods visited, frames expanded. */
  void accept(AdviceMethod method, MethodVisitor code) {
    reader.accept(
        new ClassVisitor(Opcodes.ASM9) {
          @Override
          public MethodVisitor visitMethod(
              int access, String name, String descriptor, String signature, String[] exceptions) {
            return name.equals(method.name()) && descriptor.equals(method.descriptor())
                ? code
                : null;
          }
        },
        ClassReader.EXPAND_FRAMES | ClassReader.SKIP_DEBUG);
  }

  IllegalStateException refused(String reason) {
    return new IllegalStateException("advice " + name + " refused: " + reason);
  }

  private static String simple(String descriptor) {
    int at = descriptor.indexOf(ANNOTATION);
    return at < 0 ? null : descriptor.substring(at + ANNOTATION.length(), descriptor.length() - 1);
  }

  private final class Declarations extends ClassVisitor {
    private AdviceMethod enter;
    private AdviceMethod exit;

    Declarations() {
      super(Opcodes.ASM9);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String name, String descriptor, String signature, String[] exceptions) {
      return new Declaration(this, access, name, descriptor);
    }

    private void add(boolean isEnter, AdviceMethod method) {
      if ((isEnter ? enter : exit) != null) {
        throw refused("two methods for one place");
      }
      if (isEnter) {
        enter = method;
      } else {
        exit = method;
      }
    }
  }

  private final class Declaration extends MethodVisitor {
    private final Declarations owner;
    private final int access;
    private final String name;
    private final String descriptor;
    private final Parameter[] parameters;
    private String place;
    private boolean onThrowable;
    private boolean suppress;

    Declaration(Declarations owner, int access, String name, String descriptor) {
      super(Opcodes.ASM9);
      this.owner = owner;
      this.access = access;
      this.name = name;
      this.descriptor = descriptor;
      parameters = new Parameter[Type.getArgumentCount(descriptor)];
    }

    @Override
    public AnnotationVisitor visitAnnotation(String annotation, boolean visible) {
      String simple = simple(annotation);
      if (simple == null) {
        return null;
      }
      if (!simple.equals("OnMethodEnter") && !simple.equals("OnMethodExit")) {
        throw refused("@" + simple);
      }
      place = simple;
      return new AnnotationVisitor(Opcodes.ASM9) {
        @Override
        public void visit(String key, Object value) {
          boolean any = value instanceof Type type && type.getClassName().endsWith(".Throwable");
          if (any && key.equals("suppress")) {
            suppress = true;
          } else if (any && key.equals("onThrowable")) {
            onThrowable = true;
          } else {
            throw refused(key + "=" + value);
          }
        }
      };
    }

    @Override
    public AnnotationVisitor visitParameterAnnotation(int index, String annotation, boolean vis) {
      String simple = simple(annotation);
      if (simple == null) {
        return null;
      }
      return new Binding(this, index, kind(simple));
    }

    private Kind kind(String annotation) {
      return switch (annotation) {
        case "This" -> Kind.THIS;
        case "Argument" -> Kind.ARGUMENT;
        case "FieldValue" -> Kind.FIELD;
        case "Enter" -> Kind.ENTER;
        case "Return" -> Kind.RETURN;
        case "Thrown" -> Kind.THROWN;
        default -> throw refused("@" + annotation);
      };
    }

    private int slot(int index) {
      Type[] types = Type.getArgumentTypes(descriptor);
      int slot = 0;
      for (int i = 0; i < index; i++) {
        slot += types[i].getSize();
      }
      return slot;
    }

    @Override
    public void visitEnd() {
      if (place == null) {
        return;
      }
      if (!suppress || (access & Opcodes.ACC_STATIC) == 0) {
        throw refused(name + " is not static or does not suppress");
      }
      for (Parameter parameter : parameters) {
        if (parameter == null) {
          throw refused(name + " has a parameter that stands for nothing");
        }
      }
      boolean isEnter = place.equals("OnMethodEnter");
      if (!isEnter && !Type.getReturnType(descriptor).equals(Type.VOID_TYPE)) {
        throw refused(name + " gives a value to nobody");
      }
      owner.add(isEnter, new AdviceMethod(name, descriptor, onThrowable, List.of(parameters)));
    }
  }

  private final class Binding extends AnnotationVisitor {
    private final Declaration method;
    private final int index;
    private final Kind kind;
    private int argument;
    private String field;
    private boolean writable;

    Binding(Declaration method, int index, Kind kind) {
      super(Opcodes.ASM9);
      this.method = method;
      this.index = index;
      this.kind = kind;
    }

    @Override
    public void visit(String key, Object value) {
      if (key.equals("readOnly") && kind == Kind.RETURN) {
        writable = !(Boolean) value;
      } else if (key.equals("value") && kind == Kind.ARGUMENT) {
        argument = (Integer) value;
      } else if (key.equals("value") && kind == Kind.FIELD) {
        field = (String) value;
      } else {
        throw refused(key + "=" + value + " of @" + kind);
      }
    }

    @Override
    public void visitEnd() {
      Type type = Type.getArgumentTypes(method.descriptor)[index];
      method.parameters[index] =
          new Parameter(kind, type, method.slot(index), argument, field, writable);
    }
  }
}

import io.hdrlog.shaded.asm.ClassReader;
import io.hdrlog.shaded.asm.ClassVisitor;
import io.hdrlog.shaded.asm.ClassWriter;
import io.hdrlog.shaded.asm.Handle;
import io.hdrlog.shaded.asm.MethodVisitor;
import io.hdrlog.shaded.asm.Opcodes;
import io.hdrlog.shaded.asm.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Makes a class of each lambda expression and method reference. The JVM would make it when it is
 * first evaluated, with the forms of call that it needs: for the thirty that the agent starts with
 * that was a seventh of the time of the thread that starts it (docs/performance.md, Start-up).
 *
 * <p>The classes are what {@code java.lang.invoke.LambdaMetafactory} specifies, as nestmates (JEP
 * 181) of the class that evaluates them, whose private methods they call. Classes of a version that
 * knows no nests, libraries' all, keep their lambdas.
 */
final class Lambdas {
  private static final String METAFACTORY = "java/lang/invoke/LambdaMetafactory";
  private static final String MAKE = "make";
  private static final String ONLY = "ONLY";
  private static final Type OBJECT = Type.getObjectType("java/lang/Object");

  private final Map<String, byte[]> made = new TreeMap<>();
  private final Map<String, List<String>> newMembers = new HashMap<>();

  private Lambdas() {}

  /**
   * Replaces the classes that have lambdas, and adds those made of these.
   *
   * @param classes by their internal names
   */
  static void makeClasses(Map<String, byte[]> classes) {
    Lambdas lambdas = new Lambdas();
    classes.replaceAll((name, bytes) -> lambdas.withoutLambdas(bytes));
    lambdas.newMembers.forEach(
        (host, members) -> classes.compute(host, (name, bytes) -> withMembers(bytes, members)));
    classes.putAll(lambdas.made);
  }

  private byte[] withoutLambdas(byte[] bytes) {
    ClassWriter writer = new ClassWriter(0);
    Rewriter rewriter = new Rewriter(writer);
    new ClassReader(bytes).accept(rewriter, 0);
    return rewriter.lambdas == 0 ? bytes : writer.toByteArray();
  }

  private static byte[] withMembers(byte[] bytes, List<String> members) {
    ClassWriter writer = new ClassWriter(0);
    ClassVisitor adding =
        new ClassVisitor(Opcodes.ASM9, writer) {
          @Override
          public void visitEnd() {
            members.forEach(this::visitNestMember);
            super.visitEnd();
          }
        };
    new ClassReader(bytes).accept(adding, 0);
    return writer.toByteArray();
  }

  /** Has each lambda made by a call of its class instead. */
  private final class Rewriter extends ClassVisitor {
    private int version;
    private String name;
    private String host;
    private int lambdas;

    Rewriter(ClassVisitor next) {
      super(Opcodes.ASM9, next);
    }

    @Override
    public void visit(
        int version,
        int access,
        String name,
        String signature,
        String superName,
        String[] interfaces) {
      this.version = version;
      this.name = name;
      this.host = name;
      super.visit(version, access, name, signature, superName, interfaces);
    }

    @Override
    public void visitNestHost(String nestHost) {
      host = nestHost;
      super.visitNestHost(nestHost);
    }

    @Override
    public MethodVisitor visitMethod(
        int access, String method, String descriptor, String signature, String[] exceptions) {
      MethodVisitor next = super.visitMethod(access, method, descriptor, signature, exceptions);
      return new MethodVisitor(Opcodes.ASM9, next) {
        @Override
        public void visitInvokeDynamicInsn(
            String sam, String factory, Handle bootstrap, Object... arguments) {
          if (!bootstrap.getOwner().equals(METAFACTORY) || version < Opcodes.V11) {
            super.visitInvokeDynamicInsn(sam, factory, bootstrap, arguments);
            return;
          }
          if (!bootstrap.getName().equals("metafactory")) {
            throw new IllegalStateException(name + " has a lambda of a kind not known here");
          }
          String lambda = name + "$$Lambda" + lambdas++;
          newMembers.computeIfAbsent(host, its -> new ArrayList<>()).add(lambda);
          made.put(
              lambda,
              new Lambda(
                      lambda,
                      factory,
                      sam,
                      (Type) arguments[0],
                      (Handle) arguments[1],
                      (Type) arguments[2])
                  .bytes(version, host));
          super.visitMethodInsn(Opcodes.INVOKESTATIC, lambda, MAKE, factory, false);
        }
      };
    }
  }

  /**
   * One class.
   *
   * @param factory what it captures, and the interface it is of
   * @param method the interface's one method
   * @param erased its types as the interface has them
   * @param implementation what is called
   * @param instantiated the method's types as the lambda has them
   */
  private record Lambda(
      String name,
      String factory,
      String method,
      Type erased,
      Handle implementation,
      Type instantiated) {
    byte[] bytes(int version, String host) {
      // No code in it branches: there are no frames to compute, only the sizes.
      ClassWriter writer = new ClassWriter(ClassWriter.COMPUTE_MAXS);
      writer.visit(
          version,
          Opcodes.ACC_FINAL | Opcodes.ACC_SUPER | Opcodes.ACC_SYNTHETIC,
          name,
          null,
          "java/lang/Object",
          new String[] {Type.getReturnType(factory).getInternalName()});
      writer.visitNestHost(host);
      Type[] captured = Type.getArgumentTypes(factory);
      for (int i = 0; i < captured.length; i++) {
        writer
            .visitField(
                Opcodes.ACC_PRIVATE | Opcodes.ACC_FINAL,
                field(i),
                captured[i].getDescriptor(),
                null,
                null)
            .visitEnd();
      }
      constructor(writer, captured);
      if (captured.length == 0) {
        only(writer);
      } else {
        make(writer, captured);
      }
      call(writer, captured);
      writer.visitEnd();
      return writer.toByteArray();
    }

    private static String field(int i) {
      return "captured" + i;
    }

    private static String taking(Type... types) {
      return Type.getMethodDescriptor(Type.VOID_TYPE, types);
    }

    private void constructor(ClassWriter writer, Type[] captured) {
      MethodVisitor code =
          writer.visitMethod(Opcodes.ACC_PRIVATE, "<init>", taking(captured), null, null);
      code.visitCode();
      code.visitVarInsn(Opcodes.ALOAD, 0);
      code.visitMethodInsn(Opcodes.INVOKESPECIAL, "java/lang/Object", "<init>", "()V", false);
      int slot = 1;
      for (int i = 0; i < captured.length; i++) {
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitVarInsn(captured[i].getOpcode(Opcodes.ILOAD), slot);
        code.visitFieldInsn(Opcodes.PUTFIELD, name, field(i), captured[i].getDescriptor());
        slot += captured[i].getSize();
      }
      end(code, Opcodes.RETURN);
    }

    /** What captures nothing is made once. */
    private void only(ClassWriter writer) {
      String own = "L" + name + ";";
      int constant = Opcodes.ACC_PRIVATE | Opcodes.ACC_STATIC | Opcodes.ACC_FINAL;
      writer.visitField(constant, ONLY, own, null, null).visitEnd();
      MethodVisitor first =
          writer.visitMethod(Opcodes.ACC_STATIC, "<clinit>", taking(), null, null);
      first.visitCode();
      first.visitTypeInsn(Opcodes.NEW, name);
      first.visitInsn(Opcodes.DUP);
      first.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", taking(), false);
      first.visitFieldInsn(Opcodes.PUTSTATIC, name, ONLY, own);
      end(first, Opcodes.RETURN);
      MethodVisitor make = writer.visitMethod(Opcodes.ACC_STATIC, MAKE, factory, null, null);
      make.visitCode();
      make.visitFieldInsn(Opcodes.GETSTATIC, name, ONLY, own);
      end(make, Opcodes.ARETURN);
    }

    private void make(ClassWriter writer, Type[] captured) {
      MethodVisitor code = writer.visitMethod(Opcodes.ACC_STATIC, MAKE, factory, null, null);
      code.visitCode();
      code.visitTypeInsn(Opcodes.NEW, name);
      code.visitInsn(Opcodes.DUP);
      int slot = 0;
      for (Type type : captured) {
        code.visitVarInsn(type.getOpcode(Opcodes.ILOAD), slot);
        slot += type.getSize();
      }
      code.visitMethodInsn(Opcodes.INVOKESPECIAL, name, "<init>", taking(captured), false);
      end(code, Opcodes.ARETURN);
    }

    private void call(ClassWriter writer, Type[] captured) {
      MethodVisitor code =
          writer.visitMethod(Opcodes.ACC_PUBLIC, method, erased.getDescriptor(), null, null);
      code.visitCode();
      if (isConstructor()) {
        code.visitTypeInsn(Opcodes.NEW, implementation.getOwner());
        code.visitInsn(Opcodes.DUP);
      }
      List<Type> wanted = parameters();
      for (int i = 0; i < captured.length; i++) {
        code.visitVarInsn(Opcodes.ALOAD, 0);
        code.visitFieldInsn(Opcodes.GETFIELD, name, field(i), captured[i].getDescriptor());
        convert(code, captured[i], wanted.get(i));
      }
      int slot = 1;
      Type[] given = erased.getArgumentTypes();
      for (int i = 0; i < given.length; i++) {
        code.visitVarInsn(given[i].getOpcode(Opcodes.ILOAD), slot);
        slot += given[i].getSize();
        Type meant = instantiated.getArgumentTypes()[i];
        convert(code, given[i], meant);
        convert(code, meant, wanted.get(captured.length + i));
      }
      code.visitMethodInsn(
          opcode(),
          implementation.getOwner(),
          implementation.getName(),
          implementation.getDesc(),
          implementation.isInterface());
      Type result = isConstructor() ? owner() : Type.getReturnType(implementation.getDesc());
      Type asked = erased.getReturnType();
      if (asked.getSort() != Type.VOID) {
        convert(code, result, asked);
      } else if (result.getSize() > 0) {
        code.visitInsn(result.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
      }
      end(code, asked.getOpcode(Opcodes.IRETURN));
    }

    private Type owner() {
      return Type.getObjectType(implementation.getOwner());
    }

    private boolean isConstructor() {
      return implementation.getTag() == Opcodes.H_NEWINVOKESPECIAL;
    }

    /** What the implementation takes, the receiver included. */
    private List<Type> parameters() {
      List<Type> types = new ArrayList<>();
      if (!isConstructor() && implementation.getTag() != Opcodes.H_INVOKESTATIC) {
        types.add(owner());
      }
      types.addAll(List.of(Type.getArgumentTypes(implementation.getDesc())));
      return types;
    }

    private int opcode() {
      return switch (implementation.getTag()) {
        case Opcodes.H_INVOKESTATIC -> Opcodes.INVOKESTATIC;
        case Opcodes.H_NEWINVOKESPECIAL -> Opcodes.INVOKESPECIAL;
        // A private method of the nest, called from another class of it.
        default -> implementation.isInterface() ? Opcodes.INVOKEINTERFACE : Opcodes.INVOKEVIRTUAL;
      };
    }

    private static void end(MethodVisitor code, int opcode) {
      code.visitInsn(opcode);
      code.visitMaxs(0, 0);
      code.visitEnd();
    }
  }

  private static boolean isReference(Type type) {
    return type.getSort() == Type.OBJECT || type.getSort() == Type.ARRAY;
  }

  /** Casts, boxes and unboxes. What widens a number nobody wrote yet: it is refused. */
  private static void convert(MethodVisitor code, Type from, Type to) {
    if (from.equals(to)) {
      return;
    }
    if (isReference(from) && isReference(to)) {
      if (!to.equals(OBJECT)) {
        code.visitTypeInsn(Opcodes.CHECKCAST, to.getInternalName());
      }
    } else if (isReference(to)) {
      String box = box(from);
      code.visitMethodInsn(
          Opcodes.INVOKESTATIC,
          box,
          "valueOf",
          Type.getMethodDescriptor(Type.getObjectType(box), from),
          false);
    } else if (isReference(from)) {
      String box = box(to);
      if (!from.getInternalName().equals(box) && !from.equals(OBJECT)) {
        throw new IllegalStateException("a lambda makes " + to + " of " + from);
      }
      code.visitTypeInsn(Opcodes.CHECKCAST, box);
      code.visitMethodInsn(
          Opcodes.INVOKEVIRTUAL,
          box,
          to.getClassName() + "Value",
          Type.getMethodDescriptor(to),
          false);
    } else {
      throw new IllegalStateException("a lambda makes " + to + " of " + from);
    }
  }

  private static String box(Type primitive) {
    return switch (primitive.getSort()) {
      case Type.BOOLEAN -> "java/lang/Boolean";
      case Type.CHAR -> "java/lang/Character";
      case Type.BYTE -> "java/lang/Byte";
      case Type.SHORT -> "java/lang/Short";
      case Type.INT -> "java/lang/Integer";
      case Type.LONG -> "java/lang/Long";
      case Type.FLOAT -> "java/lang/Float";
      case Type.DOUBLE -> "java/lang/Double";
      default -> throw new IllegalStateException("not a primitive type: " + primitive);
    };
  }
}

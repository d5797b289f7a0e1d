package io.hdrlog.core.instrument;

import io.hdrlog.core.instrument.AdviceMethod.Kind;
import io.hdrlog.core.instrument.AdviceMethod.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.AnnotationVisitor;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;
import org.objectweb.asm.TypePath;

/**
 * Puts one advice around the code of one method.
 *
 * <pre>
 *   copies of arguments; entered = 0
 *   try { entered = ENTER } catch (Throwable t) { Tap.failed(t) }
 *   try { the method, its returns replaced: returned = value; goto done }
 *   catch (Throwable t) { thrown = t }         only if the advice wants it
 *   done: try { EXIT } catch (Throwable t) { Tap.failed(t) }
 *   if (thrown != null) throw thrown; return returned
 * </pre>
 *
 * The variables that live through the method stand behind its arguments, and its own move up. Every
 * frame is written out from what is declared, so that no class need be known or loaded.
 */
final class MethodWeaver extends OperandStack {
  private static final String THROWABLE = "java/lang/Throwable";
  private static final Object[] FAILURE = {THROWABLE};
  private static final Object[] NOTHING = {};
  private static final int NONE = -1;

  private final AdviceClass advice;
  private final TargetMethod method;
  private final String tap;

  /** Of each argument that has one, the copy's variable; else {@link #NONE}. */
  private final int[] copies;

  private final int enteredSlot;
  private final int bodyFirst;
  private final int returnedSlot;
  private final int thrownSlot;
  private final int exitFirst;
  private final List<Object> persistent = new ArrayList<>();
  private final Label bodyStart = new Label();
  private final Label done = new Label();
  private boolean returns;
  private int stackMax = 2;
  private int localsMax;

  MethodWeaver(MethodVisitor next, AdviceClass advice, TargetMethod method, String tap) {
    super(next);
    this.advice = advice;
    this.method = method;
    this.tap = tap;
    int slot = method.argumentSlots;
    copies = new int[method.arguments.length];
    for (int i = 0; i < copies.length; i++) {
      copies[i] = NONE;
      if (method.isUnsteady(method.slots[i]) && exitReads(i)) {
        copies[i] = slot;
        slot += method.arguments[i].getSize();
        persistent.add(Frames.entry(method.arguments[i]));
      }
    }
    enteredSlot = advice.exit != null && advice.exit.find(Kind.ENTER) != null ? slot : NONE;
    if (enteredSlot != NONE) {
      if (advice.enter == null) {
        throw advice.refused("@ENTER without a method that enters");
      }
      Type entered = advice.enter.returnType();
      slot += entered.getSize();
      persistent.add(Frames.entry(entered));
    }
    bodyFirst = slot;
    returnedSlot = slot;
    slot += method.returned.getSize();
    thrownSlot = advice.exit != null && advice.exit.onThrowable() ? slot++ : NONE;
    exitFirst = slot;
    localsMax = slot;
    check();
  }

  private boolean exitReads(int argument) {
    if (advice.exit != null) {
      for (Parameter parameter : advice.exit.parameters()) {
        if (parameter.kind() == Kind.ARGUMENT && parameter.argument() == argument) {
          return true;
        }
      }
    }
    return false;
  }

  private void check() {
    if (method.isConstructor() && (advice.enter != null || thrownSlot != NONE)) {
      throw advice.refused("before a constructor's end there is no object");
    }
    if (advice.enter != null) {
      check(advice.enter, false);
    }
    if (advice.exit != null) {
      check(advice.exit, true);
    }
  }

  private void check(AdviceMethod part, boolean exit) {
    for (Parameter parameter : part.parameters()) {
      Type type = parameter.type();
      boolean fits =
          switch (parameter.kind()) {
            case THIS -> !method.isStatic() && type.getSort() == Type.OBJECT;
            case ARGUMENT ->
                parameter.argument() < method.arguments.length
                    && Frames.assignable(method.arguments[parameter.argument()], type);
            case FIELD -> !method.isStatic();
            case ENTER -> exit && type.equals(advice.enter.returnType());
            case RETURN ->
                exit
                    && (type.equals(method.returned)
                        || (!parameter.writable() && Frames.assignable(method.returned, type)));
            case THROWN -> exit && thrownSlot != NONE && type.getInternalName().equals(THROWABLE);
          };
      if (!fits) {
        throw advice.refused(
            "@" + parameter.kind() + " " + type.getClassName() + " does not fit " + method);
      }
    }
  }

  @Override
  public void visitCode() {
    mv.visitCode();
    for (int i = 0; i < copies.length; i++) {
      if (copies[i] != NONE) {
        Type type = method.arguments[i];
        mv.visitVarInsn(type.getOpcode(Opcodes.ILOAD), method.slots[i]);
        mv.visitVarInsn(type.getOpcode(Opcodes.ISTORE), copies[i]);
      }
    }
    if (enteredSlot != NONE) {
      storeDefault(advice.enter.returnType(), enteredSlot);
    }
    if (advice.enter != null) {
      Label end = new Label();
      inline(advice.enter, false, bodyFirst, enteredSlot, end);
      // The method's own first instruction may have a frame: there must be one between them.
      mv.visitInsn(Opcodes.NOP);
    }
    mv.visitLabel(bodyStart);
  }

  private void storeDefault(Type type, int slot) {
    int zero =
        switch (type.getSort()) {
          case Type.LONG -> Opcodes.LCONST_0;
          case Type.FLOAT -> Opcodes.FCONST_0;
          case Type.DOUBLE -> Opcodes.DCONST_0;
          case Type.ARRAY, Type.OBJECT -> Opcodes.ACONST_NULL;
          default -> Opcodes.ICONST_0;
        };
    mv.visitInsn(zero);
    mv.visitVarInsn(type.getOpcode(Opcodes.ISTORE), slot);
  }

  /** Copies one of the advice's methods to here; behind it stands a frame. */
  private void inline(AdviceMethod part, boolean exit, int firstFree, int resultSlot, Label end) {
    List<Object> locals = locals(exit);
    AdviceCode.Target target =
        new AdviceCode.Target() {
          @Override
          public int slot(Parameter parameter) {
            return switch (parameter.kind()) {
              case ARGUMENT -> argumentSlot(parameter.argument(), exit);
              case ENTER -> enteredSlot;
              case RETURN -> returnedSlot;
              case THROWN -> thrownSlot;
              default -> 0;
            };
          }

          @Override
          public void readField(MethodVisitor to, Parameter field) {
            to.visitVarInsn(Opcodes.ALOAD, 0);
            String descriptor = method.type.field(advice, field.field(), field.type());
            to.visitFieldInsn(Opcodes.GETFIELD, method.owner(), field.field(), descriptor);
          }

          @Override
          public List<Object> locals() {
            return locals;
          }
        };
    Label start = new Label();
    Label stop = new Label();
    AdviceCode code = new AdviceCode(mv, advice, part, target, tap, firstFree, resultSlot, end);
    mv.visitLabel(start);
    code.copy();
    mv.visitLabel(stop);
    // After the advice's own handlers, which come first.
    mv.visitTryCatchBlock(start, stop, stop, THROWABLE);
    frame(locals, FAILURE);
    mv.visitMethodInsn(Opcodes.INVOKESTATIC, tap, "failed", "(Ljava/lang/Throwable;)V", false);
    mv.visitLabel(end);
    frame(locals, NOTHING);
    stackMax = Math.max(stackMax, code.stackMax());
    localsMax = Math.max(localsMax, code.localsMax());
  }

  private int argumentSlot(int argument, boolean exit) {
    return exit && copies[argument] != NONE ? copies[argument] : method.slots[argument];
  }

  private void frame(List<Object> locals, Object[] stack) {
    if (method.hasFrames) {
      mv.visitFrame(Opcodes.F_NEW, locals.size(), locals.toArray(), stack.length, stack);
    }
  }

  /** The frame's variables around advice. */
  private List<Object> locals(boolean exit) {
    List<Object> locals = inBody(exit);
    if (exit) {
      if (method.returned.getSize() > 0) {
        locals.add(Frames.entry(method.returned));
      }
      if (thrownSlot != NONE) {
        locals.add(THROWABLE);
      }
    }
    return locals;
  }

  /** The arguments, where the method may have changed them unknown, and what lives through it. */
  private List<Object> inBody(boolean late) {
    List<Object> locals = new ArrayList<>();
    if (!method.isStatic()) {
      addArgument(locals, method.ownerType, 0, late);
    }
    for (int i = 0; i < method.arguments.length; i++) {
      addArgument(locals, method.arguments[i], method.slots[i], late);
    }
    locals.addAll(persistent);
    return locals;
  }

  private void addArgument(List<Object> locals, Type type, int slot, boolean late) {
    if (late && method.isUnsteady(slot)) {
      Frames.addNothing(locals, type.getSize());
    } else {
      locals.add(Frames.entry(type));
    }
  }

  private int moved(int slot) {
    return slot < method.argumentSlots ? slot : slot - method.argumentSlots + bodyFirst;
  }

  @Override
  public void visitVarInsn(int opcode, int slot) {
    super.visitVarInsn(opcode, moved(slot));
  }

  @Override
  public void visitIincInsn(int slot, int increment) {
    super.visitIincInsn(moved(slot), increment);
  }

  @Override
  public void visitLocalVariable(
      String name, String descriptor, String signature, Label start, Label end, int index) {
    super.visitLocalVariable(name, descriptor, signature, start, end, moved(index));
  }

  @Override
  public AnnotationVisitor visitLocalVariableAnnotation(
      int ref, TypePath path, Label[] start, Label[] end, int[] index, String desc, boolean vis) {
    int[] moved = new int[index.length];
    for (int i = 0; i < index.length; i++) {
      moved[i] = moved(index[i]);
    }
    return super.visitLocalVariableAnnotation(ref, path, start, end, moved, desc, vis);
  }

  @Override
  public void visitFrame(int type, int numLocal, Object[] local, int numStack, Object[] stack) {
    List<Object> locals = new ArrayList<>(numLocal + persistent.size());
    int slots = 0;
    int i = 0;
    while (i < numLocal && slots < method.argumentSlots) {
      locals.add(local[i]);
      slots += Frames.size(local[i]);
      i++;
    }
    Frames.addNothing(locals, method.argumentSlots - slots);
    locals.addAll(persistent);
    while (i < numLocal) {
      locals.add(local[i]);
      i++;
    }
    super.visitFrame(Opcodes.F_NEW, locals.size(), locals.toArray(), numStack, stack);
  }

  @Override
  public void visitInsn(int opcode) {
    boolean isReturn = opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN;
    if (isReturn && advice.exit != null) {
      if (opcode != Opcodes.RETURN) {
        mv.visitVarInsn(method.returned.getOpcode(Opcodes.ISTORE), returnedSlot);
      }
      clear(method.returned.getSize());
      mv.visitJumpInsn(Opcodes.GOTO, done);
      returns = true;
      ended();
    } else {
      super.visitInsn(opcode);
    }
  }

  @Override
  public void visitMaxs(int maxStack, int maxLocals) {
    if (advice.exit != null && (returns || thrownSlot != NONE)) {
      finish();
    }
    super.visitMaxs(
        Math.max(maxStack, stackMax),
        Math.max(maxLocals - method.argumentSlots + bodyFirst, localsMax));
  }

  private void finish() {
    List<Object> locals = locals(true);
    if (thrownSlot != NONE) {
      Label thrown = new Label();
      mv.visitLabel(thrown);
      mv.visitTryCatchBlock(bodyStart, thrown, thrown, THROWABLE);
      frame(inBody(true), FAILURE);
      mv.visitVarInsn(Opcodes.ASTORE, thrownSlot);
      if (method.returned.getSize() > 0) {
        storeDefault(method.returned, returnedSlot);
      }
      Label exit = new Label();
      mv.visitJumpInsn(Opcodes.GOTO, exit);
      if (returns) {
        List<Object> returned = new ArrayList<>(inBody(true));
        if (method.returned.getSize() > 0) {
          returned.add(Frames.entry(method.returned));
        }
        mv.visitLabel(done);
        frame(returned, NOTHING);
        storeDefault(Type.getObjectType(THROWABLE), thrownSlot);
      }
      mv.visitLabel(exit);
    } else {
      mv.visitLabel(done);
    }
    frame(locals, NOTHING);
    Label end = new Label();
    inline(advice.exit, true, exitFirst, NONE, end);
    if (thrownSlot != NONE) {
      Label returning = new Label();
      mv.visitVarInsn(Opcodes.ALOAD, thrownSlot);
      mv.visitJumpInsn(Opcodes.IFNULL, returning);
      mv.visitVarInsn(Opcodes.ALOAD, thrownSlot);
      mv.visitInsn(Opcodes.ATHROW);
      mv.visitLabel(returning);
      frame(locals, NOTHING);
    }
    if (method.returned.getSize() > 0) {
      mv.visitVarInsn(method.returned.getOpcode(Opcodes.ILOAD), returnedSlot);
    }
    mv.visitInsn(method.returned.getOpcode(Opcodes.IRETURN));
  }
}

package io.hdrlog.core.instrument;

import io.hdrlog.core.instrument.AdviceMethod.Kind;
import io.hdrlog.core.instrument.AdviceMethod.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Copies the code of one advice method into a method, with what its parameters stand for put in
 * their places. The code's ends are jumps to one label; a value is left in its variable first.
 */
final class AdviceCode extends MethodVisitor {
  /** The advised method, as advice sees it. */
  interface Target {
    /** The variable that a parameter stands for; never asked for a field. */
    int slot(Parameter parameter);

    /** Reads a field of the instance. */
    void readField(MethodVisitor to, Parameter parameter);

    /** The frame's variables up to where the advice's own begin. */
    List<Object> locals();
  }

  private static final String AGENT = "io/hdrlog/";
  private static final Object[] NOTHING = {};

  private final AdviceClass advice;
  private final AdviceMethod method;
  private final Target target;
  private final String tap;
  private final int firstFree;
  private final int resultSlot;
  private final Label end;
  private final int parameterSlots;
  private int stackMax;
  private int localsMax;

  /**
   * @param firstFree where the advice's own variables go
   * @param resultSlot where what the advice returns goes; negative if nobody reads it
   */
  AdviceCode(
      MethodVisitor to,
      AdviceClass advice,
      AdviceMethod method,
      Target target,
      String tap,
      int firstFree,
      int resultSlot,
      Label end) {
    super(Opcodes.ASM9, to);
    this.advice = advice;
    this.method = method;
    this.target = target;
    this.tap = tap;
    this.firstFree = firstFree;
    this.resultSlot = resultSlot;
    this.end = end;
    parameterSlots = method.parameterSlots();
  }

  void copy() {
    advice.accept(method, this);
  }

  int stackMax() {
    return stackMax;
  }

  int localsMax() {
    return localsMax;
  }

  private void check(String owner) {
    if (owner.startsWith(AGENT) && !owner.equals(tap)) {
      throw advice.refused("calls " + owner + ", which the application cannot see");
    }
  }

  @Override
  public void visitCode() {
    // The method it is copied into has begun long ago.
  }

  @Override
  public void visitEnd() {
    // Nor does that one end here.
  }

  @Override
  public org.objectweb.asm.AnnotationVisitor visitAnnotation(String descriptor, boolean visible) {
    return null;
  }

  @Override
  public void visitAnnotableParameterCount(int count, boolean visible) {
    // Of the advice, not of the method.
  }

  @Override
  public org.objectweb.asm.AnnotationVisitor visitParameterAnnotation(
      int index, String descriptor, boolean visible) {
    return null;
  }

  @Override
  public void visitMaxs(int maxStack, int maxLocals) {
    stackMax = maxStack + 1;
    localsMax = firstFree + maxLocals - parameterSlots;
  }

  @Override
  public void visitVarInsn(int opcode, int slot) {
    if (slot >= parameterSlots) {
      super.visitVarInsn(opcode, slot - parameterSlots + firstFree);
      return;
    }
    Parameter parameter = method.at(slot);
    boolean stores = opcode >= Opcodes.ISTORE;
    if (stores && !parameter.writable()) {
      throw advice.refused("assigns to @" + parameter.kind());
    }
    if (parameter.kind() == Kind.FIELD) {
      target.readField(mv, parameter);
    } else {
      super.visitVarInsn(opcode, target.slot(parameter));
    }
  }

  @Override
  public void visitIincInsn(int slot, int increment) {
    if (slot < parameterSlots) {
      throw advice.refused("assigns to @" + method.at(slot).kind());
    }
    super.visitIincInsn(slot - parameterSlots + firstFree, increment);
  }

  @Override
  public void visitInsn(int opcode) {
    if (opcode < Opcodes.IRETURN || opcode > Opcodes.RETURN) {
      super.visitInsn(opcode);
      return;
    }
    Type type = method.returnType();
    if (opcode != Opcodes.RETURN) {
      if (resultSlot >= 0) {
        mv.visitVarInsn(type.getOpcode(Opcodes.ISTORE), resultSlot);
      } else {
        mv.visitInsn(type.getSize() == 2 ? Opcodes.POP2 : Opcodes.POP);
      }
    }
    mv.visitJumpInsn(Opcodes.GOTO, end);
  }

  @Override
  public void visitFrame(int type, int numLocal, Object[] local, int numStack, Object[] stack) {
    List<Object> locals = new ArrayList<>(target.locals());
    for (int i = method.parameters().size(); i < numLocal; i++) {
      locals.add(local[i]);
    }
    mv.visitFrame(
        Opcodes.F_NEW, locals.size(), locals.toArray(), numStack, numStack == 0 ? NOTHING : stack);
  }

  @Override
  public void visitMethodInsn(int opcode, String owner, String name, String desc, boolean itf) {
    check(owner);
    super.visitMethodInsn(opcode, owner, name, desc, itf);
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
    check(owner);
    super.visitFieldInsn(opcode, owner, name, descriptor);
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    check(type);
    super.visitTypeInsn(opcode, type);
  }

  @Override
  public void visitInvokeDynamicInsn(String name, String desc, Handle bsm, Object... arguments) {
    throw advice.refused("invokedynamic: not every class it is copied to may have one");
  }
}

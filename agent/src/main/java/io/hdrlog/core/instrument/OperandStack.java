package io.hdrlog.core.instrument;

import java.util.HashMap;
import java.util.Map;
import org.objectweb.asm.ConstantDynamic;
import org.objectweb.asm.Handle;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/**
 * Follows the height of the operand stack through a method. Some compilers, Kotlin's for one, leave
 * values below the one that is returned; these must go before a return becomes a jump.
 *
 * <p>One letter a slot: {@code 1} is a value of one slot, {@code a} and {@code b} the lower and the
 * upper half of a long or a double.
 */
class OperandStack extends MethodVisitor {
  private final StringBuilder slots = new StringBuilder();
  private final Map<Label, String> atLabels = new HashMap<>();
  private boolean reachable = true;

  OperandStack(MethodVisitor next) {
    super(Opcodes.ASM9, next);
  }

  /** Removes what lies below a value of so many slots that was taken away already. */
  final void clear(int taken) {
    int at = slots.length() - taken;
    while (at > 0) {
      boolean two = slots.charAt(at - 1) == 'b';
      mv.visitInsn(two ? Opcodes.POP2 : Opcodes.POP);
      at -= two ? 2 : 1;
    }
  }

  private void pop(int count) {
    slots.setLength(Math.max(0, slots.length() - count));
  }

  private void push(int size) {
    if (size > 0) {
      slots.append(size == 1 ? "1" : "ab");
    }
  }

  private void change(int popped, int pushed) {
    pop(popped);
    push(pushed);
  }

  private void duplicate(int count, int below) {
    int length = slots.length();
    if (length >= count + below) {
      slots.insert(length - count - below, slots.substring(length - count));
    }
  }

  private void remember(Label label) {
    atLabels.putIfAbsent(label, slots.toString());
  }

  final void ended() {
    reachable = false;
    slots.setLength(0);
  }

  @Override
  public void visitTryCatchBlock(Label start, Label end, Label handler, String type) {
    atLabels.put(handler, "1");
    super.visitTryCatchBlock(start, end, handler, type);
  }

  @Override
  public void visitLabel(Label label) {
    String known = atLabels.get(label);
    if (known != null && !reachable) {
      slots.setLength(0);
      slots.append(known);
      reachable = true;
    }
    super.visitLabel(label);
  }

  @Override
  public void visitFrame(int type, int numLocal, Object[] local, int numStack, Object[] stack) {
    slots.setLength(0);
    for (int i = 0; i < numStack; i++) {
      push(Frames.size(stack[i]));
    }
    reachable = true;
    super.visitFrame(type, numLocal, local, numStack, stack);
  }

  @Override
  public void visitInsn(int opcode) {
    super.visitInsn(opcode);
    follow(opcode);
  }

  /** In the order of the opcodes' numbers, which are grouped by what they do. */
  private void follow(int opcode) {
    boolean odd = (opcode & 1) != 0;
    if (opcode == Opcodes.NOP || (opcode >= Opcodes.INEG && opcode <= Opcodes.DNEG)) {
      return;
    }
    if (opcode <= Opcodes.DCONST_1) {
      boolean wide = opcode == Opcodes.LCONST_0 || opcode == Opcodes.LCONST_1;
      push(wide || opcode >= Opcodes.DCONST_0 ? 2 : 1);
    } else if (opcode <= Opcodes.SALOAD) {
      change(2, opcode == Opcodes.LALOAD || opcode == Opcodes.DALOAD ? 2 : 1);
    } else if (opcode <= Opcodes.SASTORE) {
      pop(opcode == Opcodes.LASTORE || opcode == Opcodes.DASTORE ? 4 : 3);
    } else if (opcode <= Opcodes.SWAP) {
      shuffle(opcode);
    } else if (opcode <= Opcodes.DREM) {
      change(odd ? 4 : 2, odd ? 2 : 1);
    } else if (opcode <= Opcodes.LUSHR) {
      change(odd ? 3 : 2, odd ? 2 : 1);
    } else if (opcode <= Opcodes.LXOR) {
      change(odd ? 4 : 2, odd ? 2 : 1);
    } else if (opcode <= Opcodes.I2S) {
      convert(opcode);
    } else if (opcode <= Opcodes.DCMPG) {
      boolean narrow = opcode == Opcodes.FCMPL || opcode == Opcodes.FCMPG;
      change(narrow ? 2 : 4, 1);
    } else if (opcode <= Opcodes.RETURN || opcode == Opcodes.ATHROW) {
      ended();
    } else if (opcode == Opcodes.MONITORENTER || opcode == Opcodes.MONITOREXIT) {
      pop(1);
    }
  }

  private void shuffle(int opcode) {
    switch (opcode) {
      case Opcodes.POP -> pop(1);
      case Opcodes.POP2 -> pop(2);
      case Opcodes.DUP -> duplicate(1, 0);
      case Opcodes.DUP_X1 -> duplicate(1, 1);
      case Opcodes.DUP_X2 -> duplicate(1, 2);
      case Opcodes.DUP2 -> duplicate(2, 0);
      case Opcodes.DUP2_X1 -> duplicate(2, 1);
      case Opcodes.DUP2_X2 -> duplicate(2, 2);
      default -> {
        // SWAP: both are of one slot.
      }
    }
  }

  private void convert(int opcode) {
    boolean fromWide =
        (opcode >= Opcodes.L2I && opcode <= Opcodes.L2D)
            || (opcode >= Opcodes.D2I && opcode <= Opcodes.D2F);
    boolean toWide =
        switch (opcode) {
          case Opcodes.I2L, Opcodes.I2D, Opcodes.L2D, Opcodes.F2L, Opcodes.F2D, Opcodes.D2L -> true;
          default -> false;
        };
    change(fromWide ? 2 : 1, toWide ? 2 : 1);
  }

  @Override
  public void visitIntInsn(int opcode, int operand) {
    super.visitIntInsn(opcode, operand);
    if (opcode != Opcodes.NEWARRAY) {
      push(1);
    }
  }

  @Override
  public void visitVarInsn(int opcode, int slot) {
    super.visitVarInsn(opcode, slot);
    switch (opcode) {
      case Opcodes.ILOAD, Opcodes.FLOAD, Opcodes.ALOAD -> push(1);
      case Opcodes.LLOAD, Opcodes.DLOAD -> push(2);
      case Opcodes.LSTORE, Opcodes.DSTORE -> pop(2);
      case Opcodes.RET -> ended();
      default -> pop(1);
    }
  }

  @Override
  public void visitTypeInsn(int opcode, String type) {
    super.visitTypeInsn(opcode, type);
    if (opcode == Opcodes.NEW) {
      push(1);
    }
  }

  @Override
  public void visitFieldInsn(int opcode, String owner, String name, String descriptor) {
    super.visitFieldInsn(opcode, owner, name, descriptor);
    int size = Type.getType(descriptor).getSize();
    switch (opcode) {
      case Opcodes.GETSTATIC -> push(size);
      case Opcodes.PUTSTATIC -> pop(size);
      case Opcodes.GETFIELD -> change(1, size);
      default -> pop(size + 1);
    }
  }

  @Override
  public void visitMethodInsn(int opcode, String owner, String name, String desc, boolean itf) {
    super.visitMethodInsn(opcode, owner, name, desc, itf);
    called(desc, opcode == Opcodes.INVOKESTATIC);
  }

  @Override
  public void visitInvokeDynamicInsn(String name, String desc, Handle bsm, Object... arguments) {
    super.visitInvokeDynamicInsn(name, desc, bsm, arguments);
    called(desc, true);
  }

  private void called(String descriptor, boolean noReceiver) {
    int sizes = Type.getArgumentsAndReturnSizes(descriptor);
    change((sizes >> 2) - (noReceiver ? 1 : 0), sizes & 3);
  }

  @Override
  public void visitJumpInsn(int opcode, Label label) {
    super.visitJumpInsn(opcode, label);
    if (opcode == Opcodes.JSR) {
      atLabels.putIfAbsent(label, slots + "1");
      return;
    }
    if (opcode >= Opcodes.IF_ICMPEQ && opcode <= Opcodes.IF_ACMPNE) {
      pop(2);
    } else if (opcode != Opcodes.GOTO) {
      pop(1);
    }
    remember(label);
    if (opcode == Opcodes.GOTO) {
      ended();
    }
  }

  @Override
  public void visitLdcInsn(Object value) {
    super.visitLdcInsn(value);
    boolean wide =
        value instanceof Long
            || value instanceof Double
            || (value instanceof ConstantDynamic constant && constant.getSize() == 2);
    push(wide ? 2 : 1);
  }

  @Override
  public void visitTableSwitchInsn(int min, int max, Label dflt, Label... labels) {
    super.visitTableSwitchInsn(min, max, dflt, labels);
    switched(dflt, labels);
  }

  @Override
  public void visitLookupSwitchInsn(Label dflt, int[] keys, Label[] labels) {
    super.visitLookupSwitchInsn(dflt, keys, labels);
    switched(dflt, labels);
  }

  private void switched(Label dflt, Label[] labels) {
    pop(1);
    remember(dflt);
    for (Label label : labels) {
      remember(label);
    }
    ended();
  }

  @Override
  public void visitMultiANewArrayInsn(String descriptor, int dimensions) {
    super.visitMultiANewArrayInsn(descriptor, dimensions);
    change(dimensions, 1);
  }
}

package io.hdrlog.core.instrument;

import java.util.BitSet;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** A method that is advised: its declaration, and what its code does to its arguments. */
final class TargetMethod {
  final TargetClass type;
  final int access;
  final String name;
  final String descriptor;
  final Type ownerType;
  final Type[] arguments;

  /** The variable of each argument. */
  final int[] slots;

  /** Variables of all arguments, {@code this} included. */
  final int argumentSlots;

  final Type returned;

  /** Before version 50, class files had none. */
  final boolean hasFrames;

  private final BitSet unsteady = new BitSet();

  TargetMethod(TargetClass type, int access, String name, String descriptor) {
    this.type = type;
    this.access = access;
    this.name = name;
    this.descriptor = descriptor;
    ownerType = Type.getObjectType(type.name());
    arguments = Type.getArgumentTypes(descriptor);
    returned = Type.getReturnType(descriptor);
    hasFrames = type.version() >= Opcodes.V1_6;
    slots = new int[arguments.length];
    int slot = isStatic() ? 0 : 1;
    for (int i = 0; i < slots.length; i++) {
      slots[i] = slot;
      slot += arguments[i].getSize();
    }
    argumentSlots = slot;
  }

  String owner() {
    return type.name();
  }

  boolean isStatic() {
    return (access & Opcodes.ACC_STATIC) != 0;
  }

  boolean isConstructor() {
    return name.equals("<init>");
  }

  /** Whether the variable may hold, or be known to the verifier as, something else later. */
  boolean isUnsteady(int slot) {
    return unsteady.get(slot);
  }

  /** Looks through the code for what happens to the arguments. */
  MethodVisitor examine() {
    return new MethodVisitor(Opcodes.ASM9) {
      @Override
      public void visitVarInsn(int opcode, int slot) {
        if (opcode >= Opcodes.ISTORE && opcode <= Opcodes.ASTORE) {
          boolean wide = opcode == Opcodes.LSTORE || opcode == Opcodes.DSTORE;
          stored(slot, wide ? 2 : 1);
        }
      }

      @Override
      public void visitIincInsn(int slot, int increment) {
        stored(slot, 1);
      }

      @Override
      public void visitFrame(int kind, int numLocal, Object[] local, int numStack, Object[] s) {
        int slot = 0;
        for (int i = 0; i < numLocal && slot < argumentSlots; i++) {
          if (!local[i].equals(declared(slot)) && !(isConstructor() && slot == 0)) {
            stored(slot, Frames.size(local[i]));
          }
          slot += Frames.size(local[i]);
        }
        if (slot < argumentSlots) {
          unsteady.set(slot, argumentSlots);
        }
      }
    };
  }

  private Object declared(int slot) {
    if (slot == 0 && !isStatic()) {
      return Frames.entry(ownerType);
    }
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] == slot) {
        return Frames.entry(arguments[i]);
      }
    }
    return Opcodes.TOP;
  }

  private void stored(int slot, int size) {
    if (slot >= argumentSlots) {
      return;
    }
    if (slot + size > argumentSlots || (slot == 0 && !isStatic())) {
      throw new IllegalStateException(this + " uses its arguments' variables otherwise");
    }
    for (int i = 0; i < slots.length; i++) {
      // All that it touches: the other half of a long is gone as well.
      if (slots[i] < slot + size && slot < slots[i] + arguments[i].getSize()) {
        unsteady.set(slots[i], slots[i] + arguments[i].getSize());
      }
    }
  }

  @Override
  public String toString() {
    return owner() + "." + name + descriptor;
  }
}

package io.hdrlog.core.instrument;

import java.util.List;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.Type;

/** The words of stack map frames. */
final class Frames {
  private Frames() {}

  /** How many slots a value takes that a frame names so. */
  static int size(Object entry) {
    return Opcodes.LONG.equals(entry) || Opcodes.DOUBLE.equals(entry) ? 2 : 1;
  }

  static Object entry(Type type) {
    return switch (type.getSort()) {
      case Type.BOOLEAN, Type.BYTE, Type.CHAR, Type.SHORT, Type.INT -> Opcodes.INTEGER;
      case Type.LONG -> Opcodes.LONG;
      case Type.FLOAT -> Opcodes.FLOAT;
      case Type.DOUBLE -> Opcodes.DOUBLE;
      default -> type.getInternalName();
    };
  }

  /** Adds what stands for a value that nobody may read. */
  static void addNothing(List<Object> locals, int slots) {
    for (int i = 0; i < slots; i++) {
      locals.add(Opcodes.TOP);
    }
  }

  /** Without knowing the classes: the same, or any object for Object. */
  static boolean assignable(Type from, Type to) {
    return from.equals(to)
        || (from.getSort() >= Type.ARRAY && to.getInternalName().equals("java/lang/Object"));
  }
}

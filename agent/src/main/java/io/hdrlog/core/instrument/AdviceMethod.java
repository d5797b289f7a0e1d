package io.hdrlog.core.instrument;

import java.util.List;
import org.objectweb.asm.Type;

/**
 * The declaration of one method of an advice class.
 *
 * @param onThrowable an exit advice that also runs when the method throws
 * @param parameters what each parameter stands for, in the order of the descriptor
 */
record AdviceMethod(
    String name, String descriptor, boolean onThrowable, List<Parameter> parameters) {
  /** What a parameter stands for, by its annotation. */
  enum Kind {
    THIS,
    ARGUMENT,
    FIELD,
    ENTER,
    RETURN,
    THROWN
  }

  /**
   * One parameter.
   *
   * @param slot its local variable in the advice
   * @param argument for an argument, which one
   * @param field for a field, its name
   * @param writable whether advice may assign to it
   */
  record Parameter(Kind kind, Type type, int slot, int argument, String field, boolean writable) {}

  /** How many local variables the parameters take. */
  int parameterSlots() {
    int slots = 0;
    for (Parameter parameter : parameters) {
      slots += parameter.type().getSize();
    }
    return slots;
  }

  Type returnType() {
    return Type.getReturnType(descriptor);
  }

  /** The parameter that starts at the local variable, or null. */
  Parameter at(int slot) {
    for (Parameter parameter : parameters) {
      if (parameter.slot() == slot) {
        return parameter;
      }
    }
    return null;
  }

  Parameter find(Kind kind) {
    for (Parameter parameter : parameters) {
      if (parameter.kind() == kind) {
        return parameter;
      }
    }
    return null;
  }
}

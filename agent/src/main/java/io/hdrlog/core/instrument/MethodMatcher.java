package io.hdrlog.core.instrument;

import org.objectweb.asm.Type;

/** Which methods of a class an advice goes to, told from what stands in the class file. */
@FunctionalInterface
public interface MethodMatcher {
  /** Whether the method, as the class file declares it, is wanted. */
  boolean matches(int access, String name, String descriptor);

  default MethodMatcher and(MethodMatcher other) {
    return new MethodMatcher() {
      @Override
      public boolean matches(int access, String name, String descriptor) {
        return MethodMatcher.this.matches(access, name, descriptor)
            && other.matches(access, name, descriptor);
      }
    };
  }

  default MethodMatcher or(MethodMatcher other) {
    return new MethodMatcher() {
      @Override
      public boolean matches(int access, String name, String descriptor) {
        return MethodMatcher.this.matches(access, name, descriptor)
            || other.matches(access, name, descriptor);
      }
    };
  }

  static MethodMatcher named(String wanted) {
    return new MethodMatcher() {
      @Override
      public boolean matches(int access, String name, String descriptor) {
        return name.equals(wanted);
      }
    };
  }

  static MethodMatcher isConstructor() {
    return named("<init>");
  }

  static MethodMatcher takesArguments(int count) {
    return new MethodMatcher() {
      @Override
      public boolean matches(int access, String name, String descriptor) {
        return Type.getArgumentCount(descriptor) == count;
      }
    };
  }

  /** {@code className} as in source code: {@code int}, {@code jakarta.servlet.ServletRequest}. */
  static MethodMatcher takesArgument(int index, String className) {
    return new MethodMatcher() {
      @Override
      public boolean matches(int access, String name, String descriptor) {
        Type[] types = Type.getArgumentTypes(descriptor);
        return index < types.length && types[index].getClassName().equals(className);
      }
    };
  }
}

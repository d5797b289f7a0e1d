package io.hdrlog.core.tap;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;

/**
 * A public method without arguments, known by its name, of classes that the agent's loader does not
 * know. Sought once for each class.
 */
final class Getter {
  private static final MethodType TYPE = MethodType.methodType(Object.class, Object.class);

  private final String name;

  private final ClassValue<MethodHandle> handles =
      new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> type) {
          Method method = among(type);
          if (method == null) {
            // Null is an answer too: a class that changed its methods costs one search.
            return MethodHandles.dropArguments(
                MethodHandles.constant(Object.class, null), 0, Object.class);
          }
          try {
            return MethodHandles.publicLookup().unreflect(method).asType(TYPE);
          } catch (IllegalAccessException e) {
            return MethodHandles.dropArguments(
                MethodHandles.constant(Object.class, null), 0, Object.class);
          }
        }
      };

  Getter(String name) {
    this.name = name;
  }

  /** What the method returns; null where there is no such method, or nothing to ask. */
  Object of(Object target) throws Throwable {
    return target == null ? null : (Object) handles.get(target.getClass()).invokeExact(target);
  }

  /** A public class may inherit from one that is not: the method is sought where it is usable. */
  private Method among(Class<?> type) {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      Method found = declared(c);
      if (found != null) {
        return found;
      }
      for (Class<?> i : c.getInterfaces()) {
        found = among(i);
        if (found != null) {
          return found;
        }
      }
    }
    return null;
  }

  private Method declared(Class<?> type) {
    if (!Modifier.isPublic(type.getModifiers())) {
      return null;
    }
    try {
      Method method = type.getDeclaredMethod(name);
      return Modifier.isPublic(method.getModifiers()) ? method : null;
    } catch (NoSuchMethodException e) {
      return null;
    }
  }
}

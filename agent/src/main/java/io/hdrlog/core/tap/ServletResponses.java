package io.hdrlog.core.tap;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;

/**
 * Reads a response of the Servlet API, whichever package and class loader it is of. The agent's
 * loader knows neither.
 */
final class ServletResponses {
  /** How one class of responses is read. */
  private static final class Reader {
    final MethodHandle status;
    final MethodHandle names;
    final MethodHandle values;

    Reader(Class<?> type) throws ReflectiveOperationException {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      status =
          lookup
              .findVirtual(type, "getStatus", MethodType.methodType(int.class))
              .asType(MethodType.methodType(int.class, Object.class));
      names =
          lookup
              .findVirtual(type, "getHeaderNames", MethodType.methodType(Collection.class))
              .asType(MethodType.methodType(Collection.class, Object.class));
      values =
          lookup
              .findVirtual(
                  type, "getHeaders", MethodType.methodType(Collection.class, String.class))
              .asType(MethodType.methodType(Collection.class, Object.class, String.class));
    }
  }

  private final ClassValue<Reader> readers =
      new ClassValue<>() {
        @Override
        protected Reader computeValue(Class<?> type) {
          try {
            return new Reader(responseInterface(type));
          } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException("no servlet response class=" + type.getName(), e);
          }
        }
      };

  private static Class<?> responseInterface(Class<?> type) throws ClassNotFoundException {
    for (Class<?> c = type; c != null; c = c.getSuperclass()) {
      Class<?> found = among(c.getInterfaces());
      if (found != null) {
        return found;
      }
    }
    throw new ClassNotFoundException("HttpServletResponse");
  }

  private static Class<?> among(Class<?>[] interfaces) {
    for (Class<?> i : interfaces) {
      if (i.getName().endsWith(".servlet.http.HttpServletResponse")) {
        return i;
      }
      Class<?> found = among(i.getInterfaces());
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  int status(Object response) throws Throwable {
    return (int) readers.get(response.getClass()).status.invokeExact(response);
  }

  Collection<?> names(Object response) throws Throwable {
    return (Collection<?>) readers.get(response.getClass()).names.invokeExact(response);
  }

  Collection<?> values(Object response, String name) throws Throwable {
    return (Collection<?>) readers.get(response.getClass()).values.invokeExact(response, name);
  }
}

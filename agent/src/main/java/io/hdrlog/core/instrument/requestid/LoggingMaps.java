package io.hdrlog.core.instrument.requestid;

import io.hdrlog.core.tap.Mdc;
import io.hdrlog.core.tap.MdcSource;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * Finds the map of SLF4J, Log4j 2 or JBoss Logging, in this order, in an application's class
 * loader. Sought once for each loader; a loader that has none costs a comparison from then on.
 */
public final class LoggingMaps implements MdcSource {
  private static final String[][] FRAMEWORKS = {
    {"org.slf4j.MDC", "get", "put", "remove"},
    {"org.apache.logging.log4j.ThreadContext", "get", "put", "remove"},
    {"org.jboss.logging.MDC", "get", "put", "remove"},
  };

  /** The newest answer. Most JVMs ask for one loader only, and never reach the table. */
  private record Answer(WeakReference<ClassLoader> loader, Mdc mdc) {}

  // The values hold classes of the loader, hence weakly: a map alone would keep it forever.
  private final Map<ClassLoader, WeakReference<Mdc>> answers =
      Collections.synchronizedMap(new WeakHashMap<>());
  private final Map<ClassLoader, Boolean> without =
      Collections.synchronizedMap(new WeakHashMap<>());
  private volatile Answer newest = new Answer(new WeakReference<>(null), null);

  /** Whether classes of this loader could log through any of them; loads nothing. */
  public static boolean anyIn(ClassLoader loader) {
    if (loader == null) {
      return false;
    }
    for (String[] framework : FRAMEWORKS) {
      if (loader.getResource(framework[0].replace('.', '/') + ".class") != null) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Mdc of(ClassLoader application) {
    if (application == null) {
      return null;
    }
    Answer answer = newest;
    if (answer.loader.refersTo(application)) {
      return answer.mdc;
    }
    Mdc mdc = lookUp(application);
    newest = new Answer(new WeakReference<>(application), mdc);
    return mdc;
  }

  private Mdc lookUp(ClassLoader application) {
    if (without.containsKey(application)) {
      return null;
    }
    WeakReference<Mdc> known = answers.get(application);
    Mdc mdc = known == null ? null : known.get();
    if (mdc == null) {
      mdc = find(application);
      if (mdc == null) {
        without.put(application, true);
      } else {
        answers.put(application, new WeakReference<>(mdc));
      }
    }
    return mdc;
  }

  private static Mdc find(ClassLoader application) {
    for (String[] framework : FRAMEWORKS) {
      Mdc mdc = find(application, framework);
      if (mdc != null) {
        return mdc;
      }
    }
    return null;
  }

  /** Null if the framework is not there or not usable. */
  private static Mdc find(ClassLoader application, String[] framework) {
    try {
      Class<?> type = Class.forName(framework[0], true, application);
      return discards(type) ? null : new Handles(type, framework);
    } catch (ReflectiveOperationException | LinkageError e) {
      return null;
    }
  }

  /** SLF4J without a logging library behind it forgets what it is given. */
  private static boolean discards(Class<?> type) throws ReflectiveOperationException {
    if (!type.getName().startsWith("org.slf4j.")) {
      return false;
    }
    Object adapter = type.getMethod("getMDCAdapter").invoke(null);
    return adapter == null || adapter.getClass().getSimpleName().equals("NOPMDCAdapter");
  }

  /** Calls of one framework in one loader. */
  private static final class Handles implements Mdc {
    private static final MethodType GET = MethodType.methodType(Object.class, String.class);
    private static final MethodType PUT =
        MethodType.methodType(void.class, String.class, String.class);
    private static final MethodType REMOVE = MethodType.methodType(void.class, String.class);

    private final MethodHandle get;
    private final MethodHandle put;
    private final MethodHandle remove;

    Handles(Class<?> type, String[] names) throws ReflectiveOperationException {
      MethodHandles.Lookup lookup = MethodHandles.publicLookup();
      get = find(lookup, type, names[1], String.class).asType(GET);
      put = findPut(lookup, type, names[2]).asType(PUT);
      remove = find(lookup, type, names[3], String.class).asType(REMOVE);
    }

    private static MethodHandle find(
        MethodHandles.Lookup lookup, Class<?> type, String name, Class<?>... arguments)
        throws ReflectiveOperationException {
      return lookup.unreflect(type.getMethod(name, arguments));
    }

    /** JBoss Logging puts objects, the others strings. */
    private static MethodHandle findPut(MethodHandles.Lookup lookup, Class<?> type, String name)
        throws ReflectiveOperationException {
      try {
        return find(lookup, type, name, String.class, String.class);
      } catch (NoSuchMethodException e) {
        return find(lookup, type, name, String.class, Object.class);
      }
    }

    @Override
    public String get(String key) {
      try {
        Object value = (Object) get.invokeExact(key);
        return value == null ? null : value.toString();
      } catch (Throwable t) {
        throw unexpected(t);
      }
    }

    @Override
    public void put(String key, String value) {
      try {
        if (value == null) {
          remove.invokeExact(key);
        } else {
          put.invokeExact(key, value);
        }
      } catch (Throwable t) {
        throw unexpected(t);
      }
    }

    private static IllegalStateException unexpected(Throwable t) {
      return new IllegalStateException("logging framework refused the request id", t);
    }
  }
}

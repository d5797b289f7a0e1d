package io.hdrlog.core.instrument;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A class loader like an application's own: it shares with the agent nothing but the tap, and its
 * class path is this JVM's, less some jars.
 */
public class IsolatedLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  /** {@code wanted} says which entries of the class path there are. */
  public IsolatedLoader(Predicate<String> wanted, Path... more) throws MalformedURLException {
    super(urls(wanted, more), ClassLoader.getPlatformClassLoader());
  }

  private static URL[] urls(Predicate<String> wanted, Path... more) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (Path path : more) {
      urls.add(path.toUri().toURL());
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      if (wanted.test(entry)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
    }
    return urls.toArray(new URL[0]);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return name.startsWith("io.hdrlog.tap.")
        ? IsolatedLoader.class.getClassLoader().loadClass(name)
        : super.loadClass(name, resolve);
  }

  /** Calls a public static method without arguments of a class of this loader. */
  public Object call(Class<?> type, String method) throws ReflectiveOperationException {
    ClassLoader before = Thread.currentThread().getContextClassLoader();
    Thread.currentThread().setContextClassLoader(this);
    try {
      return loadClass(type.getName()).getMethod(method).invoke(null);
    } finally {
      Thread.currentThread().setContextClassLoader(before);
    }
  }
}

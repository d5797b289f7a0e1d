package io.hdrlog.premain;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.ProtectionDomain;
import java.security.SecureClassLoader;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Loads the agent's own classes, which lie in the jar as {@code hdrlog/**.classdata} so that no
 * other loader can ever find them; sees nothing of the application.
 *
 * <p>The parent is the platform loader: {@code java.*} and the JDK's modules, not the class path.
 */
final class AgentClassLoader extends SecureClassLoader implements Consumer<Predicate<Object[]>> {
  static {
    registerAsParallelCapable();
  }

  private static final String ROOT = "hdrlog/";
  private static final String OWN = "io.hdrlog.";
  private static final String DATA = ".classdata";
  private static final String CLASS = ".class";

  private final JarFile jar;
  private final URL jarUrl;
  private final ProtectionDomain domain;
  private volatile Predicate<Object[]> entry;

  AgentClassLoader(JarFile jar, URL jarUrl, ProtectionDomain domain) {
    super("hdrlog", ClassLoader.getPlatformClassLoader());
    this.jar = jar;
    this.jarUrl = jarUrl;
    this.domain = domain;
  }

  /** What the core, seeing no class of this package, gives its loader as its way in. */
  @Override
  public void accept(Predicate<Object[]> given) {
    entry = given;
  }

  Predicate<Object[]> entry() {
    return entry;
  }

  /** The parent has none of the agent's: a start asks for three hundred, and need not ask it. */
  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!name.startsWith(OWN)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes;
    try {
      bytes = read(ROOT + name.replace('.', '/') + DATA);
    } catch (IOException e) {
      throw new ClassNotFoundException(name + " cannot be read from " + jarUrl, e);
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length, domain);
  }

  /** A module of this loader asks with its own name; its classes lie with all others. */
  @Override
  protected Class<?> findClass(String module, String name) {
    try {
      return findClass(name);
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  @Override
  protected URL findResource(String name) {
    JarEntry entry = jar.getJarEntry(entryName(name));
    if (entry == null) {
      return null;
    }
    try {
      return java.net.URI.create("jar:" + jarUrl + "!/" + entry.getName()).toURL();
    } catch (IOException | IllegalArgumentException e) {
      return null;
    }
  }

  @Override
  protected URL findResource(String module, String name) {
    return findResource(name);
  }

  /** The weaver reads advice classes as resources, under the names they had before packaging. */
  @Override
  public InputStream getResourceAsStream(String name) {
    try {
      byte[] bytes = read(entryName(name));
      return bytes == null ? super.getResourceAsStream(name) : new ByteArrayInputStream(bytes);
    } catch (IOException e) {
      return null;
    }
  }

  private static String entryName(String resource) {
    return ROOT
        + (resource.endsWith(CLASS)
            ? resource.substring(0, resource.length() - CLASS.length()) + DATA
            : resource);
  }

  byte[] read(String entryName) throws IOException {
    JarEntry entry = jar.getJarEntry(entryName);
    if (entry == null) {
      return null;
    }
    try (InputStream in = jar.getInputStream(entry)) {
      // Without the size it would be read in pieces of 16 KiB, which the heap keeps for a while.
      long size = entry.getSize();
      return size < 0 ? in.readAllBytes() : in.readNBytes((int) size);
    }
  }
}

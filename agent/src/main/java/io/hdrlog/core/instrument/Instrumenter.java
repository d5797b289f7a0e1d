package io.hdrlog.core.instrument;

import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.instrument.jdk.JdkRecipes;
import io.hdrlog.core.instrument.netty.NettyRecipes;
import io.hdrlog.core.instrument.servlet.ServletRecipes;
import io.hdrlog.core.instrument.tomcat.TomcatRecipes;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import java.io.IOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes the classes of the servers that are known, when they are loaded or, attached to a running
 * JVM, where they are loaded already. Any other class costs one look-up in a hash map and a look at
 * a dozen characters of its name.
 */
public final class Instrumenter implements ClassFileTransformer {
  private static final Pattern VERSION =
      Pattern.compile("-(\\d+(?:\\.\\d+)+(?:[.-][A-Za-z][A-Za-z0-9.]*?)?)\\.jar");
  private static final String UNKNOWN = "unknown";
  private static final String HAPROXY = "io/netty/handler/codec/haproxy/HAProxyMessageDecoder";
  private static final String SPRING = "org/springframework/web/servlet/DispatcherServlet";

  /** Replaced, not changed, once the transformer is installed. */
  private volatile Map<String, Recipe> recipes = new HashMap<>(64);

  private final Map<String, Consumer<String>> sightings = new HashMap<>();
  private volatile Relocation relocation;
  private final ServletRecipes servlets;
  private final Instrumentation instrumentation;
  private final TapOptions options;
  private final AgentLog log;
  private final List<String> results = new ArrayList<>();
  private final TreeSet<String> met = new TreeSet<>();
  private volatile Weaver weaver;
  private volatile boolean serves;

  private Instrumenter(
      Instrumentation instrumentation,
      TapSink sink,
      TapOptions options,
      Map<String, Consumer<String>> watched,
      AgentLog log) {
    this.instrumentation = instrumentation;
    this.log = log;
    this.options = options;
    servlets = new ServletRecipes(this::rescan);
    TomcatRecipes.addTo(recipes::put, options);
    NettyRecipes.addTo(recipes::put, options);
    servlets.addTo(recipes::put, sightings::put);
    sightings.putAll(watched);
    // It eats bytes in front of the codec and is gone when the codec begins.
    sightings.put(HAPROXY, name -> sink.distrustNettyPositions());
    sightings.put(SPRING, name -> sink.frameworkSeen());
    relocate();
  }

  /** To be called whenever there are more names. */
  private void relocate() {
    Set<String> names = new TreeSet<>(recipes.keySet());
    names.addAll(sightings.keySet());
    relocation = new Relocation(names);
  }

  /** Its own name, or the one under which it is known. */
  private String known(String internalName) {
    String original = relocation.original(internalName);
    return original == null ? internalName : original;
  }

  /**
   * Installs the transformer and changes the classes that are loaded already. The sink must be
   * installed in {@code Tap} before.
   *
   * @param watched what to run when a class is met, by its internal name
   */
  public static Instrumenter install(
      Instrumentation instrumentation,
      TapSink sink,
      TapOptions options,
      Map<String, Consumer<String>> watched,
      AgentLog log) {
    return install(instrumentation, null, sink, options, watched, log);
  }

  /**
   * As above, in the place of a transformer that stood in for it.
   *
   * @param handOver gives the names of what that one let pass; null: there is none
   */
  public static Instrumenter install(
      Instrumentation instrumentation,
      Function<ClassFileTransformer, Collection<String>> handOver,
      TapSink sink,
      TapOptions options,
      Map<String, Consumer<String>> watched,
      AgentLog log) {
    Instrumenter instrumenter = new Instrumenter(instrumentation, sink, options, watched, log);
    instrumenter.look(sink);
    if (handOver == null) {
      instrumentation.addTransformer(instrumenter, true);
    } else {
      for (String name : handOver.apply(instrumenter)) {
        instrumenter.sighted(instrumenter.known(name));
      }
    }
    instrumenter.again();
    return instrumenter;
  }

  /**
   * Has more classes changed: those that are loaded from now on at once, those that are loaded
   * already by a thread of their own, since this may be called while a class is being loaded, and
   * what a transformer loads or changes is not shown to it.
   *
   * @return that thread
   */
  public Thread add(Consumer<BiConsumer<String, Recipe>> more) {
    Map<String, Recipe> added = new HashMap<>();
    more.accept(added::put);
    synchronized (results) {
      Map<String, Recipe> all = new HashMap<>(recipes);
      all.putAll(added);
      recipes = all;
      relocate();
    }
    return retransformBeside(loaded -> added.containsKey(known(internalName(loaded))));
  }

  /** Has ready what the first class that is changed would have to wait for. */
  public void warm() {
    try {
      weaver().warm();
    } catch (IOException | RuntimeException | LinkageError e) {
      log.error("weaver failed, expect no instrumentation: " + e);
    }
  }

  /** Changes what is loaded already. A class that was changed before stays as it is. */
  void again() {
    retransform(
        loaded ->
            recipes.containsKey(known(internalName(loaded)))
                || (servlets.active() && ServletRecipes.concerns(loaded)));
  }

  /** Takes the transformer away and restores the classes it changed. */
  public void uninstall() {
    instrumentation.removeTransformer(this);
    again();
  }

  /** One line for each class that was met, for the start-up summary. */
  public List<String> describe() {
    synchronized (results) {
      return new ArrayList<>(results);
    }
  }

  /** Whether a server was met that tells of its requests. */
  public boolean servesRequests() {
    return serves;
  }

  /** The kinds of servers met, for the start-up summary. */
  public List<String> entryPoints() {
    synchronized (results) {
      return List.copyOf(met);
    }
  }

  private void look(TapSink sink) {
    for (Class<?> loaded : loaded()) {
      String name = known(internalName(loaded));
      sighted(name);
      if (name.equals(NettyRecipes.DECODER)) {
        // Its channels may be in the midst of a connection.
        sink.distrustNettyPositions();
        recipes.putAll(NettyRecipes.whenAttached(options));
        relocate();
      }
    }
  }

  private void sighted(String knownName) {
    Consumer<String> sighting = sightings.get(knownName);
    if (sighting != null) {
      sighting.accept(knownName);
    }
  }

  /** The names of classes that are changed. */
  public Set<String> changed() {
    return Set.copyOf(recipes.keySet());
  }

  /** The names of classes that tell something by being there. */
  public Set<String> seen() {
    return Set.copyOf(sightings.keySet());
  }

  /** On a thread of its own, since it is asked for while a class is being loaded. */
  private void rescan() {
    retransformBeside(ServletRecipes::concerns);
  }

  private Thread retransformBeside(Predicate<Class<?>> concerned) {
    Thread thread = new Thread(() -> retransform(concerned), "hdrlog-rescan");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void retransform(Predicate<Class<?>> concerned) {
    for (Class<?> loaded : loaded()) {
      if (concerned.test(loaded)) {
        retransform(loaded);
      }
    }
  }

  /**
   * What is loaded, without what cannot concern anybody here: a JVM begins with a thousand classes
   * of its own, and code that is not compiled yet would look for each by its name.
   */
  private List<Class<?>> loaded() {
    List<Class<?>> some = new ArrayList<>();
    for (Class<?> loaded : instrumentation.getAllLoadedClasses()) {
      if (loaded.getClassLoader() != null || !isOutOfSight(loaded.getName())) {
        some.add(loaded);
      }
    }
    return some;
  }

  /** Whether it is a class of the JDK in a package where none has a recipe or tells something. */
  static boolean isOutOfSight(String className) {
    if (className.startsWith("java.")) {
      return !className.startsWith("java.net.");
    }
    if (className.startsWith("sun.")) {
      return !className.startsWith("sun.n") && !className.startsWith("sun.security.ssl.");
    }
    return className.startsWith("jdk.") || className.startsWith("com.sun.");
  }

  private void retransform(Class<?> type) {
    try {
      instrumentation.retransformClasses(type);
    } catch (UnmodifiableClassException | LinkageError e) {
      report(false, "instrumentation failed class=" + type.getName() + " reason=" + e);
    }
  }

  private static String internalName(Class<?> type) {
    return type.isArray() ? "" : type.getName().replace('.', '/');
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String className,
      Class<?> beingRedefined,
      ProtectionDomain domain,
      byte[] bytes) {
    if (className == null) {
      return null;
    }
    Recipe recipe = recipes.get(className);
    return recipe == null
        ? other(loader, className, domain, bytes)
        : apply(recipe, loader, className, "", domain, bytes);
  }

  private byte[] other(
      ClassLoader loader, String className, ProtectionDomain domain, byte[] bytes) {
    String name = known(className);
    sighted(name);
    // Meeting it may have been the reason to have just this class changed.
    Recipe recipe = recipes.get(name);
    if (recipe == null) {
      recipe = servlets.forFilter(loader, className, bytes);
    }
    String prefix = className.substring(0, className.length() - name.length());
    return recipe == null ? null : apply(recipe, loader, className, prefix, domain, bytes);
  }

  private byte[] apply(
      Recipe recipe,
      ClassLoader loader,
      String internalName,
      String prefix,
      ProtectionDomain domain,
      byte[] bytes) {
    String className = internalName.replace('/', '.');
    try {
      String known = internalName.substring(prefix.length());
      List<Step> steps = recipe.steps().of(known, loader, bytes);
      if (steps.isEmpty()) {
        return null;
      }
      byte[] woven = weaver().weave(loader, bytes, steps, prefix);
      met(recipe.entryPoint());
      report(true, "instrumented class=" + className + " version=" + version(domain));
      return woven;
    } catch (Throwable t) {
      // The class stays as it was; the service must not notice.
      report(
          false,
          "instrumentation failed class="
              + className
              + " version="
              + version(domain)
              + " reason="
              + t);
      return null;
    }
  }

  private Weaver weaver() {
    Weaver w = weaver;
    if (w == null) {
      synchronized (this) {
        w = weaver;
        if (w == null) {
          w = new Weaver();
          weaver = w;
        }
      }
    }
    return w;
  }

  private void met(String entryPoint) {
    if (!entryPoint.equals(JdkRecipes.ENTRY_POINT)) {
      serves = true;
    }
    synchronized (results) {
      met.add(entryPoint);
    }
  }

  private void report(boolean well, String line) {
    synchronized (results) {
      results.add(line);
    }
    if (well) {
      log.info(line);
    } else {
      log.error(line);
    }
  }

  /** The version in the name of the jar, which is where every build tool puts it. */
  static String version(ProtectionDomain domain) {
    CodeSource source = domain == null ? null : domain.getCodeSource();
    if (source == null || source.getLocation() == null) {
      return UNKNOWN;
    }
    Matcher matcher = VERSION.matcher(source.getLocation().toString());
    String found = UNKNOWN;
    while (matcher.find()) {
      found = matcher.group(1);
    }
    return found;
  }
}

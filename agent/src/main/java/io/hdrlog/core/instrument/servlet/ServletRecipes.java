package io.hdrlog.core.instrument.servlet;

import static io.hdrlog.core.instrument.MethodMatcher.isConstructor;
import static io.hdrlog.core.instrument.MethodMatcher.named;
import static io.hdrlog.core.instrument.MethodMatcher.takesArgument;
import static io.hdrlog.core.instrument.MethodMatcher.takesArguments;

import io.hdrlog.core.instrument.ClassHeader;
import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The Servlet API in general, jakarta and javax, for containers that are not instrumented
 * themselves.
 *
 * <p>Which those are is known only when a request comes: a JVM may run Jetty with Tomcat's jar
 * beside it, or both. So filters and servlets are changed wherever they are met, and the advice
 * leaves alone what Tomcat's connector covers.
 */
public final class ServletRecipes implements Recipe.Steps {
  private static final String ENTRY_POINT = "servlet";
  private static final String ADVICE = "io.hdrlog.core.instrument.servlet.";
  private static final String JAKARTA_SERVLET = "jakarta/servlet/http/HttpServlet";
  private static final String JAVAX_SERVLET = "javax/servlet/http/HttpServlet";
  private static final String UNDERTOW_PROXIED =
      "io/undertow/server/protocol/proxy/ProxyProtocolReadListener";
  private static final Api JAKARTA = new Api("Jakarta", "jakarta");
  private static final Api JAVAX = new Api("Javax", "javax");

  /** One of the two, which differ in their packages alone. */
  private static final class Api {
    private final String advice;
    private final String packages;
    private final String filter;
    private final String servlet;
    private final String genericServlet;

    Api(String advice, String packages) {
      this.advice = ADVICE + advice + "Advice$Enter";
      this.packages = packages;
      filter = packages + "/servlet/Filter";
      servlet = packages + "/servlet/Servlet";
      genericServlet = packages + "/servlet/GenericServlet";
    }

    /** For a filter or, other than by HttpServlet, a servlet; or null. */
    Recipe forClass(ClassHeader header) {
      boolean made = !header.isInterface();
      if (made && header.isImplementing(filter)) {
        return new Recipe(ENTRY_POINT, (name, loader, bytes) -> List.of(step("doFilter", 3)));
      }
      if ((made && header.isImplementing(servlet)) || header.isExtending(genericServlet)) {
        return new Recipe(ENTRY_POINT, (name, loader, bytes) -> List.of(step("service", 2)));
      }
      return null;
    }

    boolean isOf(String className) {
      return className.startsWith(packages);
    }

    Step step(String method, int arguments) {
      return new Step(
          advice,
          named(method)
              .and(takesArguments(arguments))
              .and(takesArgument(0, packages + ".servlet.ServletRequest"))
              .and(takesArgument(1, packages + ".servlet.ServletResponse")),
          false);
    }
  }

  /** Set once filters and servlets are of interest: from then on class files are looked into. */
  private volatile boolean jakarta;

  private volatile boolean javax;

  private final Runnable rescan;

  /** {@code rescan} is run when classes that were left alone are of interest after all. */
  public ServletRecipes(Runnable rescan) {
    this.rescan = rescan;
  }

  public void addTo(
      BiConsumer<String, Recipe> recipes, BiConsumer<String, Consumer<String>> sightings) {
    new Recipe(ENTRY_POINT, this).addTo(recipes, JAKARTA_SERVLET, JAVAX_SERVLET, UNDERTOW_PROXIED);
    // A class is seen before the interface it implements: the first of them was missed.
    Consumer<String> sighted = this::sighted;
    for (Api api : List.of(JAKARTA, JAVAX)) {
      sightings.accept(api.filter, sighted);
      sightings.accept(api.servlet, sighted);
    }
  }

  private void sighted(String className) {
    if (JAKARTA.isOf(className)) {
      jakarta = true;
    } else {
      javax = true;
    }
    rescan.run();
  }

  @Override
  public List<Step> of(String className, ClassLoader loader, byte[] bytes) {
    return switch (className) {
      case JAKARTA_SERVLET -> List.of(JAKARTA.step("service", 2));
      case JAVAX_SERVLET -> List.of(JAVAX.step("service", 2));
      case UNDERTOW_PROXIED ->
          List.of(new Step(ADVICE + "UndertowAdvice$Proxied", isConstructor(), true));
      default -> throw new IllegalArgumentException("no recipe class=" + className);
    };
  }

  /** Whether filters and servlets have come into sight at all. */
  public boolean active() {
    return jakarta || javax;
  }

  /** Whether this loaded class is one that {@link #forFilter} may have a recipe for. */
  public static boolean concerns(Class<?> type) {
    if (type.isInterface() || isOfTheApi(type.getName().replace('.', '/'))) {
      return false;
    }
    for (Class<?> implemented : type.getInterfaces()) {
      if (isServletOrFilter(implemented.getName())) {
        return true;
      }
    }
    Class<?> parent = type.getSuperclass();
    return parent != null && isGenericServlet(parent.getName());
  }

  /** The one has nothing to change, the other a recipe of its own. */
  private static boolean isOfTheApi(String internalName) {
    return internalName.endsWith("/servlet/GenericServlet")
        || internalName.endsWith("/servlet/http/HttpServlet");
  }

  private static boolean isServletOrFilter(String name) {
    return name.equals("jakarta.servlet.Filter")
        || name.equals("jakarta.servlet.Servlet")
        || name.equals("javax.servlet.Filter")
        || name.equals("javax.servlet.Servlet");
  }

  private static boolean isGenericServlet(String name) {
    return name.equals("jakarta.servlet.GenericServlet")
        || name.equals("javax.servlet.GenericServlet");
  }

  /** The recipe for a class that is a filter or, other than by HttpServlet, a servlet; or null. */
  public Recipe forFilter(ClassLoader loader, String className, byte[] bytes) {
    if (loader == null || !(jakarta || javax) || isOfTheApi(className)) {
      return null;
    }
    ClassHeader header = new ClassHeader(bytes);
    Recipe recipe = jakarta ? JAKARTA.forClass(header) : null;
    return recipe == null && javax ? JAVAX.forClass(header) : recipe;
  }
}

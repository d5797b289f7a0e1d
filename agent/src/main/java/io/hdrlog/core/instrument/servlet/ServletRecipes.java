package io.hdrlog.core.instrument.servlet;

import static io.hdrlog.core.instrument.MethodMatcher.isConstructor;
import static io.hdrlog.core.instrument.MethodMatcher.named;
import static io.hdrlog.core.instrument.MethodMatcher.takesArgument;
import static io.hdrlog.core.instrument.MethodMatcher.takesArguments;

import io.hdrlog.core.instrument.ClassFiles;
import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The Servlet API in general, jakarta and javax, for containers that are not instrumented
 * themselves.
 *
 * <p>Which those are is known only when a request comes: a JVM may run Jetty with Tomcat's jar
 * beside it, or both. So filters and servlets are changed wherever they are met, and the advice
 * leaves alone what Tomcat's connector covers.
 */
public final class ServletRecipes {
  private static final String ENTRY_POINT = "servlet";
  private static final String ADVICE = "io.hdrlog.core.instrument.servlet.";

  /** Set once filters and servlets are of interest: from then on class files are looked into. */
  private volatile boolean jakarta;

  private volatile boolean javax;

  /** {@code rescan} is run when classes that were left alone are of interest after all. */
  public void addTo(
      BiConsumer<String, Recipe> recipes, BiConsumer<String, Runnable> sightings, Runnable rescan) {
    recipes.accept(
        "jakarta/servlet/http/HttpServlet",
        new Recipe(ENTRY_POINT, (loader, bytes) -> forServlet("Jakarta", "jakarta")));
    recipes.accept(
        "javax/servlet/http/HttpServlet",
        new Recipe(ENTRY_POINT, (loader, bytes) -> forServlet("Javax", "javax")));
    recipes.accept(
        "io/undertow/server/protocol/proxy/ProxyProtocolReadListener",
        new Recipe(
            ENTRY_POINT,
            (loader, bytes) ->
                List.of(new Step(ADVICE + "UndertowAdvice$Proxied", isConstructor(), true))));
    // A class is seen before the interface it implements: the first of them was missed.
    for (String type : List.of("Filter", "Servlet")) {
      sightings.accept(
          "jakarta/servlet/" + type,
          () -> {
            jakarta = true;
            rescan.run();
          });
      sightings.accept(
          "javax/servlet/" + type,
          () -> {
            javax = true;
            rescan.run();
          });
    }
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

  private static List<Step> forServlet(String advice, String packages) {
    return List.of(step(advice, packages, "service", 2));
  }

  /** The recipe for a class that is a filter or, other than by HttpServlet, a servlet; or null. */
  public Recipe forFilter(ClassLoader loader, String className, byte[] bytes) {
    if (loader == null || !(jakarta || javax) || isOfTheApi(className)) {
      return null;
    }
    Recipe recipe = jakarta ? of(bytes, "Jakarta", "jakarta") : null;
    return recipe == null && javax ? of(bytes, "Javax", "javax") : recipe;
  }

  private static Recipe of(byte[] bytes, String advice, String packages) {
    // The text first: it rules out nearly all classes for the price of a scan.
    String prefix = packages + "/servlet/";
    if (!ClassFiles.mentions(bytes, prefix)) {
      return null;
    }
    if (ClassFiles.implementsDirectly(bytes, prefix + "Filter")) {
      return new Recipe(ENTRY_POINT, (l, b) -> List.of(step(advice, packages, "doFilter", 3)));
    }
    if (ClassFiles.implementsDirectly(bytes, prefix + "Servlet")
        || ClassFiles.extendsDirectly(bytes, prefix + "GenericServlet")) {
      return new Recipe(ENTRY_POINT, (l, b) -> forServlet(advice, packages));
    }
    return null;
  }

  private static Step step(String advice, String packages, String method, int arguments) {
    return new Step(
        ADVICE + advice + "Advice$Enter",
        named(method)
            .and(takesArguments(arguments))
            .and(takesArgument(0, packages + ".servlet.ServletRequest"))
            .and(takesArgument(1, packages + ".servlet.ServletResponse")),
        false);
  }
}

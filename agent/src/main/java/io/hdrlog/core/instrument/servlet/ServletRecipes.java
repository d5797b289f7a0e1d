package io.hdrlog.core.instrument.servlet;

import static net.bytebuddy.matcher.ElementMatchers.isAbstract;
import static net.bytebuddy.matcher.ElementMatchers.named;
import static net.bytebuddy.matcher.ElementMatchers.not;
import static net.bytebuddy.matcher.ElementMatchers.takesArgument;
import static net.bytebuddy.matcher.ElementMatchers.takesArguments;

import io.hdrlog.core.instrument.ClassFiles;
import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * The Servlet API in general, jakarta and javax, for containers that are not instrumented
 * themselves.
 *
 * <p>Where Tomcat's connector is in the same class loader, that covers all requests, and nothing
 * here is touched: an advice in each filter would cost each request. Once Tomcat turns out to speak
 * HTTP/2 or AJP as well, of which the connector's advice sees nothing, it is made up for.
 */
public final class ServletRecipes {
  private static final String ENTRY_POINT = "servlet";
  private static final String ADVICE = "io.hdrlog.core.instrument.servlet.";
  private static final String CONNECTOR = "org/apache/coyote/http11/Http11Processor.class";

  /** Set once filters are of interest: from then on class files are looked into. */
  private volatile boolean jakarta;

  private volatile boolean javax;

  /** Tomcat has connectors besides that for HTTP/1.1. */
  private volatile boolean otherConnectors;

  /** {@code rescan} is run when classes that were left alone are of interest after all. */
  public void addTo(
      BiConsumer<String, Recipe> recipes, BiConsumer<String, Runnable> sightings, Runnable rescan) {
    recipes.accept(
        "jakarta/servlet/http/HttpServlet",
        new Recipe(ENTRY_POINT, (loader, bytes) -> forServlet(loader, "Jakarta", "jakarta")));
    recipes.accept(
        "javax/servlet/http/HttpServlet",
        new Recipe(ENTRY_POINT, (loader, bytes) -> forServlet(loader, "Javax", "javax")));
    sightings.accept("jakarta/servlet/Filter", () -> jakarta = true);
    sightings.accept("javax/servlet/Filter", () -> javax = true);
    Runnable other =
        () -> {
          otherConnectors = true;
          rescan.run();
        };
    sightings.accept("org/apache/coyote/http2/StreamProcessor", other);
    sightings.accept("org/apache/coyote/ajp/AjpProcessor", other);
  }

  /** Whether this loaded class is one that a recipe here may be for. */
  public static boolean concerns(Class<?> type) {
    if (type.getName().endsWith(".servlet.http.HttpServlet")) {
      return true;
    }
    for (Class<?> implemented : type.getInterfaces()) {
      String name = implemented.getName();
      if (name.equals("jakarta.servlet.Filter") || name.equals("javax.servlet.Filter")) {
        return !type.isInterface();
      }
    }
    return false;
  }

  private List<Step> forServlet(ClassLoader loader, String advice, String packages) {
    return covered(loader) ? List.of() : List.of(step(advice, packages, "service", 2));
  }

  /** The recipe for a class that implements {@code Filter} directly, or null. */
  public Recipe forFilter(ClassLoader loader, String className, byte[] bytes) {
    if (loader == null || !(jakarta || javax)) {
      return null;
    }
    if (jakarta && isFilter(loader, bytes, "jakarta/servlet/Filter")) {
      return new Recipe(ENTRY_POINT, (l, b) -> List.of(step("Jakarta", "jakarta", "doFilter", 3)));
    }
    if (javax && isFilter(loader, bytes, "javax/servlet/Filter")) {
      return new Recipe(ENTRY_POINT, (l, b) -> List.of(step("Javax", "javax", "doFilter", 3)));
    }
    return null;
  }

  private boolean isFilter(ClassLoader loader, byte[] bytes, String filter) {
    // The text first: it rules out nearly all classes for the price of a scan.
    return ClassFiles.mentions(bytes, filter)
        && ClassFiles.implementsDirectly(bytes, filter)
        && !covered(loader);
  }

  private boolean covered(ClassLoader loader) {
    return !otherConnectors && loader != null && loader.getResource(CONNECTOR) != null;
  }

  private static Step step(String advice, String packages, String method, int arguments) {
    return new Step(
        ADVICE + advice + "Advice$Enter",
        named(method)
            .and(takesArguments(arguments))
            .and(takesArgument(0, named(packages + ".servlet.ServletRequest")))
            .and(takesArgument(1, named(packages + ".servlet.ServletResponse")))
            .and(not(isAbstract())),
        false);
  }
}

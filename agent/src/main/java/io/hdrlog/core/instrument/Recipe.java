package io.hdrlog.core.instrument;

import java.util.List;
import java.util.function.BiConsumer;

/**
 * What is done to one class.
 *
 * @param entryPoint the kind of server it belongs to, for the start-up summary
 * @param steps built only when the class is met, since what is there decides
 */
public record Recipe(String entryPoint, Steps steps) {
  /** Puts it under the names of all classes that its steps are for. */
  public void addTo(BiConsumer<String, Recipe> recipes, String... classNames) {
    for (String className : classNames) {
      recipes.accept(className, this);
    }
  }

  /**
   * Makes the steps; one for all classes of a server, since each lambda costs the start a class.
   */
  @FunctionalInterface
  public interface Steps {
    /**
     * Where the class comes from tells versions, and what else is there, apart.
     *
     * @param className the internal name under which the recipe was put
     */
    List<Step> of(String className, ClassLoader loader, byte[] bytes);
  }
}

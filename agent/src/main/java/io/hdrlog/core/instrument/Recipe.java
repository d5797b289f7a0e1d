package io.hdrlog.core.instrument;

import java.util.List;

/**
 * What is done to one class.
 *
 * @param entryPoint the kind of server it belongs to, for the start-up summary
 * @param steps built only when the class is met, since what is there decides
 */
public record Recipe(String entryPoint, Steps steps) {
  /** Makes the steps. */
  @FunctionalInterface
  public interface Steps {
    /** Where the class comes from tells versions, and what else is there, apart. */
    List<Step> of(ClassLoader loader, byte[] bytes);
  }
}

package io.hdrlog.core;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.util.Collection;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The way in for the premain classes, which see no class of the core and of which the core sees
 * none: both know this as a {@link Predicate}, and the loader as a {@link Consumer} of it.
 */
final class Entry implements Predicate<Object[]> {
  static {
    loader().accept(new Entry());
  }

  private Entry() {}

  @SuppressWarnings("unchecked")
  private static Consumer<Predicate<Object[]>> loader() {
    return (Consumer<Predicate<Object[]>>) Entry.class.getClassLoader();
  }

  /**
   * Calls {@link Hdrlog#start}.
   *
   * @param arguments of that method, in their order
   */
  @Override
  @SuppressWarnings("unchecked")
  public boolean test(Object[] arguments) {
    return Hdrlog.start(
        (String) arguments[0],
        (Instrumentation) arguments[1],
        (Function<ClassFileTransformer, Collection<String>>) arguments[2],
        (String) arguments[3]);
  }
}

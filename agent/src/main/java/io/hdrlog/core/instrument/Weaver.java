package io.hdrlog.core.instrument;

import io.hdrlog.tap.Tap;
import java.util.List;
import net.bytebuddy.ByteBuddy;
import net.bytebuddy.asm.Advice;
import net.bytebuddy.description.method.MethodDescription;
import net.bytebuddy.description.type.TypeDescription;
import net.bytebuddy.dynamic.ClassFileLocator;
import net.bytebuddy.dynamic.DynamicType;
import net.bytebuddy.dynamic.scaffold.TypeValidation;
import net.bytebuddy.implementation.Implementation;
import net.bytebuddy.implementation.bytecode.member.MethodInvocation;
import net.bytebuddy.pool.TypePool;

/**
 * Copies advice into methods. Loaded, and Byte Buddy with it, only once a class matches.
 *
 * <p>Nothing is added to a class, neither field nor method, so that a class that is loaded already
 * can be changed as well. Advice is read as a class file and never loaded: it refers to classes
 * that the agent's own loader does not know.
 */
final class Weaver {
  private final ByteBuddy byteBuddy =
      new ByteBuddy()
          .with(TypeValidation.DISABLED)
          .with(Implementation.Context.Disabled.Factory.INSTANCE);
  private final ClassFileLocator adviceFiles =
      ClassFileLocator.ForClassLoader.of(Weaver.class.getClassLoader());
  private final Advice.ExceptionHandler failed;

  Weaver() throws ReflectiveOperationException {
    failed =
        new Advice.ExceptionHandler.Simple(
            MethodInvocation.invoke(
                new MethodDescription.ForLoadedMethod(
                    Tap.class.getMethod("failed", Throwable.class))));
  }

  /**
   * Returns the changed class file.
   *
   * @throws IllegalStateException if a method that the recipe needs is missing
   */
  byte[] weave(String className, ClassLoader loader, byte[] bytes, List<Step> steps) {
    ClassFileLocator types =
        new ClassFileLocator.Compound(
            ClassFileLocator.Simple.of(className, bytes),
            ClassFileLocator.ForClassLoader.of(loader));
    ClassFileLocator all = new ClassFileLocator.Compound(types, adviceFiles);
    TypePool pool =
        new TypePool.Default.WithLazyResolution(
            new TypePool.CacheProvider.Simple(), all, TypePool.Default.ReaderMode.FAST);
    TypeDescription type = pool.describe(className).resolve();
    DynamicType.Builder<?> builder = byteBuddy.decorate(type, types);
    for (Step step : steps) {
      if (type.getDeclaredMethods().filter(step.methods()).isEmpty()) {
        if (step.required()) {
          throw new IllegalStateException("no method for " + step.advice());
        }
        continue;
      }
      builder =
          builder.visit(
              Advice.withCustomMapping()
                  .to(pool.describe(step.advice()).resolve(), all)
                  .withExceptionHandler(failed)
                  .on(step.methods()));
    }
    return builder.make(pool).getBytes();
  }
}

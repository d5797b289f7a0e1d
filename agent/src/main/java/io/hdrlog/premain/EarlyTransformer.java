package io.hdrlog.premain;

import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.IllegalClassFormatException;
import java.security.ProtectionDomain;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Stands in for the agent's own transformer until that is ready, so that the agent starts beside
 * the application instead of before it. Of the few classes that are changed, the first to be loaded
 * waits until the agent has started; all others pass, and those that tell something are noted.
 *
 * <p>It stays in place for good and hands each class on: were there a moment with two transformers,
 * a class would be changed twice.
 */
final class EarlyTransformer implements ClassFileTransformer {
  /** Should the start hang, the service still must not: it goes on with its classes unchanged. */
  private static final int WAIT_SECONDS_MAX = 20;

  private final CountDownLatch ready = new CountDownLatch(1);
  private final Thread starter;
  private final List<String> seen = new ArrayList<>();
  private volatile ClassFileTransformer successor;

  /**
   * @param starter must not wait for itself, whatever it loads
   */
  EarlyTransformer(Thread starter) {
    this.starter = starter;
  }

  /** From now on this one is asked; the result is what went by before. */
  synchronized Collection<String> handOver(ClassFileTransformer transformer) {
    successor = transformer;
    return seen;
  }

  /** Nobody waits any longer, whether or not there is a successor. */
  void startIsOver() {
    ready.countDown();
  }

  @Override
  public byte[] transform(
      ClassLoader loader,
      String className,
      Class<?> beingRedefined,
      ProtectionDomain domain,
      byte[] bytes)
      throws IllegalClassFormatException {
    // The agent's own are no server's, and its start loads two hundred.
    if (loader instanceof AgentClassLoader) {
      return null;
    }
    ClassFileTransformer next = successor;
    if (next == null && className != null) {
      if (MetNames.isAwaited(className) && Thread.currentThread() != starter) {
        await();
        next = successor;
      } else if (MetNames.isSeen(className)) {
        next = noteUnlessReady(className);
      }
    }
    return next == null ? null : next.transform(loader, className, beingRedefined, domain, bytes);
  }

  private synchronized ClassFileTransformer noteUnlessReady(String className) {
    if (successor == null) {
      seen.add(className);
    }
    return successor;
  }

  private void await() {
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS_MAX);
    while (true) {
      try {
        if (!ready.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          System.err.println("hdrlog: start takes longer than s=" + WAIT_SECONDS_MAX);
        }
        break;
      } catch (InterruptedException e) {
        // The application's own affair, which must find it as it was.
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}

package io.hdrlog.core.instrument.jdk;

import io.hdrlog.tap.Tap;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import net.bytebuddy.asm.Advice;

/**
 * Advice for the engines of all TLS providers. Which of its overloads an engine leads the others to
 * is its own affair, so there is one advice for each shape.
 */
final class EngineAdvice {
  private EngineAdvice() {}

  /** {@code unwrap(ByteBuffer, ByteBuffer[], int, int)}. */
  static final class Unwrap {
    private Unwrap() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(
        @Advice.Argument(1) ByteBuffer[] to,
        @Advice.Argument(2) int offset,
        @Advice.Argument(3) int length) {
      return Tap.wirePositions(to, offset, length);
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.This SSLEngine engine,
        @Advice.Argument(0) ByteBuffer from,
        @Advice.Argument(1) ByteBuffer[] to,
        @Advice.Argument(2) int offset,
        @Advice.Return SSLEngineResult result) {
      Tap.wireUnwrapped(engine, from, to, offset, before, result);
    }
  }

  /** {@code unwrap(ByteBuffer[], int, int, ByteBuffer[], int, int)}. */
  static final class UnwrapMany {
    private UnwrapMany() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(
        @Advice.Argument(3) ByteBuffer[] to,
        @Advice.Argument(4) int offset,
        @Advice.Argument(5) int length) {
      return Tap.wirePositions(to, offset, length);
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.This SSLEngine engine,
        @Advice.Argument(0) ByteBuffer[] from,
        @Advice.Argument(1) int fromOffset,
        @Advice.Argument(3) ByteBuffer[] to,
        @Advice.Argument(4) int offset,
        @Advice.Return SSLEngineResult result) {
      Tap.wireUnwrapped(engine, from[fromOffset], to, offset, before, result);
    }
  }

  /** {@code wrap(ByteBuffer[], int, int, ..)}, to one buffer or to several. */
  static final class Wrap {
    private Wrap() {}

    @Advice.OnMethodEnter(suppress = Throwable.class)
    static long enter(
        @Advice.Argument(0) ByteBuffer[] from,
        @Advice.Argument(1) int offset,
        @Advice.Argument(2) int length) {
      return Tap.wirePositions(from, offset, length);
    }

    @Advice.OnMethodExit(suppress = Throwable.class)
    static void exit(
        @Advice.Enter long before,
        @Advice.This SSLEngine engine,
        @Advice.Argument(0) ByteBuffer[] from,
        @Advice.Argument(1) int offset,
        @Advice.Return SSLEngineResult result) {
      Tap.wireWrapped(engine, from, offset, before, result);
    }
  }
}

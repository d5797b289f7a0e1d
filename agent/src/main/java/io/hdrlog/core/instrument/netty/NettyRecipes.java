package io.hdrlog.core.instrument.netty;

import static io.hdrlog.core.instrument.MethodMatcher.isConstructor;
import static io.hdrlog.core.instrument.MethodMatcher.named;
import static io.hdrlog.core.instrument.MethodMatcher.takesArgument;
import static io.hdrlog.core.instrument.MethodMatcher.takesArguments;

import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import io.hdrlog.core.instrument.requestid.LoggingMaps;
import io.hdrlog.core.tap.TapOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Netty's HTTP/1.1 server codec, 4.1 and 4.2. */
public final class NettyRecipes {
  /** The class whose presence means that Netty serves, or asks for, HTTP/1.1. */
  public static final String DECODER = "io/netty/handler/codec/http/HttpObjectDecoder";

  private static final String ENTRY_POINT = "netty";
  private static final String ADVICE = "io.hdrlog.core.instrument.netty.";

  private NettyRecipes() {}

  /** {@code distrust} is run when something is met that makes byte positions doubtful. */
  public static void addTo(
      BiConsumer<String, Recipe> recipes,
      TapOptions options,
      Runnable distrust,
      BiConsumer<String, Runnable> sightings) {
    put(
        recipes,
        DECODER,
        (loader, bytes) ->
            List.of(
                step("DecoderAdvice$Decode", "decode", 3, true),
                step("DecoderAdvice$DecodeLast", "decodeLast", 3, true),
                step("DecoderAdvice$Removed", "handlerRemoved0", 1, false)));
    put(
        recipes,
        "io/netty/handler/codec/http/HttpObjectEncoder",
        (loader, bytes) -> {
          List<Step> steps = new ArrayList<>();
          if (options.requestIdResponse()) {
            steps.add(step("EncoderAdvice$Echo", "encode", 3, true));
          }
          steps.add(step("EncoderAdvice$Encode", "encode", 3, true));
          return steps;
        });
    put(
        recipes,
        "io/netty/channel/DefaultChannelPipeline$HeadContext",
        (loader, bytes) -> {
          List<Step> steps = new ArrayList<>();
          steps.add(step("ChannelAdvice$Close", "close", 2, true));
          if (options.wire()) {
            steps.add(step("NativeSocketAdvice$Write", "write", 3, true));
            steps.add(step("NativeSocketAdvice$Close", "close", 2, true));
          }
          return steps;
        });
    put(
        recipes,
        "io/netty/channel/DefaultChannelPipeline",
        (loader, bytes) -> {
          List<Step> steps = new ArrayList<>();
          if (options.wire()) {
            steps.add(step("NativeSocketAdvice$Registered", "invokeHandlerAddedIfNeeded", 0, true));
            steps.add(step("NativeSocketAdvice$Read", "fireChannelRead", 1, true));
            steps.add(step("NativeSocketAdvice$ExceptionCaught", "fireExceptionCaught", 1, true));
            steps.add(step("NativeSocketAdvice$Inactive", "fireChannelInactive", 0, true));
          }
          steps.add(step("ChannelAdvice$Read", "fireChannelRead", 1, true));
          steps.add(step("ChannelAdvice$Inactive", "fireChannelInactive", 0, true));
          steps.add(step("ChannelAdvice$ExceptionCaught", "fireExceptionCaught", 1, true));
          return steps;
        });
    put(
        recipes,
        "io/netty/channel/AbstractChannelHandlerContext",
        (loader, bytes) -> List.of(step("ChannelAdvice$Thrown", "invokeExceptionCaught", 1, true)));
    put(
        recipes,
        "io/netty/handler/timeout/ReadTimeoutHandler",
        (loader, bytes) -> List.of(step("ChannelAdvice$ReadTimedOut", "readTimedOut", 1, true)));
    if (!options.requestIdMdc().isEmpty()) {
      put(
          recipes,
          "io/netty/handler/codec/ByteToMessageDecoder",
          (loader, bytes) ->
              LoggingMaps.anyIn(loader)
                  ? List.of(
                      new Step(
                          ADVICE + "ChannelAdvice$Handle",
                          named("fireChannelRead")
                              .and(takesArguments(3))
                              .and(takesArgument(2, "int")),
                          false))
                  : List.of());
    }
    // It eats bytes in front of the codec and is gone when the codec begins.
    sightings.accept("io/netty/handler/codec/haproxy/HAProxyMessageDecoder", distrust);
  }

  /** What is needed besides when the agent comes to a running server. */
  public static Map<String, Recipe> whenAttached() {
    return Map.of(
        "io/netty/channel/AbstractChannel",
        new Recipe(
            ENTRY_POINT,
            (loader, bytes) ->
                List.of(new Step(ADVICE + "ChannelAdvice$Accepted", isConstructor(), true))));
  }

  private static void put(
      BiConsumer<String, Recipe> recipes, String className, Recipe.Steps steps) {
    recipes.accept(className, new Recipe(ENTRY_POINT, steps));
  }

  private static Step step(String advice, String method, int arguments, boolean required) {
    return new Step(ADVICE + advice, named(method).and(takesArguments(arguments)), required);
  }
}

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
public final class NettyRecipes implements Recipe.Steps {
  /** The class whose presence means that Netty serves, or asks for, HTTP/1.1. */
  public static final String DECODER = "io/netty/handler/codec/http/HttpObjectDecoder";

  private static final String ENTRY_POINT = "netty";
  private static final String ADVICE = "io.hdrlog.core.instrument.netty.";

  private static final String ENCODER = "io/netty/handler/codec/http/HttpObjectEncoder";
  private static final String HEAD = "io/netty/channel/DefaultChannelPipeline$HeadContext";
  private static final String PIPELINE = "io/netty/channel/DefaultChannelPipeline";
  private static final String CONTEXT = "io/netty/channel/AbstractChannelHandlerContext";
  private static final String READ_TIMEOUT = "io/netty/handler/timeout/ReadTimeoutHandler";
  private static final String BYTES_DECODER = "io/netty/handler/codec/ByteToMessageDecoder";
  private static final String CHANNEL = "io/netty/channel/AbstractChannel";

  private static final String[] CLASSES = {DECODER, ENCODER, HEAD, PIPELINE, CONTEXT, READ_TIMEOUT};

  private final TapOptions options;

  private NettyRecipes(TapOptions options) {
    this.options = options;
  }

  public static void addTo(BiConsumer<String, Recipe> recipes, TapOptions options) {
    Recipe recipe = new Recipe(ENTRY_POINT, new NettyRecipes(options));
    recipe.addTo(recipes, CLASSES);
    if (!options.requestIdMdc().isEmpty()) {
      recipes.accept(BYTES_DECODER, recipe);
    }
  }

  /** What is needed besides when the agent comes to a running server. */
  public static Map<String, Recipe> whenAttached(TapOptions options) {
    return Map.of(CHANNEL, new Recipe(ENTRY_POINT, new NettyRecipes(options)));
  }

  @Override
  public List<Step> of(String className, ClassLoader loader, byte[] bytes) {
    return switch (className) {
      case DECODER ->
          List.of(
              step("DecoderAdvice$Decode", "decode", 3, true),
              step("DecoderAdvice$DecodeLast", "decodeLast", 3, true),
              step("DecoderAdvice$Removed", "handlerRemoved0", 1, false));
      case ENCODER -> encoder();
      case HEAD -> head();
      case PIPELINE -> pipeline();
      case CONTEXT -> List.of(step("ChannelAdvice$Thrown", "invokeExceptionCaught", 1, true));
      case READ_TIMEOUT -> List.of(step("ChannelAdvice$ReadTimedOut", "readTimedOut", 1, true));
      case BYTES_DECODER -> LoggingMaps.anyIn(loader) ? bytesDecoder() : List.of();
      case CHANNEL -> List.of(new Step(ADVICE + "ChannelAdvice$Accepted", isConstructor(), true));
      default -> throw new IllegalArgumentException("no recipe class=" + className);
    };
  }

  private List<Step> encoder() {
    List<Step> steps = new ArrayList<>();
    if (options.requestIdResponse()) {
      steps.add(step("EncoderAdvice$Echo", "encode", 3, true));
    }
    steps.add(step("EncoderAdvice$Encode", "encode", 3, true));
    return steps;
  }

  private List<Step> head() {
    List<Step> steps = new ArrayList<>();
    steps.add(step("ChannelAdvice$Close", "close", 2, true));
    if (options.wire()) {
      steps.add(step("NativeSocketAdvice$Write", "write", 3, true));
      steps.add(step("NativeSocketAdvice$Close", "close", 2, true));
    }
    return steps;
  }

  private List<Step> pipeline() {
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
  }

  private static List<Step> bytesDecoder() {
    return List.of(
        new Step(
            ADVICE + "ChannelAdvice$Handle",
            named("fireChannelRead").and(takesArguments(3)).and(takesArgument(2, "int")),
            false));
  }

  private static Step step(String advice, String method, int arguments, boolean required) {
    return new Step(ADVICE + advice, named(method).and(takesArguments(arguments)), required);
  }
}

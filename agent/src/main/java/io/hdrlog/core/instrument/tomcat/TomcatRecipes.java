package io.hdrlog.core.instrument.tomcat;

import static io.hdrlog.core.instrument.MethodMatcher.isConstructor;
import static io.hdrlog.core.instrument.MethodMatcher.named;
import static io.hdrlog.core.instrument.MethodMatcher.takesArguments;

import io.hdrlog.core.instrument.ClassFiles;
import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import io.hdrlog.core.tap.TapOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Tomcat's connectors: HTTP/1.1 over NIO and NIO.2, and, at the adapter that all of them share,
 * HTTP/2 and AJP. The names are the same in 9, 10.1 and 11.
 *
 * <p>Below the Servlet API, so that what the parser refuses is seen, and heads are the bytes on the
 * wire.
 */
public final class TomcatRecipes {
  private static final String ENTRY_POINT = "tomcat";
  private static final String ADVICE = "io.hdrlog.core.instrument.tomcat.";

  private TomcatRecipes() {}

  public static void addTo(BiConsumer<String, Recipe> recipes, TapOptions options) {
    put(
        recipes,
        "org/apache/coyote/http11/Http11InputBuffer",
        (loader, bytes) ->
            List.of(
                step("InputBufferAdvice$Init", "init", 1),
                step("InputBufferAdvice$Fill", "fill", 1),
                step("InputBufferAdvice$ParseHeaders", "parseHeaders", 0),
                step("InputBufferAdvice$NextRequest", "nextRequest", 0),
                step("InputBufferAdvice$Recycle", "recycle", 0)));
    put(
        recipes,
        "org/apache/coyote/http11/Http11OutputBuffer",
        (loader, bytes) ->
            List.of(
                step(
                    "OutputBufferAdvice$WriteHeaders",
                    ClassFiles.mentions(bytes, "writeHeaders") ? "writeHeaders" : "commit",
                    0),
                step("OutputBufferAdvice$SendAck", "sendAck", 0)));
    put(
        recipes,
        "org/apache/coyote/http11/Http11Processor",
        (loader, bytes) -> {
          List<Step> steps = new ArrayList<>();
          steps.add(step("ProcessorAdvice$PrepareSendfile", "prepareSendfile", 1));
          steps.add(step("ProcessorAdvice$LeftoverInput", "getLeftoverInput", 0));
          if (options.requestIdResponse()) {
            steps.add(step("ProcessorAdvice$PrepareResponse", "prepareResponse", 0));
          }
          return steps;
        });
    put(
        recipes,
        "org/apache/coyote/AbstractProcessor",
        (loader, bytes) -> List.of(step("ProcessorAdvice$SetErrorState", "setErrorState", 2)));
    put(
        recipes,
        "org/apache/coyote/AsyncStateMachine",
        (loader, bytes) ->
            List.of(
                step("ProcessorAdvice$AsyncComplete", "asyncComplete", 0),
                step("ProcessorAdvice$AsyncTimeout", "asyncTimeout", 0)));
    put(
        recipes,
        "org/apache/tomcat/util/net/SocketWrapperBase",
        (loader, bytes) ->
            List.of(
                new Step(ADVICE + "ProcessorAdvice$Accepted", isConstructor(), true),
                step("ProcessorAdvice$Closed", "close", 0)));
    put(
        recipes,
        "org/apache/catalina/connector/CoyoteAdapter",
        (loader, bytes) ->
            List.of(
                step("AdapterAdvice$Service", "service", 2),
                step("AdapterAdvice$AsyncDispatch", "asyncDispatch", 3),
                step("AdapterAdvice$PostParse", "postParseRequest", 4)));
    put(
        recipes,
        "org/apache/catalina/connector/Response",
        (loader, bytes) -> {
          List<Step> steps = new ArrayList<>();
          steps.add(step("AdapterAdvice$FinishResponse", "finishResponse", 0));
          steps.add(step("AdapterAdvice$FinishOther", "finishResponse", 0));
          if (ClassFiles.mentions(bytes, "jakarta/servlet")) {
            steps.add(step("AdapterAdvice$Route", "finishResponse", 0));
          }
          return steps;
        });
    put(
        recipes,
        "org/apache/catalina/connector/Request",
        (loader, bytes) -> List.of(step("AdapterAdvice$GetAttribute", "getAttribute", 1)));
  }

  private static void put(
      BiConsumer<String, Recipe> recipes, String className, Recipe.Steps steps) {
    recipes.accept(className, new Recipe(ENTRY_POINT, steps));
  }

  private static Step step(String advice, String method, int arguments) {
    return new Step(ADVICE + advice, named(method).and(takesArguments(arguments)), true);
  }
}

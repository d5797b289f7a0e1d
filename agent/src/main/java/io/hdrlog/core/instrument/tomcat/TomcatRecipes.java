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
public final class TomcatRecipes implements Recipe.Steps {
  private static final String ENTRY_POINT = "tomcat";
  private static final String ADVICE = "io.hdrlog.core.instrument.tomcat.";

  private static final String INPUT_BUFFER = "org/apache/coyote/http11/Http11InputBuffer";
  private static final String OUTPUT_BUFFER = "org/apache/coyote/http11/Http11OutputBuffer";
  private static final String HTTP11_PROCESSOR = "org/apache/coyote/http11/Http11Processor";
  private static final String PROCESSOR = "org/apache/coyote/AbstractProcessor";
  private static final String ASYNC = "org/apache/coyote/AsyncStateMachine";
  private static final String SOCKET = "org/apache/tomcat/util/net/SocketWrapperBase";
  private static final String ADAPTER = "org/apache/catalina/connector/CoyoteAdapter";
  private static final String RESPONSE = "org/apache/catalina/connector/Response";
  private static final String REQUEST = "org/apache/catalina/connector/Request";

  private static final String[] CLASSES = {
    INPUT_BUFFER,
    OUTPUT_BUFFER,
    HTTP11_PROCESSOR,
    PROCESSOR,
    ASYNC,
    SOCKET,
    ADAPTER,
    RESPONSE,
    REQUEST
  };

  private final TapOptions options;

  private TomcatRecipes(TapOptions options) {
    this.options = options;
  }

  public static void addTo(BiConsumer<String, Recipe> recipes, TapOptions options) {
    new Recipe(ENTRY_POINT, new TomcatRecipes(options)).addTo(recipes, CLASSES);
  }

  @Override
  public List<Step> of(String className, ClassLoader loader, byte[] bytes) {
    return switch (className) {
      case INPUT_BUFFER ->
          List.of(
              step("InputBufferAdvice$Init", "init", 1),
              step("InputBufferAdvice$Fill", "fill", 1),
              step("InputBufferAdvice$ParseHeaders", "parseHeaders", 0),
              step("InputBufferAdvice$NextRequest", "nextRequest", 0),
              step("InputBufferAdvice$Recycle", "recycle", 0));
      case OUTPUT_BUFFER ->
          List.of(
              step(
                  "OutputBufferAdvice$WriteHeaders",
                  ClassFiles.mentions(bytes, "writeHeaders") ? "writeHeaders" : "commit",
                  0),
              step("OutputBufferAdvice$SendAck", "sendAck", 0));
      case HTTP11_PROCESSOR -> http11Processor();
      case PROCESSOR -> List.of(step("ProcessorAdvice$SetErrorState", "setErrorState", 2));
      case ASYNC ->
          List.of(
              step("ProcessorAdvice$AsyncComplete", "asyncComplete", 0),
              step("ProcessorAdvice$AsyncTimeout", "asyncTimeout", 0));
      case SOCKET ->
          List.of(
              new Step(ADVICE + "ProcessorAdvice$Accepted", isConstructor(), true),
              step("ProcessorAdvice$Closed", "close", 0));
      case ADAPTER ->
          List.of(
              step("AdapterAdvice$Service", "service", 2),
              step("AdapterAdvice$AsyncDispatch", "asyncDispatch", 3),
              step("AdapterAdvice$PostParse", "postParseRequest", 4));
      case RESPONSE -> response(bytes);
      case REQUEST -> List.of(step("AdapterAdvice$GetAttribute", "getAttribute", 1));
      default -> throw new IllegalArgumentException("no recipe class=" + className);
    };
  }

  private List<Step> http11Processor() {
    List<Step> steps = new ArrayList<>();
    steps.add(step("ProcessorAdvice$PrepareSendfile", "prepareSendfile", 1));
    steps.add(step("ProcessorAdvice$LeftoverInput", "getLeftoverInput", 0));
    if (options.requestIdResponse()) {
      steps.add(step("ProcessorAdvice$PrepareResponse", "prepareResponse", 0));
    }
    return steps;
  }

  private static List<Step> response(byte[] bytes) {
    List<Step> steps = new ArrayList<>();
    steps.add(step("AdapterAdvice$FinishResponse", "finishResponse", 0));
    steps.add(step("AdapterAdvice$FinishOther", "finishResponse", 0));
    if (ClassFiles.mentions(bytes, "jakarta/servlet")) {
      steps.add(step("AdapterAdvice$Route", "finishResponse", 0));
      steps.add(step("AdapterAdvice$RouteBeforeErrorPage", "isErrorReportRequired", 0));
    }
    return steps;
  }

  private static Step step(String advice, String method, int arguments) {
    return new Step(ADVICE + advice, named(method).and(takesArguments(arguments)), true);
  }
}

package io.hdrlog.core.instrument.jdk;

import static io.hdrlog.core.instrument.MethodMatcher.isConstructor;
import static io.hdrlog.core.instrument.MethodMatcher.named;
import static io.hdrlog.core.instrument.MethodMatcher.takesArgument;
import static io.hdrlog.core.instrument.MethodMatcher.takesArguments;

import io.hdrlog.core.instrument.MethodMatcher;
import io.hdrlog.core.instrument.Recipe;
import io.hdrlog.core.instrument.Step;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What the bytes on the wire are taken from: the JDK's sockets and, whatever the provider, TLS
 * engines. Why here and not by uprobes on native code: docs/adr/0009-plaintext.md.
 */
public final class JdkRecipes {
  /** What these belong to, in the start-up summary. */
  public static final String ENTRY_POINT = "wire";

  private static final String ADVICE = "io.hdrlog.core.instrument.jdk.";
  private static final String BUFFERS = "java.nio.ByteBuffer[]";

  private JdkRecipes() {}

  public static void addTo(BiConsumer<String, Recipe> recipes) {
    put(
        recipes,
        "sun/nio/ch/SocketChannelImpl",
        new Step(
            ADVICE + "SocketChannelAdvice$Accepted", isConstructor().and(takesArguments(4)), true),
        step("SocketChannelAdvice$Read", "read", 1),
        step("SocketChannelAdvice$ReadMany", "read", 3),
        step("SocketChannelAdvice$Write", "write", 1),
        step("SocketChannelAdvice$WriteMany", "write", 3),
        step("StreamAdvice$Read", "blockingRead", 4),
        step("StreamAdvice$Write", "tryWrite", 3),
        step("StreamAdvice$Closed", "implCloseSelectableChannel", 0));
    put(
        recipes,
        "sun/nio/ch/SocketDispatcher",
        step("SocketDispatcherAdvice$Write", "write", 3),
        step("SocketDispatcherAdvice$WriteMany", "writev", 3));
    put(
        recipes,
        "sun/nio/ch/NioSocketImpl",
        step("StreamAdvice$Accepted", "accept", 1),
        step("StreamAdvice$Read", "read", 3),
        step("StreamAdvice$Write", "implWrite", 3),
        step("StreamAdvice$Closed", "close", 0));
    put(
        recipes,
        "sun/nio/ch/FileChannelImpl",
        new Step(
            ADVICE + "FileChannelAdvice$TransferTo",
            // Until 20, and since.
            named("transferToDirectly").or(named("transferToDirect")).and(takesArguments(3)),
            true));
    put(
        recipes,
        "sun/nio/ch/UnixAsynchronousSocketChannelImpl",
        new Step(
            ADVICE + "AsynchronousChannelAdvice$Accepted",
            isConstructor().and(takesArguments(3)),
            true),
        step("AsynchronousChannelAdvice$Closed", "implClose", 0));
    put(
        recipes,
        "sun/nio/ch/IOUtil",
        asynchronous("Read", "read", 5, "java.nio.ByteBuffer"),
        asynchronous("ReadMany", "read", 4, BUFFERS),
        asynchronous("Write", "write", 5, "java.nio.ByteBuffer"),
        asynchronous("WriteMany", "write", 4, BUFFERS));
    put(
        recipes,
        "sun/security/ssl/SSLSocketImpl$AppInputStream",
        step("SslSocketAdvice$Read", "read", 3));
    put(
        recipes,
        "sun/security/ssl/SSLSocketImpl$AppOutputStream",
        step("SslSocketAdvice$Write", "write", 3));

    // The JDK's engine leads all to the one with most arguments, both ways.
    put(recipes, "sun/security/ssl/SSLEngineImpl", wrap(6), unwrapMany());
    put(recipes, "org/conscrypt/ConscryptEngine", wrap(4), unwrapMany());
    put(recipes, "io/netty/handler/ssl/ReferenceCountedOpenSslEngine", wrap(4), unwrapMany());
    for (String engine :
        List.of(
            "org/apache/tomcat/util/net/openssl/OpenSSLEngine",
            "org/apache/tomcat/util/net/openssl/panama/OpenSSLEngine",
            "org/bouncycastle/jsse/provider/ProvSSLEngine",
            "org/wildfly/openssl/OpenSSLEngine")) {
      put(recipes, engine, wrap(4), unwrap());
    }
  }

  private static Step asynchronous(String advice, String method, int arguments, String buffers) {
    MethodMatcher matcher =
        named(method)
            .and(takesArguments(arguments))
            .and(takesArgument(1, buffers))
            .and(takesArgument(arguments - 2, "boolean"));
    return new Step(ADVICE + "AsynchronousChannelAdvice$" + advice, matcher, true);
  }

  private static Step wrap(int arguments) {
    return new Step(
        ADVICE + "EngineAdvice$Wrap",
        named("wrap").and(takesArguments(arguments)).and(takesArgument(0, BUFFERS)),
        true);
  }

  private static Step unwrap() {
    MethodMatcher method = named("unwrap").and(takesArguments(4)).and(takesArgument(1, BUFFERS));
    return new Step(ADVICE + "EngineAdvice$Unwrap", method, true);
  }

  private static Step unwrapMany() {
    return new Step(
        ADVICE + "EngineAdvice$UnwrapMany", named("unwrap").and(takesArguments(6)), true);
  }

  private static void put(BiConsumer<String, Recipe> recipes, String className, Step... steps) {
    List<Step> all = List.of(steps);
    recipes.accept(className, new Recipe(ENTRY_POINT, (name, loader, bytes) -> all));
  }

  private static Step step(String advice, String method, int arguments) {
    return new Step(ADVICE + advice, named(method).and(takesArguments(arguments)), true);
  }
}

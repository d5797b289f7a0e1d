package io.hdrlog.it.service;

import io.grpc.ForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC server on the Netty that comes with gRPC, {@code netty=shaded}, or on Netty itself, there
 * with {@code transport=nio} or with what gRPC chooses. Messages are bytes.
 */
public final class GrpcService {
  /** Sent before the first message, and after the last one. */
  public static final Metadata.Key<String> HEADER =
      Metadata.Key.of("x-server", Metadata.ASCII_STRING_MARSHALLER);

  public static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-server-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** One message, which comes back. */
  public static final MethodDescriptor<byte[], byte[]> ECHO =
      method("echo", MethodDescriptor.MethodType.UNARY);

  /** One message, which comes back a hundred times. */
  public static final MethodDescriptor<byte[], byte[]> REPEAT =
      method("repeat", MethodDescriptor.MethodType.SERVER_STREAMING);

  /** Refused before anything is sent. */
  public static final MethodDescriptor<byte[], byte[]> REFUSE =
      method("refuse", MethodDescriptor.MethodType.UNARY);

  /** Fails behind the first message. */
  public static final MethodDescriptor<byte[], byte[]> BREAK =
      method("break", MethodDescriptor.MethodType.SERVER_STREAMING);

  /** Sends one message and then nothing, for as long as anybody waits. */
  public static final MethodDescriptor<byte[], byte[]> HANG =
      method("hang", MethodDescriptor.MethodType.SERVER_STREAMING);

  public static final int REPEATED = 100;

  private GrpcService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Tls tls = new Tls(arguments);
    InetSocketAddress address =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), arguments.number("port", 0));
    boolean shaded = arguments.text("netty", "").equals("shaded");
    Server server =
        (shaded ? GrpcShaded.on(address, tls) : GrpcNetty.on(address, tls, arguments))
            .addService(ServerInterceptors.intercept(service(), new Headers()))
            .build()
            .start();
    Ready.say(server.getPort());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.shutdown();
                  try {
                    server.awaitTermination(5, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    server.awaitTermination();
  }

  static PrivateKey key(Tls tls) throws Exception {
    return (PrivateKey) tls.store().getKey(alias(tls), Tls.PASSWORD.toCharArray());
  }

  static X509Certificate certificate(Tls tls) throws Exception {
    return (X509Certificate) tls.store().getCertificate(alias(tls));
  }

  private static String alias(Tls tls) throws Exception {
    return tls.store().aliases().nextElement();
  }

  private static MethodDescriptor<byte[], byte[]> method(
      String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setType(type)
        .setFullMethodName("it.Messages/" + name)
        .setRequestMarshaller(new Bytes())
        .setResponseMarshaller(new Bytes())
        .build();
  }

  private static ServerServiceDefinition service() {
    return ServerServiceDefinition.builder("it.Messages")
        .addMethod(
            ECHO,
            ServerCalls.asyncUnaryCall(
                (byte[] message, StreamObserver<byte[]> to) -> {
                  to.onNext(message);
                  to.onCompleted();
                }))
        .addMethod(
            REPEAT,
            ServerCalls.asyncServerStreamingCall(
                (byte[] message, StreamObserver<byte[]> to) -> {
                  for (int i = 0; i < REPEATED; i++) {
                    to.onNext(message);
                  }
                  to.onCompleted();
                }))
        .addMethod(
            REFUSE,
            ServerCalls.asyncUnaryCall(
                (byte[] message, StreamObserver<byte[]> to) ->
                    to.onError(
                        new StatusException(
                            Status.NOT_FOUND.withDescription("no such thing, 100% sure")))))
        .addMethod(
            BREAK,
            ServerCalls.asyncServerStreamingCall(
                (byte[] message, StreamObserver<byte[]> to) -> {
                  to.onNext(message);
                  to.onError(new StatusException(Status.DATA_LOSS.withDescription("broken")));
                }))
        .addMethod(
            HANG,
            ServerCalls.asyncServerStreamingCall(
                (byte[] message, StreamObserver<byte[]> to) -> {
                  ((ServerCallStreamObserver<byte[]>) to).setOnCancelHandler(() -> {});
                  to.onNext(message);
                }))
        .build();
  }

  /** Adds headers and trailers of its own. */
  private static final class Headers implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata received, ServerCallHandler<Q, A> next) {
      return next.startCall(
          new ForwardingServerCall.SimpleForwardingServerCall<>(call) {
            @Override
            public void sendHeaders(Metadata headers) {
              headers.put(HEADER, "one");
              headers.put(HEADER, "two");
              super.sendHeaders(headers);
            }

            @Override
            public void close(Status status, Metadata trailers) {
              trailers.put(BINARY, new byte[] {0, 1, (byte) 0xff});
              super.close(status, trailers);
            }
          },
          received);
    }
  }

  /** Bytes as they are. */
  private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new java.io.ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (java.io.IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}

package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.TlsClient;
import io.hdrlog.it.harness.Variant;
import io.hdrlog.it.service.GrpcService;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** gRPC's own server and client for Java: one record a call, with what the client saw of it. */
class GrpcIT {
  private static final int PATIENCE_SECONDS = 20;
  private static final int DEADLINE_MS = 2_000;
  private static final int FRAME_HEADER = 5;
  private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.US_ASCII);
  private static final Metadata.Key<String> REQUEST_ID = ascii("x-request-id");
  private static final Metadata.Key<String> OWN = ascii("x-client");
  private static final Metadata.Key<byte[]> BINARY =
      Metadata.Key.of("x-client-bin", Metadata.BINARY_BYTE_MARSHALLER);

  /** What carries the server. */
  enum Transport {
    SHADED_EPOLL("shaded", "", "", "grpc_netty_shaded_netty_transport_native_epoll"),
    SHADED_EPOLL_TLS("shaded", "", "boringssl", "grpc_netty_shaded_netty_tcnative"),
    NETTY_NIO("plain", "nio", "", "libnio"),
    NETTY_EPOLL("plain", "", "", "netty_transport_native_epoll"),
    NETTY_EPOLL_TLS("plain", "", "boringssl", "netty_tcnative");

    private final String netty;
    private final String transport;
    private final String tls;
    private final String library;

    Transport(String netty, String transport, String tls, String library) {
      this.netty = netty;
      this.transport = transport;
      this.tls = tls;
      this.library = library;
    }

    Service start(String wire) {
      Service.Builder builder =
          Service.on(Variant.GRPC)
              .option("wire", wire)
              .with("netty", netty)
              .with("transport", transport);
      if (netty.equals("shaded")) {
        builder.libraries("grpc-netty-shaded");
      } else {
        builder.libraries("grpc-netty").libraries("netty42").libraries("netty42-http2");
      }
      if (!tls.isEmpty()) {
        builder.with("tls", tls).with("keystore", TlsClient.keystore());
        builder.libraries("netty-boringssl");
      }
      return builder.start();
    }

    ManagedChannel connect(Service service) throws IOException {
      NettyChannelBuilder builder = NettyChannelBuilder.forAddress("127.0.0.1", service.port());
      if (tls.isEmpty()) {
        builder.usePlaintext();
      } else {
        builder.sslContext(
            GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build());
      }
      return builder.overrideAuthority("it.example").userAgent("it/1").build();
    }
  }

  /** The default mode: the first call of the first connection is as good as any. */
  @ParameterizedTest
  @EnumSource
  void each_call_has_one_record_as_the_client_saw_it(Transport transport) throws Exception {
    try (Service service = transport.start("auto")) {
      ManagedChannel channel = transport.connect(service);
      Map<String, Call> calls = new HashMap<>();
      try {
        for (int round = 0; round < 3; round++) {
          for (MethodDescriptor<byte[], byte[]> method :
              List.of(
                  GrpcService.ECHO, GrpcService.REPEAT, GrpcService.REFUSE, GrpcService.BREAK)) {
            String id = method.getBareMethodName() + "-" + round;
            Call call = new Call(channel, method, CallOptions.DEFAULT, id);
            call.await();
            calls.put(id, call);
          }
        }
        assertThat(Files.readString(Path.of("/proc/" + service.pid() + "/maps")))
            .contains(transport.library);
      } finally {
        channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      List<LogRecord> records = service.records().await(calls.size());
      Set<Long> streams = new HashSet<>();
      for (LogRecord record : records) {
        Call call = calls.remove(record.text("request_id"));
        assertThat(call).as("the call of %s, agent: %s", record, service.agentLog()).isNotNull();
        mustBe(call, transport, record);
        mustBeTimed(record, transport);
        assertThat(record.outcome()).isEqualTo("complete");
        assertThat(record.has("error.type")).isFalse();
        mustHaveSame(call, record);
        assertThat(streams.add(record.number("connection.stream"))).isTrue();
      }
      assertThat(calls).as("calls without a record; agent: %s", service.agentLog()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"SHADED_EPOLL", "SHADED_EPOLL_TLS", "NETTY_NIO"})
  void a_call_that_the_client_cancels_has_the_part_that_there_was(Transport transport)
      throws Exception {
    try (Service service = transport.start("auto")) {
      ManagedChannel channel = transport.connect(service);
      Call call;
      Call after;
      try {
        call = new Call(channel, GrpcService.HANG, CallOptions.DEFAULT, "cancelled");
        call.awaitMessage();
        call.cancel();
        assertThat(call.await().getCode()).isEqualTo(Status.Code.CANCELLED);
        // The connection goes on.
        after = new Call(channel, GrpcService.ECHO, CallOptions.DEFAULT, "after");
        assertThat(after.await().isOk()).isTrue();
      } finally {
        channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      LogRecord record = withId(records, "cancelled");
      mustBe(call, transport, record);
      assertThat(record.outcome()).isEqualTo("client_reset");
      assertThat(record.text("error.type")).isEqualTo("cancel");
      assertThat(Expect.headers(record.at("http.response.header")))
          .isEqualTo(asLogged(call.headers));
      assertThat(record.has("http.response.trailer")).isFalse();
      assertThat(record.number("connection.stream"))
          .isLessThan(withId(records, "after").number("connection.stream"));
      assertThat(withId(records, "after").outcome()).isEqualTo("complete");
      assertThat(withId(records, "after").text("connection.id"))
          .isEqualTo(record.text("connection.id"));
    }
  }

  /** Client and server have the same deadline: whose RST_STREAM is first, nobody can say. */
  @ParameterizedTest
  @EnumSource(names = {"SHADED_EPOLL", "NETTY_EPOLL_TLS"})
  void a_call_that_exceeds_its_deadline_was_reset(Transport transport) throws Exception {
    try (Service service = transport.start("auto")) {
      ManagedChannel channel = transport.connect(service);
      Call call;
      try {
        // The first call takes the longest; it has no deadline.
        new Call(channel, GrpcService.ECHO, CallOptions.DEFAULT, "before").await();
        CallOptions options =
            CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_MS, TimeUnit.MILLISECONDS);
        call = new Call(channel, GrpcService.HANG, options, "late");
        call.awaitMessage();
        assertThat(call.await().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      } finally {
        channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      List<LogRecord> records = service.records().await(2);
      assertThat(records).hasSize(2);
      LogRecord record = withId(records, "late");
      mustBe(call, transport, record);
      assertThat(record.outcome()).isIn("client_reset", "server_reset");
      assertThat(record.text("error.type")).isEqualTo("cancel");
    }
  }

  /** Every call at the same time, on one connection. */
  @ParameterizedTest
  @EnumSource(names = {"SHADED_EPOLL", "SHADED_EPOLL_TLS"})
  void calls_at_a_time_keep_what_is_theirs(Transport transport) throws Exception {
    try (Service service = transport.start("always")) {
      ManagedChannel channel = transport.connect(service);
      Map<String, Call> calls = new HashMap<>();
      int count = 400;
      try {
        for (int i = 0; i < count; i++) {
          String id = "call-" + i;
          calls.put(
              id,
              new Call(
                  channel,
                  i % 3 == 0 ? GrpcService.REPEAT : GrpcService.ECHO,
                  CallOptions.DEFAULT,
                  id));
        }
        for (Call call : calls.values()) {
          assertThat(call.await().isOk()).isTrue();
        }
      } finally {
        channel.shutdownNow().awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      List<LogRecord> records = service.records().await(count);
      assertThat(records).hasSize(count);
      for (LogRecord record : records) {
        Call call = calls.remove(record.text("request_id"));
        assertThat(call).as("the call of %s", record).isNotNull();
        mustBe(call, transport, record);
        assertThat(record.outcome()).isEqualTo("complete");
        mustHaveSame(call, record);
      }
    }
  }

  private static LogRecord withId(List<LogRecord> records, String id) {
    return records.stream()
        .filter(record -> id.equals(record.text("request_id")))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no record of " + id + " in " + records));
  }

  private static void mustBe(Call call, Transport transport, LogRecord record) {
    Set<String> sources = Expect.kernel() ? Set.of("kernel", "wire") : Set.of("wire");
    assertThat(new HashSet<>(record.sources())).as("%s", record).isEqualTo(sources);
    assertThat(record.text("network.protocol.version")).isEqualTo("2");
    assertThat(record.text("http.request.method")).isEqualTo("POST");
    assertThat(record.text("url.path")).isEqualTo("/" + call.method.getFullMethodName());
    assertThat(record.text("url.scheme")).isEqualTo(transport.tls.isEmpty() ? "http" : "https");
    assertThat(record.status()).isEqualTo(200);
    assertThat(record.has("network.peer.port")).isTrue();
    if (!transport.tls.isEmpty()) {
      assertThat(record.text("tls.provider")).isEqualTo("boringssl");
    }
    Map<String, List<String>> sent = Expect.headers(record.at("http.request.header"));
    // How long is left changes from moment to moment.
    sent.remove("grpc-timeout");
    assertThat(sent).as("%s", record).isEqualTo(call.sent());
    assertThat(record.number("http.request.body.size")).isEqualTo(FRAME_HEADER + MESSAGE.length);
    assertThat(record.has("headers.differ")).isFalse();
  }

  private static void mustBeTimed(LogRecord record, Transport transport) {
    if (Expect.kernel()) {
      for (String field : List.of("receive_ns", "queue_ns", "first_byte_ns", "total_ns")) {
        assertThat(record.has("timing." + field))
            .as("%s on %s: %s", field, transport, record)
            .isTrue();
      }
    }
  }

  /** What the client was told by the server is what was logged. */
  private static void mustHaveSame(Call call, LogRecord record) {
    Map<String, List<String>> trailers = new HashMap<>(asLogged(call.trailers));
    trailers.put("grpc-status", List.of(Integer.toString(call.status().getCode().value())));
    if (call.status().getDescription() != null) {
      trailers.put("grpc-message", List.of(call.status().getDescription().replace("%", "%25")));
    }
    if (call.headers == null) {
      // One block, which ends the stream.
      assertThat(Expect.headers(record.at("http.response.header")))
          .as("%s", record)
          .isEqualTo(trailers);
      assertThat(record.has("http.response.trailer")).isFalse();
    } else {
      assertThat(Expect.headers(record.at("http.response.header")))
          .as("%s", record)
          .isEqualTo(asLogged(call.headers));
      assertThat(Expect.headers(record.at("http.response.trailer")))
          .as("%s", record)
          .isEqualTo(trailers);
    }
    assertThat(record.number("http.response.body.size"))
        .isEqualTo((long) call.messages * (FRAME_HEADER + MESSAGE.length));
  }

  private static Map<String, List<String>> asLogged(Metadata metadata) {
    Map<String, List<String>> map = new HashMap<>();
    for (String name : metadata.keys()) {
      List<String> values = new ArrayList<>();
      if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
        for (byte[] value :
            metadata.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER))) {
          values.add(Base64.getEncoder().withoutPadding().encodeToString(value));
        }
      } else {
        metadata.getAll(ascii(name)).forEach(values::add);
      }
      map.put(name, values);
    }
    return map;
  }

  private static Metadata.Key<String> ascii(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** One call, and all that the client sees of it. */
  private static final class Call extends ClientCall.Listener<byte[]> {
    final MethodDescriptor<byte[], byte[]> method;
    volatile Metadata headers;
    volatile Metadata trailers;
    volatile int messages;
    private final String id;
    private final ClientCall<byte[], byte[]> call;
    private final CompletableFuture<Status> status = new CompletableFuture<>();
    private final CountDownLatch first = new CountDownLatch(1);

    Call(
        ManagedChannel channel,
        MethodDescriptor<byte[], byte[]> method,
        CallOptions options,
        String id) {
      this.method = method;
      this.id = id;
      call = channel.newCall(method, options);
      Metadata own = new Metadata();
      own.put(REQUEST_ID, id);
      own.put(OWN, "first");
      own.put(OWN, "second of " + id);
      own.put(BINARY, new byte[] {1, 2, 3, (byte) 0xfe});
      call.start(this, own);
      call.sendMessage(MESSAGE);
      call.halfClose();
      call.request(Integer.MAX_VALUE);
    }

    /** What went out: gRPC's own, and what was added. */
    Map<String, List<String>> sent() {
      Map<String, List<String>> sent = new HashMap<>();
      sent.put(":authority", List.of("it.example"));
      sent.put("content-type", List.of("application/grpc"));
      sent.put("te", List.of("trailers"));
      sent.put("user-agent", List.of("it/1 grpc-java-netty/1.84.0"));
      sent.put("grpc-accept-encoding", List.of("gzip"));
      sent.put("x-request-id", List.of(id));
      sent.put("x-client", List.of("first", "second of " + id));
      sent.put("x-client-bin", List.of("AQID/g"));
      return sent;
    }

    Status await() throws InterruptedException, ExecutionException, TimeoutException {
      return status.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    Status status() {
      return status.join();
    }

    void awaitMessage() throws InterruptedException {
      assertThat(first.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    void cancel() {
      call.cancel("enough", null);
    }

    @Override
    public void onHeaders(Metadata of) {
      headers = of;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one listener is called by one thread at a time
    public void onMessage(byte[] message) {
      assertThat(message).isEqualTo(MESSAGE);
      messages++;
      first.countDown();
    }

    @Override
    public void onClose(Status of, Metadata at) {
      trailers = at;
      status.complete(of);
    }
  }
}

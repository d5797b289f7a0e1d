package io.hdrlog.core.instrument.netty;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.exchange.Timing;
import io.hdrlog.core.instrument.Harness;
import io.hdrlog.core.instrument.RawClient;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerExpectContinueHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutorGroup;
import io.netty.util.concurrent.EventExecutorGroup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Records of a real Netty 4.2 server, against what a raw client sent and received. */
@SuppressWarnings({
  "StringConcatToTextBlock", // a text block hides its line ends
  "deprecation", // applications give handlers executors all the same
  "FutureReturnValueIgnored" // the client sees what came of it
})
class NettyTest {
  private static final String GET =
      "GET /hello?a=b HTTP/1.1\r\nHost: localhost\r\nX-Twice: one\r\nx-TWICE:two  \r\n\r\n";

  private static final EventExecutorGroup ELSEWHERE = new DefaultEventExecutorGroup(1);

  @TempDir static Path folder;
  private static Harness harness;
  private static EventLoopGroup group;
  private static Channel together;
  private static Channel apart;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    harness = Harness.install();
    group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    together = bind(false);
    apart = bind(true);
    port = ((java.net.InetSocketAddress) together.localAddress()).getPort();
  }

  private static volatile ChannelHandler inFront;

  private static Channel bind(boolean separate) throws InterruptedException {
    return new ServerBootstrap()
        .group(group)
        .channel(NioServerSocketChannel.class)
        .childHandler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel.pipeline().addLast(new ReadTimeoutHandler(2));
                if (inFront != null) {
                  channel.pipeline().addLast(inFront);
                }
                if (separate) {
                  channel.pipeline().addLast(new Greeting());
                }
                if (separate) {
                  channel.pipeline().addLast(new HttpRequestDecoder(), new HttpResponseEncoder());
                } else {
                  channel.pipeline().addLast(new HttpServerCodec());
                }
                channel.pipeline().addLast(new HttpServerExpectContinueHandler(), new App());
                channel.pipeline().addLast(ELSEWHERE, new Thrower());
              }
            })
        .bind("127.0.0.1", 0)
        .sync()
        .channel();
  }

  @AfterAll
  static void stop() {
    ELSEWHERE.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).syncUninterruptibly();
  }

  @BeforeEach
  void drain() {
    harness.exchanges.clear();
  }

  private static String get(String path) {
    return GET.replace("/hello?a=b", path);
  }

  @Test
  void headsAndPositionsAreThoseOnTheWire() throws Exception {
    try (RawClient client = new RawClient(port)) {
      for (int i = 1; i <= 3; i++) {
        long sent = client.sent;
        long received = client.received;
        RawClient.Response response = client.send(GET).response();
        Exchange x = harness.only();
        assertThat(requestHead(x)).isEqualTo(GET);
        assertThat(responseHead(x)).isEqualTo(response.head()).contains("x-request-id: id-");
        assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
        assertThat(x.entry).isEqualTo(Exchange.Entry.NETTY);
        assertThat(x.connectionRequest).isEqualTo(i);
        assertThat(x.rxStart).isEqualTo(sent);
        assertThat(x.rxHeadEnd).isEqualTo(client.sent);
        assertThat(x.rxEnd).isEqualTo(client.sent);
        assertThat(x.txStart).isEqualTo(received);
        assertThat(x.txEnd).isEqualTo(client.received);
        assertThat(x.responseBodyBytes).isEqualTo(5);
        assertThat(x.requestBodyBytes).isZero();
        assertThat(x.remotePort).isEqualTo(client.socket.getLocalPort());
        assertThat(x.localPort).isEqualTo(port);
        assertThat(x.enterNs).isLessThanOrEqualTo(x.exitNs);
      }
    }
  }

  @Test
  void separateDecoderAndEncoderAreSeenToo() throws Exception {
    try (RawClient client =
        new RawClient(((java.net.InetSocketAddress) apart.localAddress()).getPort())) {
      RawClient.Response response = client.send(GET).response();
      assertThat(responseHead(harness.only())).isEqualTo(response.head());
    }
  }

  @Test
  void pipelinedRequestsAreToldApart() throws Exception {
    try (RawClient client = new RawClient(port)) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 20; i++) {
        all.append(get("/slow/" + i)).append(i % 2 == 0 ? "\r\n" : "");
      }
      client.send(all.toString());
      long end = 0;
      for (int i = 0; i < 20; i++) {
        RawClient.Response response = client.response();
        Exchange x = harness.next();
        assertThat(requestHead(x)).isEqualTo(get("/slow/" + i));
        assertThat(responseHead(x)).isEqualTo(response.head());
        assertThat(x.rxStart).isEqualTo(all.indexOf(get("/slow/" + i)));
        assertThat(x.txStart).isEqualTo(end);
        assertThat(x.txEnd).isEqualTo(client.received);
        end = client.received;
      }
      harness.nothing();
    }
  }

  @Test
  void aRequestSplitIntoSingleBytesIsWhole() throws Exception {
    try (RawClient client = new RawClient(port)) {
      for (int i = 0; i < GET.length(); i++) {
        client.send(GET.substring(i, i + 1));
        Thread.sleep(1);
      }
      client.response();
      Exchange x = harness.only();
      assertThat(requestHead(x)).isEqualTo(GET);
      assertThat(x.rxStart).isZero();
      assertThat(x.rxHeadEnd).isEqualTo(GET.length());
      assertThat(x.headNs - x.seenNs).isGreaterThan(50_000_000);
    }
  }

  @Test
  void continueIsInformationalAndBodiesAreCounted() throws Exception {
    try (RawClient client = new RawClient(port)) {
      String head =
          "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
              + "Transfer-Encoding: chunked\r\n\r\n";
      client.send(head);
      assertThat(client.response().status()).isEqualTo(100);
      long before = client.received;
      client.send("5\r\nhello\r\n").send("3\r\nabc\r\n0\r\n\r\n");
      assertThat(client.response().status()).isEqualTo(200);
      Exchange x = harness.only();
      assertThat(x.informationalCount()).isEqualTo(1);
      assertThat(x.txStart).isEqualTo(before);
      assertThat(x.rxHeadEnd).isEqualTo(head.length());
      assertThat(x.rxEnd).isEqualTo(client.sent);
      assertThat(x.requestBodyBytes).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/stream", "/file", "/executor", "/long"})
  void otherWaysToAnswer(String path) throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(get(path)).response();
      Exchange x = harness.only();
      assertThat(responseHead(x)).isEqualTo(response.head());
      assertThat(x.responseBodyBytes).isEqualTo(response.body().length());
      assertThat(x.txEnd).isEqualTo(client.received);
      assertThat(x.outcome).isEqualTo(Outcome.COMPLETE);
    }
  }

  @Test
  void headHasNoBody() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(GET.replace("GET", "HEAD")).response(true);
      client.send(GET).response();
      Exchange x = harness.next();
      assertThat(responseHead(x)).isEqualTo(response.head());
      assertThat(x.responseBodyBytes).isZero();
      assertThat(harness.only().txEnd).isEqualTo(client.received);
    }
  }

  @Test
  void switchingProtocolsEndsTheExchange() throws Exception {
    try (RawClient client = new RawClient(port)) {
      assertThat(client.send(get("/upgrade")).response().status()).isEqualTo(101);
      client.send("not HTTP any more");
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.UPGRADED);
      assertThat(responseHead(x)).startsWith("HTTP/1.1 101 ");
    }
    harness.nothing();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET / HTTP/1.1\r\nHost a\r\n\r\n",
        "GET /\r\nHost: a\r\n\r\n",
        "GET / JUNK\r\nHost: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: wild\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nB\u0001d: x\r\n\r\n",
        "GET / HTTP/1.1\nHost: a\n\n",
      })
  void malformedRequestsAreRejectedWithOneRecord(String request) throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(request).response();
      assertThat(response.status()).isEqualTo(400);
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
      assertThat(x.enterNs).isEqualTo(Timing.ABSENT);
      assertThat(requestHead(x)).isEqualTo(request);
      assertThat(responseHead(x)).isEqualTo(response.head());
      assertThat(x.errorType).isNotNull();
    }
    harness.nothing();
  }

  @Test
  void tooLongLinesAndHeadersAreRejected() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET /" + "x".repeat(5000) + " HTTP/1.1\r\nHost: a\r\n\r\n").response();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.REJECTED);
      assertThat(requestHead(x)).startsWith("GET /xxxx");
    }
    try (RawClient client = new RawClient(port)) {
      client.send("GET / HTTP/1.1\r\nX: " + "y".repeat(9000) + "\r\n\r\n").response();
      assertThat(harness.only().outcome).isEqualTo(Outcome.REJECTED);
    }
  }

  @Test
  void aBodyBehindABrokenHeadIsNotKept() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET / HTTP/1.1\r\nHost a\r\n\r\nsecret body").response();
      assertThat(requestHead(harness.only())).isEqualTo("GET / HTTP/1.1\r\nHost a\r\n\r\n");
    }
  }

  @Test
  void clientsThatGiveUp() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/never"));
      Thread.sleep(50);
      client.reset();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
      assertThat(requestHead(x)).isEqualTo(get("/never"));
    }
    try (RawClient client = new RawClient(port)) {
      client.send("GET /hel");
      Thread.sleep(50);
      client.reset();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
      // What of the path is to come is not known.
      assertThat(requestHead(x)).isEqualTo("GET ");
    }
    try (RawClient client = new RawClient(port)) {
      client.send(get("/half"));
      client.head();
      client.reset();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
      assertThat(responseHead(x)).startsWith("HTTP/1.1 200 ");
    }
  }

  @Test
  void serversThatGiveUp() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/close")).rest();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.SERVER_RESET);
      assertThat(x.responseHeadLength).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"close", "elsewhere"})
  void aHandlerThatThrowsAndClosesIsNamed(String how) throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/throw/" + how)).rest();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.SERVER_RESET);
      assertThat(x.errorType).isEqualTo(IllegalStateException.class.getName());
    }
  }

  @Test
  void aHandlerThatThrowsAndLeavesItAtThatIsNamedWhenTheClientGoes() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/throw/pass"));
      harness.nothing();
    }
    Exchange x = harness.only();
    assertThat(x.outcome).isEqualTo(Outcome.CLIENT_RESET);
    assertThat(x.errorType).isEqualTo(IllegalStateException.class.getName());
  }

  @Test
  void anExceptionIsNamedWhereTheAnswerTellsOfItAndNowhereElse() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/throw/mend")).response();
      Exchange mended = harness.only();
      assertThat(mended.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(mended.errorType).isNull();

      client.send(get("/throw/answer")).response();
      Exchange answered = harness.only();
      assertThat(answered.outcome).isEqualTo(Outcome.COMPLETE);
      assertThat(answered.errorType).isEqualTo(IllegalStateException.class.getName());

      client.send(get("/fails")).response();
      assertThat(harness.only().errorType).isNull();
    }
  }

  @Test
  void pipelinedRequestsThatAnExceptionEndsAreAllNamed() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/never") + get("/throw/close") + GET).rest();
      for (int i = 0; i < 2; i++) {
        Exchange x = harness.next();
        assertThat(x.outcome).as(requestHead(x)).isEqualTo(Outcome.SERVER_RESET);
        assertThat(x.errorType).isEqualTo(IllegalStateException.class.getName());
      }
      // What was answered after the close was not.
      Exchange last = harness.only();
      assertThat(last.outcome).isEqualTo(Outcome.SERVER_RESET);
      assertThat(last.responseHeadLength).isZero();
      assertThat(last.errorType).isEqualTo(IllegalStateException.class.getName());
    }
  }

  @Test
  void readTimeoutsAreTimeouts() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send("GET /hello HTTP/1.1\r\nHost: a\r\n").rest();
      Exchange x = harness.only();
      assertThat(x.outcome).isEqualTo(Outcome.TIMEOUT);
      assertThat(requestHead(x)).isEqualTo("GET /hello HTTP/1.1\r\nHost: a\r\n");
    }
  }

  @Test
  void idleConnectionsGiveNothing() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(GET).response();
      harness.only();
      client.send("\r\n");
      Thread.sleep(50);
    }
    harness.nothing();
  }

  @Test
  void aClientThatEndsItsStreamHasGivenUp() throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get("/never"));
      Thread.sleep(50);
    }
    assertThat(harness.only().outcome).isEqualTo(Outcome.CLIENT_RESET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCodecThatIsGoneBeforeTheAnswerLeavesARecord(boolean byServer) throws Exception {
    try (RawClient client = new RawClient(port)) {
      client.send(get(byServer ? "/gone-close" : "/gone"));
      if (byServer) {
        client.rest();
      } else {
        Thread.sleep(50);
        client.socket.close();
      }
      Exchange x = harness.only();
      assertThat(requestHead(x)).startsWith("GET /gone");
      assertThat(x.outcome).isEqualTo(byServer ? Outcome.SERVER_RESET : Outcome.CLIENT_RESET);
    }
  }

  @Test
  void bytesThatAnotherHandlerTookMakePositionsUnknown() throws Exception {
    int other = ((java.net.InetSocketAddress) apart.localAddress()).getPort();
    try (RawClient client = new RawClient(other)) {
      client.send("!greeting\n" + GET).response();
      Exchange x = harness.only();
      assertThat(requestHead(x)).isEqualTo(GET);
      assertThat(x.rxStart).isEqualTo(Exchange.UNKNOWN);
      assertThat(x.txEnd).isEqualTo(Exchange.UNKNOWN);
    }
    try (RawClient client = new RawClient(other)) {
      client.send(GET).response();
      assertThat(harness.only().rxEnd).isEqualTo(client.sent);
    }
  }

  /** Handlers that somebody else put in front of the codec. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void onlyAHandlerThatMayChangeWhatIsWrittenMakesPositionsUnknown(boolean writes)
      throws Exception {
    inFront = writes ? new Writing() : new Watching();
    try (RawClient client = new RawClient(port)) {
      client.send(GET).response();
      Exchange x = harness.only();
      assertThat(x.rxEnd).isEqualTo(writes ? Exchange.UNKNOWN : client.sent);
      assertThat(x.txEnd).isEqualTo(writes ? Exchange.UNKNOWN : client.received);
    } finally {
      inFront = null;
    }
  }

  @Test
  void theRequestIdIsAnAttribute() throws Exception {
    try (RawClient client = new RawClient(port)) {
      RawClient.Response response = client.send(get("/id")).response();
      assertThat(response.body()).isEqualTo("id-" + harness.only().idRandom);
    }
  }

  /** As proxies, limiters and the like: sees all, changes nothing. */
  private static final class Watching extends ChannelDuplexHandler {
    @Override
    public void read(ChannelHandlerContext ctx) {
      ctx.read();
    }
  }

  private static final class Writing extends ChannelOutboundHandlerAdapter {
    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ctx.write(msg, promise);
    }
  }

  /** Takes a line that is not HTTP's from the start of a connection, then is gone. */
  private static final class Greeting extends ByteToMessageDecoder {
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
      if (in.getByte(in.readerIndex()) == '!') {
        in.skipBytes(in.bytesBefore((byte) '\n') + 1);
      }
      ctx.pipeline().remove(this);
    }
  }

  /** Does what the path says. */
  private static final class App extends SimpleChannelInboundHandler<HttpObject> {
    private static final AttributeKey<Object> ID = AttributeKey.valueOf("hdrlog.request_id");
    private HttpRequest request;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject object) throws Exception {
      if (object instanceof HttpRequest received) {
        request = received;
        if (received.decoderResult().isFailure()) {
          write(ctx, HttpResponseStatus.BAD_REQUEST, "bad")
              .addListener(ChannelFutureListener.CLOSE);
          return;
        }
      }
      if (object instanceof LastHttpContent) {
        answer(ctx, request.uri());
      }
    }

    private void answer(ChannelHandlerContext ctx, String uri) throws Exception {
      switch (uri) {
        case "/never" -> ctx.flush();
        case "/fails" -> write(ctx, HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed");
        case "/throw/elsewhere" -> ctx.fireChannelRead(ReferenceCountUtil.retain(request));
        case "/throw/close", "/throw/pass", "/throw/mend", "/throw/answer" ->
            throw new IllegalStateException(uri);
        case "/close" -> ctx.close();
        case "/gone" -> ctx.pipeline().remove(HttpServerCodec.class);
        case "/gone-close" -> {
          ctx.pipeline().remove(HttpServerCodec.class);
          ctx.close();
        }
        case "/half" -> {
          start(ctx, -1);
          ctx.writeAndFlush(content("half"));
        }
        case "/stream" -> {
          start(ctx, -1);
          ctx.write(content("one"));
          ctx.write(content("three"));
          ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        case "/file" -> {
          Path file = Files.writeString(folder.resolve("file"), "f".repeat(3000));
          start(ctx, 3000);
          ctx.write(new DefaultFileRegion(file.toFile(), 0, 3000));
          ctx.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
        }
        case "/long" -> write(ctx, HttpResponseStatus.OK, "l".repeat(50_000));
        case "/id" -> write(ctx, HttpResponseStatus.OK, ctx.channel().attr(ID).get().toString());
        case "/executor" ->
            new Thread(() -> write(ctx, HttpResponseStatus.OK, "elsewhere")).start();
        case "/upgrade" -> {
          FullHttpResponse response =
              new DefaultFullHttpResponse(
                  HttpVersion.HTTP_1_1,
                  HttpResponseStatus.SWITCHING_PROTOCOLS,
                  Unpooled.EMPTY_BUFFER);
          response.headers().set(HttpHeaderNames.UPGRADE, "other");
          ctx.writeAndFlush(response);
        }
        default -> write(ctx, HttpResponseStatus.OK, "hello");
      }
    }

    private static void start(ChannelHandlerContext ctx, long length) {
      DefaultHttpResponse response =
          new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      if (length >= 0) {
        HttpUtil.setContentLength(response, length);
      } else {
        response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
      }
      ctx.write(response);
    }

    private static HttpContent content(String text) {
      return new DefaultHttpContent(
          Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.UTF_8));
    }

    private static io.netty.channel.ChannelFuture write(
        ChannelHandlerContext ctx, HttpResponseStatus status, String text) {
      FullHttpResponse response =
          new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, content(text).content());
      HttpUtil.setContentLength(response, text.length());
      return ctx.writeAndFlush(response);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      switch (String.valueOf(cause.getMessage())) {
        case "/throw/pass" -> ctx.fireExceptionCaught(cause);
        case "/throw/mend" -> write(ctx, HttpResponseStatus.OK, "mended");
        case "/throw/answer" -> write(ctx, HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed");
        default -> ctx.close();
      }
    }
  }

  /** Throws on a thread that is not the channel's. */
  private static final class Thrower extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
      throw new IllegalStateException("elsewhere");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      if (String.valueOf(cause.getMessage()).equals("elsewhere")) {
        ctx.close();
      }
    }
  }
}

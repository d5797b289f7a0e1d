package io.hdrlog.it.service;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.socket.SocketChannelConfig;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AttributeKey;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The same paths as {@link AppServlet}'s, as far as Netty has such things. */
// Failed writes close the channel, which is all there is to do about them.
@SuppressWarnings("FutureReturnValueIgnored")
final class AppHandler extends ChannelInboundHandlerAdapter {
  private static final ExecutorService OTHERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "other");
            thread.setDaemon(true);
            return thread;
          });
  private static final int PIECE_BYTES = 16 * 1024;

  private final boolean rejectSilently;
  private HttpRequest request;
  private ByteBuf body;
  private CompletableFuture<Void> answered = CompletableFuture.completedFuture(null);

  AppHandler(boolean rejectSilently) {
    this.rejectSilently = rejectSilently;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest head) {
        begin(context, head);
      }
      if (message instanceof HttpContent content && request != null) {
        if (content.decoderResult().isFailure()) {
          context.close();
          return;
        }
        body.writeBytes(content.content());
        if (message instanceof LastHttpContent) {
          HttpRequest whole = request;
          byte[] bytes = ByteBufUtil.getBytes(body);
          forget();
          answer(context, whole, bytes);
        }
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void begin(ChannelHandlerContext context, HttpRequest head) {
    if (head.decoderResult().isFailure()) {
      reject(context, head.decoderResult().cause());
      return;
    }
    if (HttpUtil.is100ContinueExpected(head)) {
      context.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
    request = head;
    body = context.alloc().buffer();
  }

  /** Being there, the key has every request's id made; an application that never asks has none. */
  static final class RequestId {
    static final AttributeKey<Object> KEY = AttributeKey.valueOf("hdrlog.request_id");

    private RequestId() {}
  }

  private void forget() {
    request = null;
    if (body != null) {
      body.release();
      body = null;
    }
  }

  /** As an application does, by the kind of failure. */
  private void reject(ChannelHandlerContext context, Throwable cause) {
    if (rejectSilently) {
      context.close();
      return;
    }
    HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;
    if (cause instanceof TooLongFrameException) {
      status =
          cause.getClass().getSimpleName().contains("Line")
              ? HttpResponseStatus.REQUEST_URI_TOO_LONG
              : HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    FullHttpResponse response = text(status, "rejected\n");
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  private void answer(ChannelHandlerContext context, HttpRequest request, byte[] body) {
    String uri = request.uri();
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    String query = mark < 0 ? null : uri.substring(mark + 1);
    if (path.startsWith("/status/")) {
      HttpResponseStatus status =
          HttpResponseStatus.valueOf(Integer.parseInt(path.substring("/status/".length())));
      context.writeAndFlush(text(status, status.code() == 204 ? "" : "status " + status.code()));
      return;
    }
    switch (path) {
      case "/hello" -> context.writeAndFlush(hello(request));
      case "/random" -> {
        FullHttpResponse response = hello(request);
        for (Map.Entry<String, String> header : Content.random(Content.number(query, "seed", 0))) {
          response.headers().add(header.getKey(), header.getValue());
        }
        context.writeAndFlush(response);
      }
      case "/odd" -> {
        FullHttpResponse response = text(HttpResponseStatus.OK, "odd\n");
        for (Map.Entry<String, String> header : Content.ODD_HEADERS) {
          response.headers().add(header.getKey(), header.getValue());
        }
        context.writeAndFlush(response);
      }
      case "/echo" -> {
        FullHttpResponse response = whole(HttpResponseStatus.OK, Unpooled.wrappedBuffer(body));
        String type = request.headers().get(HttpHeaderNames.CONTENT_TYPE, "text/plain");
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, type);
        context.writeAndFlush(response);
      }
      case "/sleep" -> {
        long took = Content.sleep(Content.number(query, "ms", 0));
        context.writeAndFlush(hello(request, took));
      }
      case "/big" -> big(context, Content.number(query, "bytes", 1_000_000));
      case "/file" -> file(context, Content.number(query, "bytes", 1_000_000));
      case "/async" -> {
        int millis = Content.number(query, "ms", 0);
        OTHERS.execute(
            () -> {
              long took = Content.sleep(millis);
              context.writeAndFlush(hello(request, took));
            });
      }
      case "/ordered" -> ordered(context, request, Content.number(query, "ms", 0));
      case "/steps" -> steps(context, query);
      case "/later" ->
          context
              .executor()
              .schedule(
                  () -> context.writeAndFlush(hello(request)),
                  Content.number(query, "ms", 0),
                  TimeUnit.MILLISECONDS);
      case "/error" -> throw new IllegalStateException("as asked");
      case "/chunked" -> chunked(context, Content.number(query, "ms", 0));
      case "/cookies" -> {
        FullHttpResponse response = text(HttpResponseStatus.OK, "cookies\n");
        response.headers().add(HttpHeaderNames.SET_COOKIE, "first=value-of-first");
        response.headers().add(HttpHeaderNames.SET_COOKIE, "second=value-of-second");
        context.writeAndFlush(response);
      }
      case "/secret" -> secret(context, query);
      case "/id" ->
          context.writeAndFlush(
              text(
                  HttpResponseStatus.OK,
                  "attribute="
                      + context.channel().attr(RequestId.KEY).get()
                      + "\nthread="
                      + Thread.currentThread().getName()
                      + "\n"
                      + Mdcs.describe()));
      case "/upgrade" -> upgrade(context);
      case "/close" -> {
        FullHttpResponse response = hello(request);
        response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
      }
      case "/abort" -> abort(context.channel());
      case "/gc" -> {
        Content.collect(Content.number(query, "mb", 0));
        context.writeAndFlush(text(HttpResponseStatus.OK, "collected\n"));
      }
      case "/allocated" -> context.writeAndFlush(text(HttpResponseStatus.OK, Content.allocated()));
      case "/ignore" ->
          context.writeAndFlush(text(HttpResponseStatus.OK, "the body was not read\n"));
      default -> context.writeAndFlush(text(HttpResponseStatus.NOT_FOUND, "no such path\n"));
    }
  }

  /** Each request on a thread of its own; the answers in the order of the requests. */
  private void ordered(ChannelHandlerContext context, HttpRequest request, int millis) {
    CompletableFuture<FullHttpResponse> answer =
        CompletableFuture.supplyAsync(() -> hello(request, Content.sleep(millis)), OTHERS);
    answered =
        answered.thenCombine(
            answer,
            (before, response) -> {
              // Never at once, even on the channel's own thread: it would overtake what waits
              // there.
              context.executor().execute(() -> context.writeAndFlush(response));
              return null;
            });
  }

  /** As {@link AppServlet}'s. */
  private static void steps(ChannelHandlerContext context, String query) {
    long before = Content.sleep(Content.number(query, "before", 0));
    OTHERS.execute(
        () -> {
          long took = before + Content.sleep(Content.number(query, "other", 0));
          HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
          head.headers().set(Content.TOOK, took);
          head.headers().set(HttpHeaderNames.CONTENT_LENGTH, Content.HELLO_BYTES);
          context.write(head);
          context.writeAndFlush(
              new DefaultHttpContent(Unpooled.wrappedBuffer(Content.hello(), 0, 100)));
          Content.sleep(Content.number(query, "between", 0));
          context.writeAndFlush(
              new DefaultLastHttpContent(
                  Unpooled.wrappedBuffer(Content.hello(), 100, Content.HELLO_BYTES - 100)));
        });
  }

  private static FullHttpResponse whole(HttpResponseStatus status, ByteBuf body) {
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, body);
    if (status.code() != 204 && status.code() >= 200) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
    }
    return response;
  }

  private static FullHttpResponse text(HttpResponseStatus status, String text) {
    FullHttpResponse response = whole(status, Unpooled.wrappedBuffer(Content.latin(text)));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    return response;
  }

  private static FullHttpResponse hello(HttpRequest request) {
    boolean bodiless = request.method().equals(HttpMethod.HEAD);
    FullHttpResponse response =
        whole(
            HttpResponseStatus.OK,
            bodiless ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(Content.hello()));
    for (Map.Entry<String, String> header : Content.HELLO_HEADERS) {
      response.headers().add(header.getKey(), header.getValue());
    }
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, Content.HELLO_BYTES);
    response.headers().set(HttpHeaderNames.SERVER, "netty");
    return response;
  }

  private static FullHttpResponse hello(HttpRequest request, long tookNs) {
    FullHttpResponse response = hello(request);
    response.headers().set(Content.TOOK, tookNs);
    return response;
  }

  private static void big(ChannelHandlerContext context, int bytes) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    head.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes);
    context.write(head);
    for (int left = bytes; left > 0; left -= Math.min(left, PIECE_BYTES)) {
      context.write(
          new DefaultHttpContent(
              Unpooled.wrappedBuffer(Content.filler(Math.min(left, PIECE_BYTES)))));
    }
    context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  /** By sendfile. */
  private static void file(ChannelHandlerContext context, int bytes) {
    try {
      Path file = Files.createTempFile("hdrlog-it", ".bin");
      file.toFile().deleteOnExit();
      Files.write(file, Content.filler(bytes));
      HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, bytes);
      context.write(head);
      context.write(new DefaultFileRegion(file.toFile(), 0, bytes));
      context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    } catch (IOException e) {
      context.close();
    }
  }

  private static void chunked(ChannelHandlerContext context, int millis) {
    HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    HttpUtil.setTransferEncodingChunked(head, true);
    context.write(head);
    for (int i = 0; i < 3; i++) {
      if (i > 0) {
        Content.sleep(millis);
      }
      context.writeAndFlush(
          new DefaultHttpContent(Unpooled.wrappedBuffer(Content.filler(100 * (i + 1)))));
    }
    context.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  private static void secret(ChannelHandlerContext context, String query) {
    String value = Content.parameter(query, "token", "none");
    FullHttpResponse response = text(HttpResponseStatus.OK, "kept\n");
    response.headers().add(HttpHeaderNames.SET_COOKIE, "sid=" + value + "; Path=/; HttpOnly");
    response.headers().add("X-Auth-Token", value);
    response.headers().add(HttpHeaderNames.LOCATION, "/next?access_token=" + value);
    response.headers().add(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"" + value + "\"");
    context.writeAndFlush(response);
  }

  private static void upgrade(ChannelHandlerContext context) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS, Unpooled.EMPTY_BUFFER);
    response.headers().set(HttpHeaderNames.UPGRADE, "echo");
    response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE);
    context
        .writeAndFlush(response)
        .addListener(
            done -> {
              context.pipeline().remove(HttpServerKeepAliveHandler.class);
              context.pipeline().remove(HttpServerCodec.class);
              context.pipeline().replace(AppHandler.class, "echo", new Echo());
            });
  }

  /** Answers with RST. */
  private static void abort(Channel channel) {
    ((SocketChannelConfig) channel.config()).setSoLinger(0);
    channel.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    forget();
    context.fireChannelInactive();
  }

  /** An application's last resort: 500 if nothing was sent, and the connection closed. */
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof IllegalStateException) {
      FullHttpResponse response = text(HttpResponseStatus.INTERNAL_SERVER_ERROR, "failed\n");
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
      context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    } else {
      context.close();
    }
  }

  /** The protocol after the upgrade: every byte comes back. */
  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      context.writeAndFlush(message);
    }
  }
}

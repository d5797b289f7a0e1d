package io.hdrlog.it.service;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpUpgradeHandler;
import jakarta.servlet.http.WebConnection;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Everything a request may meet in a servlet container. */
public final class AppServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final int BUFFER_BYTES = 16 * 1024;

  private static final String TOOK = "io.hdrlog.it.took";

  private static final transient ExecutorService OTHERS =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "other");
            thread.setDaemon(true);
            return thread;
          });

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    String path = request.getPathInfo() == null ? request.getServletPath() : request.getPathInfo();
    String query = request.getQueryString();
    if (request.getDispatcherType() == DispatcherType.INCLUDE) {
      hello(response);
      return;
    }
    if (path.startsWith("/status/")) {
      status(response, Integer.parseInt(path.substring("/status/".length())));
      return;
    }
    if (path.startsWith("/senderror/")) {
      response.sendError(Integer.parseInt(path.substring("/senderror/".length())), "as asked");
      return;
    }
    switch (path) {
      case "/hello" -> hello(response);
      case "/odd" -> odd(response);
      case "/random" -> random(request, response, Content.number(query, "seed", 0));
      case "/echo" -> echo(request, response);
      case "/sleep" -> {
        response.addHeader(
            Content.TOOK, Long.toString(Content.sleep(Content.number(query, "ms", 0))));
        hello(response);
      }
      case "/big" -> big(response, Content.number(query, "bytes", 1_000_000));
      case "/file" -> file(request, response, Content.number(query, "bytes", 1_000_000));
      case "/async" -> async(request, Content.number(query, "ms", 0));
      case "/async-timeout" -> request.startAsync().setTimeout(Content.number(query, "ms", 200));
      case "/dispatch" -> dispatch(request);
      case "/steps" -> steps(request, response, query);
      case "/error" -> throw new IllegalStateException("as asked");
      case "/error-late" -> {
        response.setContentLength(Content.HELLO_BYTES);
        response.getOutputStream().write(Content.filler(10));
        response.flushBuffer();
        throw new IllegalStateException("after the response has begun");
      }
      case "/error-page" -> text(response, "sorry\n");
      case "/chunked" -> chunked(response, Content.number(query, "ms", 0));
      case "/forward" -> request.getRequestDispatcher("/hello").forward(request, response);
      case "/include" -> {
        request.getRequestDispatcher("/hello").include(request, response);
        response.getOutputStream().write('.');
      }
      case "/cookies" -> {
        response.addCookie(new Cookie("first", "value-of-first"));
        response.addCookie(new Cookie("second", "value-of-second"));
        text(response, "cookies\n");
      }
      case "/session" -> text(response, request.getSession(true).getId() + "\n");
      case "/secret" -> secret(request, response);
      case "/id" ->
          text(
              response,
              "attribute="
                  + request.getAttribute("hdrlog.request_id")
                  + "\nthread="
                  + Thread.currentThread().getName()
                  + "\n"
                  + Mdcs.describe());
      case "/upgrade" -> {
        response.setHeader("Upgrade", "echo");
        response.setHeader("Connection", "Upgrade");
        request.upgrade(Echo.class);
      }
      case "/close" -> {
        response.setHeader("Connection", "close");
        hello(response);
      }
      case "/gc" -> {
        Content.collect(Content.number(query, "mb", 0));
        text(response, "collected\n");
      }
      case "/allocated" -> text(response, Content.allocated());
      case "/ignore" -> text(response, "the body was not read\n");
      default -> response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }
  }

  private static void hello(HttpServletResponse response) throws IOException {
    for (Map.Entry<String, String> header : Content.HELLO_HEADERS) {
      response.addHeader(header.getKey(), header.getValue());
    }
    response.setContentType("text/plain");
    response.setContentLength(Content.HELLO_BYTES);
    response.getOutputStream().write(Content.hello());
  }

  private static void random(HttpServletRequest request, HttpServletResponse response, int seed)
      throws IOException {
    request.getInputStream().readAllBytes();
    for (Map.Entry<String, String> header : Content.random(seed)) {
      response.addHeader(header.getKey(), header.getValue());
    }
    response.setContentLength(Content.HELLO_BYTES);
    response.getOutputStream().write(Content.hello());
  }

  private static void odd(HttpServletResponse response) throws IOException {
    for (Map.Entry<String, String> header : Content.ODD_HEADERS) {
      response.addHeader(header.getKey(), header.getValue());
    }
    text(response, "odd\n");
  }

  private static void text(HttpServletResponse response, String text) throws IOException {
    byte[] bytes = Content.latin(text);
    response.setContentType("text/plain");
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }

  private static void status(HttpServletResponse response, int status) throws IOException {
    response.setStatus(status);
    if (status >= 200 && status != 204 && status != 304) {
      text(response, "status " + status + "\n");
    }
  }

  private static void echo(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    byte[] body;
    try (InputStream in = request.getInputStream()) {
      body = in.readAllBytes();
    }
    response.setContentType(
        request.getContentType() == null ? "text/plain" : request.getContentType());
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  private static void big(HttpServletResponse response, int bytes) throws IOException {
    response.setContentType("application/octet-stream");
    response.setContentLength(bytes);
    byte[] piece = Content.filler(BUFFER_BYTES);
    OutputStream out = response.getOutputStream();
    for (int left = bytes; left > 0; left -= Math.min(left, piece.length)) {
      out.write(piece, 0, Math.min(left, piece.length));
    }
  }

  /** By sendfile where the container has it. */
  private static void file(HttpServletRequest request, HttpServletResponse response, int bytes)
      throws IOException {
    if (!Boolean.TRUE.equals(request.getAttribute("org.apache.tomcat.sendfile.support"))) {
      big(response, bytes);
      return;
    }
    Path file = Files.createTempFile("hdrlog-it", ".bin");
    file.toFile().deleteOnExit();
    Files.write(file, Content.filler(bytes));
    response.setContentType("application/octet-stream");
    response.setContentLength(bytes);
    request.setAttribute("org.apache.tomcat.sendfile.filename", file.toString());
    request.setAttribute("org.apache.tomcat.sendfile.start", 0L);
    request.setAttribute("org.apache.tomcat.sendfile.end", (long) bytes);
  }

  private static void async(HttpServletRequest request, int millis) {
    AsyncContext context = request.startAsync();
    OTHERS.execute(
        () -> {
          try {
            HttpServletResponse response = (HttpServletResponse) context.getResponse();
            response.addHeader(Content.TOOK, Long.toString(Content.sleep(millis)));
            hello(response);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } finally {
            context.complete();
          }
        });
  }

  private static void dispatch(HttpServletRequest request) {
    AsyncContext context = request.startAsync();
    OTHERS.execute(() -> context.dispatch("/hello"));
  }

  /**
   * Sleeps at three places: before it lets go of the container's thread, before the first byte of
   * the answer, and between the first and the last. {@code by} says who answers.
   */
  private static void steps(HttpServletRequest request, HttpServletResponse response, String query)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      answer(response, query, (Long) request.getAttribute(TOOK));
      return;
    }
    long before = Content.sleep(Content.number(query, "before", 0));
    AsyncContext context = request.startAsync();
    Runnable rest =
        () -> {
          try {
            answer((HttpServletResponse) context.getResponse(), query, before);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          } finally {
            context.complete();
          }
        };
    switch (Content.parameter(query, "by", "executor")) {
      case "container" -> context.start(rest);
      case "dispatch" ->
          OTHERS.execute(
              () -> {
                request.setAttribute(
                    TOOK, before + Content.sleep(Content.number(query, "away", 0)));
                context.dispatch();
              });
      default -> OTHERS.execute(rest);
    }
  }

  private static void answer(HttpServletResponse response, String query, long beforeNs)
      throws IOException {
    long took = beforeNs + Content.sleep(Content.number(query, "other", 0));
    response.addHeader(Content.TOOK, Long.toString(took));
    response.setContentLength(Content.HELLO_BYTES);
    response.getOutputStream().write(Content.hello(), 0, 100);
    response.flushBuffer();
    Content.sleep(Content.number(query, "between", 0));
    response.getOutputStream().write(Content.hello(), 100, Content.HELLO_BYTES - 100);
  }

  private static void chunked(HttpServletResponse response, int millis) throws IOException {
    response.setContentType("text/plain");
    for (int i = 0; i < 3; i++) {
      if (i > 0) {
        Content.sleep(millis);
      }
      response.getOutputStream().write(Content.filler(100 * (i + 1)));
      response.flushBuffer();
    }
  }

  /** Sends secrets of its own: what the query says, where responses carry such things. */
  private static void secret(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String value = Content.parameter(request.getQueryString(), "token", "none");
    response.addHeader("Set-Cookie", "sid=" + value + "; Path=/; HttpOnly");
    response.addHeader("X-Auth-Token", value);
    response.addHeader("Location", "/next?access_token=" + value);
    response.addHeader("WWW-Authenticate", "Bearer realm=\"" + value + "\"");
    text(response, "kept\n");
  }

  /** The protocol after the upgrade: every byte comes back. */
  public static final class Echo implements HttpUpgradeHandler {
    @Override
    public void init(WebConnection connection) {
      OTHERS.execute(
          () -> {
            try (connection;
                InputStream in = connection.getInputStream();
                OutputStream out = connection.getOutputStream()) {
              for (int b = in.read(); b >= 0; b = in.read()) {
                out.write(b);
                out.flush();
              }
            } catch (Exception e) {
              // The client is gone: the end of this protocol.
            }
          });
    }

    @Override
    public void destroy() {}
  }
}

package io.hdrlog.it.service;

import java.io.IOException;
import java.util.Map;
import javax.servlet.AsyncContext;
import javax.servlet.DispatcherType;
import javax.servlet.ServletException;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** The main ways of a servlet, in the API as it was before Jakarta. */
public final class JavaxServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    if (request.getDispatcherType() == DispatcherType.INCLUDE) {
      hello(response);
      return;
    }
    String query = request.getQueryString();
    switch (request.getRequestURI()) {
      case "/hello" -> hello(response);
      case "/odd" -> {
        for (Map.Entry<String, String> header : Content.ODD_HEADERS) {
          response.addHeader(header.getKey(), header.getValue());
        }
        text(response, "odd\n");
      }
      case "/echo" -> {
        byte[] body = request.getInputStream().readAllBytes();
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
      }
      case "/sleep" -> {
        Content.sleep(Content.number(query, "ms", 0));
        hello(response);
      }
      case "/async" -> {
        AsyncContext context = request.startAsync();
        context.start(
            () -> {
              Content.sleep(Content.number(query, "ms", 0));
              try {
                hello((HttpServletResponse) context.getResponse());
              } catch (IOException e) {
                // The client is gone.
              }
              context.complete();
            });
      }
      case "/error" -> throw new IllegalStateException("as asked");
      case "/forward" -> request.getRequestDispatcher("/hello").forward(request, response);
      case "/include" -> {
        request.getRequestDispatcher("/hello").include(request, response);
        response.getOutputStream().write('.');
      }
      case "/id" ->
          text(
              response,
              "attribute="
                  + request.getAttribute("hdrlog.request_id")
                  + "\nthread="
                  + Thread.currentThread().getName()
                  + "\n"
                  + Mdcs.describe());
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

  private static void text(HttpServletResponse response, String text) throws IOException {
    byte[] bytes = Content.latin(text);
    response.setContentType("text/plain");
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }
}

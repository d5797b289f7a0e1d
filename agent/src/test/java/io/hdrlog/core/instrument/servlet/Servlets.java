package io.hdrlog.core.instrument.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.GenericServlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** What both containers serve. */
public final class Servlets {
  private Servlets() {}

  /** Answers some requests itself. */
  public static final class Guard implements Filter {
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      if ("guard".equals(((HttpServletRequest) request).getQueryString())) {
        ((HttpServletResponse) response).sendError(403);
        return;
      }
      chain.doFilter(request, response);
    }
  }

  /** A servlet, but none of HTTP's. */
  public static final class Plain extends GenericServlet {
    private static final long serialVersionUID = 1L;

    @Override
    public void service(ServletRequest request, ServletResponse response) throws IOException {
      response.getWriter().print("plain");
    }
  }

  /** Does what the query says. */
  public static final class App extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      String query = String.valueOf(request.getQueryString());
      switch (query) {
        case "boom" -> throw new UnsupportedOperationException("boom");
        case "forward" -> request.getRequestDispatcher("/app/other?x").forward(request, response);
        case "async" -> later(request.startAsync(), response, false);
        case "dispatch" -> {
          if (request.getDispatcherType().name().equals("ASYNC")) {
            response.getWriter().print("dispatched");
          } else {
            later(request.startAsync(), response, true);
          }
        }
        case "addr" -> response.getWriter().print(request.getRemoteAddr());
        case "id" -> response.getWriter().print(request.getAttribute("hdrlog.request_id"));
        default -> {
          response.addHeader("X-App", "one");
          response.addHeader("X-App", "two");
          response.getWriter().print("hello");
        }
      }
    }

    private static void later(AsyncContext context, HttpServletResponse response, boolean again) {
      new Thread(
              () -> {
                try {
                  Thread.sleep(100);
                  if (again) {
                    context.dispatch();
                  } else {
                    response.getWriter().print("late");
                    context.complete();
                  }
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              })
          .start();
    }
  }
}

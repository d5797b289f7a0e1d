package io.hdrlog.it.service;

import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;

/** Jetty 10 with a servlet: a container that is known by its javax Servlet API alone. */
public final class JettyService {
  private JettyService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Server server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost(arguments.text("address", "127.0.0.1"));
    connector.setPort(arguments.number("port", 0));
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    ServletHolder holder = new ServletHolder("app", new JavaxServlet());
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    server.setHandler(context);
    server.start();
    Ready.say(connector.getLocalPort());
    new CountDownLatch(1).await();
  }
}

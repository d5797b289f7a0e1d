package io.hdrlog.core.instrument.servlet;

import jakarta.servlet.DispatcherType;
import java.util.EnumSet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.ForwardedRequestCustomizer;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** {@link Servlets} in Jetty. */
public final class JettyApp {
  private static Server server;

  private JettyApp() {}

  public static Object start() throws Exception {
    server = new Server();
    ServerConnector connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    connector
        .getConnectionFactory(HttpConnectionFactory.class)
        .getHttpConfiguration()
        .addCustomizer(new ForwardedRequestCustomizer());
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler("/");
    FilterHolder filter = new FilterHolder(new Servlets.Guard());
    filter.setAsyncSupported(true);
    context.addFilter(filter, "/*", EnumSet.allOf(DispatcherType.class));
    ServletHolder servlet = new ServletHolder(new Servlets.App());
    servlet.setAsyncSupported(true);
    context.addServlet(servlet, "/app/*");
    context.addServlet(new ServletHolder(new Servlets.Plain()), "/plain");
    server.setHandler(context);
    server.start();
    return connector.getLocalPort();
  }

  public static void stop() throws Exception {
    server.stop();
  }
}

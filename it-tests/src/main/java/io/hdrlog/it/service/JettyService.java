package io.hdrlog.it.service;

import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

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
    server.setHandler(servlets());
    server.start();
    Ready.say(connector.getLocalPort());
    new CountDownLatch(1).await();
  }

  /** By reflection: this is compiled against Jetty 12, which has other names for it. */
  private static Handler servlets() throws ReflectiveOperationException {
    Class<?> type = Class.forName("org.eclipse.jetty.servlet.ServletContextHandler");
    Object context = type.getDeclaredConstructor().newInstance();
    type.getMethod("setContextPath", String.class).invoke(context, "/");
    // Jetty's own name for it would end in an identity hash, which is not always of the same
    // length.
    Class<?> holderType = Class.forName("org.eclipse.jetty.servlet.ServletHolder");
    Object holder =
        holderType.getConstructor(String.class, Class.class).newInstance("app", JavaxServlet.class);
    type.getMethod("addServlet", holderType, String.class).invoke(context, holder, "/*");
    holder.getClass().getMethod("setAsyncSupported", boolean.class).invoke(holder, true);
    return (Handler) context;
  }
}

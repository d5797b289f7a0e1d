package io.hdrlog.it.service;

import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty 12: a handler of its core, which nothing instruments, or Jakarta servlets. */
public final class Jetty12Service {
  private Jetty12Service() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Tls tls = new Tls(arguments);
    Server server = new Server();
    HttpConfiguration http = new HttpConfiguration();
    http.setRequestHeaderSize(128 * 1024);
    http.setResponseHeaderSize(128 * 1024);
    ServerConnector connector =
        new ServerConnector(
            server,
            factories(arguments.flag("http2"), tls, http).toArray(new ConnectionFactory[0]));
    connector.setHost(arguments.text("address", "127.0.0.1"));
    connector.setPort(arguments.number("port", 0));
    server.addConnector(connector);
    server.setHandler(
        arguments.text("handler", "servlet").equals("core") ? new JettyHandler() : servlets());
    server.start();
    Ready.say(connector.getLocalPort());
    new CountDownLatch(1).await();
  }

  private static List<ConnectionFactory> factories(boolean http2, Tls tls, HttpConfiguration http)
      throws Exception {
    List<ConnectionFactory> factories = new ArrayList<>();
    if (!tls.on()) {
      factories.add(new HttpConnectionFactory(http));
      if (http2) {
        factories.add(new HTTP2CServerConnectionFactory(http));
      }
      return factories;
    }
    SecureRequestCustomizer customizer = new SecureRequestCustomizer();
    customizer.setSniHostCheck(false);
    http.addCustomizer(customizer);
    SslContextFactory.Server ssl = new SslContextFactory.Server();
    Provider provider = tls.provider();
    if (provider != null) {
      Security.addProvider(provider);
      ssl.setProvider(provider.getName());
    }
    ssl.setKeyStorePath(tls.keystore().toString());
    ssl.setKeyStorePassword(Tls.PASSWORD);
    if (tls.wantsClients()) {
      ssl.setTrustStorePath(tls.keystore().toString());
      ssl.setTrustStorePassword(Tls.PASSWORD);
    }
    ssl.setNeedClientAuth(tls.wantsClients());
    String next = http2 ? "alpn" : "http/1.1";
    factories.add(new SslConnectionFactory(ssl, next));
    if (http2) {
      ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
      alpn.setDefaultProtocol("http/1.1");
      factories.add(alpn);
      factories.add(new HTTP2ServerConnectionFactory(http));
    }
    factories.add(new HttpConnectionFactory(http));
    return factories;
  }

  private static Handler servlets() {
    ServletContextHandler context = new ServletContextHandler();
    context.setContextPath("/");
    ServletHolder holder = new ServletHolder("app", new AppServlet());
    holder.setAsyncSupported(true);
    context.addServlet(holder, "/*");
    return context;
  }
}

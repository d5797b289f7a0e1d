package io.hdrlog.bench.service;

import io.hdrlog.bench.Headers;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.OpenSSLLifecycleListener;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.apache.catalina.valves.AccessLogValve;
import org.apache.catalina.valves.JsonAccessLogValve;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Embedded Tomcat with one servlet, and with the peer that {@code bench.peer} names. */
public final class TomcatService {
  private static final String TLS = System.getProperty("bench.tls", "none");

  private TomcatService() {}

  public static void main(String[] args) throws Exception {
    File dir = new File(System.getProperty("bench.dir"));
    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(new File(dir, "tomcat").getPath());
    Connector connector = connector();
    tomcat.getService().addConnector(connector);
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "orders", new Orders()).addMapping("/*");
    switch (System.getProperty("bench.peer", "none")) {
      case "accesslog" -> addValve(tomcat, new AccessLogValve(), dir);
      case "jsonaccesslog" -> addValve(tomcat, new JsonAccessLogValve(), dir);
      case "logbook" -> addFilter(context, LogbookPeer.filter(dir));
      default -> {}
    }
    if (TLS.equals("openssl")) {
      tomcat.getServer().addLifecycleListener(new OpenSSLLifecycleListener());
    }
    tomcat.start();
    Control.start(
        () -> {
          tomcat.stop();
          tomcat.destroy();
        });
    tomcat.getServer().await();
  }

  private static Connector connector() {
    Connector connector = new Connector("HTTP/1.1");
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(Integer.getInteger("bench.port"));
    // The default closes a connection after 100 requests: then handshakes would be measured.
    connector.setProperty("maxKeepAliveRequests", "-1");
    if (!TLS.equals("none")) {
      connector.setSecure(true);
      connector.setScheme("https");
      connector.setProperty("SSLEnabled", "true");
      // By the foreign function interface, with the system's library.
      connector.setProperty(
          "sslImplementationName",
          TLS.equals("openssl")
              ? "org.apache.tomcat.util.net.openssl.panama.OpenSSLImplementation"
              : "org.apache.tomcat.util.net.jsse.JSSEImplementation");
      SSLHostConfig host = new SSLHostConfig();
      SSLHostConfigCertificate certificate =
          new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.EC);
      certificate.setCertificateKeystoreFile(System.getProperty("bench.keystore"));
      certificate.setCertificateKeystorePassword(System.getProperty("bench.keystore.password"));
      host.addCertificate(certificate);
      connector.addSslHostConfig(host);
    }
    return connector;
  }

  private static void addValve(Tomcat tomcat, AccessLogValve valve, File dir) {
    valve.setDirectory(dir.getAbsolutePath());
    valve.setPrefix("access");
    valve.setSuffix(".log");
    valve.setPattern(pattern());
    addTo(tomcat, valve);
  }

  private static void addTo(Tomcat tomcat, AbstractAccessLogValve valve) {
    tomcat.getHost().getPipeline().addValve(valve);
  }

  /** What hdrlog has in every record as far as the valve can tell it: line, time, all headers. */
  private static String pattern() {
    StringBuilder pattern = new StringBuilder("%h %t \"%r\" %s %b %D");
    for (String name : Headers.requestNames()) {
      pattern.append(" \"%{").append(name).append("}i\"");
    }
    for (String name : Headers.responseNames()) {
      pattern.append(" \"%{").append(name).append("}o\"");
    }
    return pattern.toString();
  }

  private static void addFilter(Context context, Filter filter) {
    FilterDef definition = new FilterDef();
    definition.setFilterName("peer");
    definition.setFilter(filter);
    definition.setAsyncSupported("true");
    context.addFilterDef(definition);
    FilterMap map = new FilterMap();
    map.setFilterName("peer");
    map.addURLPattern("/*");
    context.addFilterMap(map);
  }

  private static final class Orders extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final byte[] BODY = Headers.body();
    private static final String[] HEADERS = Headers.applicationHeaders();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      Control.HANDLED.increment();
      for (int i = 0; i < HEADERS.length; i += 2) {
        response.setHeader(HEADERS[i], HEADERS[i + 1]);
      }
      response.setContentType(Headers.CONTENT_TYPE);
      response.setContentLength(BODY.length);
      response.getOutputStream().write(BODY);
    }
  }
}

package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.core.instrument.servlet.Servlets;
import java.io.File;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** A small Tomcat, whichever version there is. */
public final class TomcatApp {
  private static Tomcat tomcat;

  private TomcatApp() {}

  @SuppressWarnings("deprecation") // in 11 only
  public static Object start() throws Exception {
    tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    Connector connector = new Connector("HTTP/1.1");
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    tomcat.setConnector(connector);
    Context root = tomcat.addContext("", new File(".").getAbsolutePath());
    Tomcat.addServlet(root, "app", new Servlets.App()).setAsyncSupported(true);
    root.addServletMappingDecoded("/app/*", "app");
    tomcat.start();
    return connector.getLocalPort();
  }

  public static void stop() throws Exception {
    tomcat.stop();
    tomcat.destroy();
  }
}

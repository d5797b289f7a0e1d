package io.hdrlog.core.instrument.tomcat;

import io.hdrlog.core.instrument.servlet.Servlets;
import java.io.File;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.catalina.webresources.TomcatURLStreamHandlerFactory;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** A small Tomcat, whichever version there is. */
public final class TomcatApp {
  private static Tomcat tomcat;

  private TomcatApp() {}

  @SuppressWarnings("deprecation") // in 11 only
  public static Object start() throws Exception {
    // There is one for the whole JVM, and another Tomcat may have set it.
    TomcatURLStreamHandlerFactory.disable();
    tomcat = new Tomcat();
    tomcat.setBaseDir(System.getProperty("java.io.tmpdir"));
    Connector connector = new Connector("HTTP/1.1");
    connector.setPort(0);
    connector.setProperty("address", "127.0.0.1");
    connector.addUpgradeProtocol(new Http2Protocol());
    String keystore = System.getProperty("test.keystore");
    if (keystore != null) {
      connector.setProperty("SSLEnabled", "true");
      connector.setScheme("https");
      connector.setSecure(true);
      SSLHostConfig host = new SSLHostConfig();
      SSLHostConfigCertificate certificate =
          new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.UNDEFINED);
      certificate.setCertificateKeystoreFile(keystore);
      certificate.setCertificateKeystorePassword("changeit");
      host.addCertificate(certificate);
      connector.addSslHostConfig(host);
    }
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

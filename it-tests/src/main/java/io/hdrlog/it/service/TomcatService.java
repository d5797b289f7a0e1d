package io.hdrlog.it.service;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleListener;
import org.apache.catalina.Wrapper;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.core.AprLifecycleListener;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

/** Embedded Tomcat, 10.1 or 11 as the class path says. */
public final class TomcatService {
  // Held: the log manager keeps loggers, and their levels, by weak references only.
  private static final Logger QUIET = Logger.getLogger("org.apache");

  private TomcatService() {}

  public static void main(String[] args) throws Exception {
    QUIET.setLevel(Level.SEVERE);
    Arguments arguments = new Arguments(args);
    Path base = Files.createTempDirectory("hdrlog-it-tomcat");
    base.toFile().deleteOnExit();

    Tomcat tomcat = new Tomcat();
    tomcat.setBaseDir(base.toString());
    Connector connector =
        new Connector(
            arguments.flag("nio2")
                ? "org.apache.coyote.http11.Http11Nio2Protocol"
                : "org.apache.coyote.http11.Http11NioProtocol");
    connector.setPort(arguments.number("port", 0));
    connector.setProperty("address", arguments.text("address", "127.0.0.1"));
    connector.setProperty("maxThreads", Integer.toString(arguments.number("threads", 60)));
    connector.setProperty("minSpareThreads", "2");
    connector.setProperty("maxKeepAliveRequests", "-1");
    connector.setProperty(
        "connectionTimeout", Integer.toString(arguments.number("timeoutMs", 20_000)));
    connector.setProperty("acceptCount", Integer.toString(arguments.number("backlog", 100)));
    connector.setProperty(
        "maxConnections", Integer.toString(arguments.number("connections", 8192)));
    connector.setProperty("useVirtualThreads", Boolean.toString(arguments.flag("virtual")));
    connector.setProperty("maxHttpHeaderSize", Integer.toString(arguments.number("head", 8192)));
    if (arguments.flag("http2")) {
      connector.addUpgradeProtocol(new Http2Protocol());
    }
    Tls tls = new Tls(arguments);
    if (tls.on()) {
      secure(connector, tls, arguments.text("protocols", "all"));
    }
    tomcat.setConnector(connector);

    Context context = tomcat.addContext("", base.toString());
    Wrapper servlet = Tomcat.addServlet(context, "app", new AppServlet());
    servlet.setAsyncSupported(true);
    servlet.addMapping("/");
    ErrorPage page = new ErrorPage();
    page.setErrorCode(418);
    page.setLocation("/error-page");
    context.addErrorPage(page);

    if (tls.name().equals("tcnative")) {
      tomcat.getServer().addLifecycleListener(new AprLifecycleListener());
    }
    if (tls.name().equals("panama")) {
      // In a jar of its own, which not every Tomcat has.
      tomcat
          .getServer()
          .addLifecycleListener(
              Class.forName("org.apache.catalina.core.OpenSSLLifecycleListener")
                  .asSubclass(LifecycleListener.class)
                  .getDeclaredConstructor()
                  .newInstance());
    }
    tomcat.start();
    Ready.say(connector.getLocalPort());
    new CountDownLatch(1).await();
  }

  /** By the JDK, by OpenSSL through the foreign function interface, or by OpenSSL through JNI. */
  private static void secure(Connector connector, Tls tls, String protocols) throws Exception {
    connector.setSecure(true);
    connector.setScheme("https");
    connector.setProperty("SSLEnabled", "true");
    connector.setProperty(
        "sslImplementationName",
        switch (tls.name()) {
          case "panama" -> "org.apache.tomcat.util.net.openssl.panama.OpenSSLImplementation";
          case "tcnative" -> "org.apache.tomcat.util.net.openssl.OpenSSLImplementation";
          default -> "org.apache.tomcat.util.net.jsse.JSSEImplementation";
        });
    Provider provider = tls.provider();
    if (provider != null) {
      Security.insertProviderAt(provider, 1);
      // Its primitives are in a provider of their own.
      Security.addProvider(
          Class.forName("org.bouncycastle.jce.provider.BouncyCastleProvider")
              .asSubclass(Provider.class)
              .getDeclaredConstructor()
              .newInstance());
    }
    SSLHostConfig host = new SSLHostConfig();
    host.setProtocols(protocols);
    if (tls.wantsClients()) {
      host.setCertificateVerification("required");
      host.setTrustStore(tls.trusted());
    }
    SSLHostConfigCertificate certificate =
        new SSLHostConfigCertificate(host, SSLHostConfigCertificate.Type.RSA);
    certificate.setCertificateKeystoreFile(tls.keystore().toString());
    certificate.setCertificateKeystorePassword(Tls.PASSWORD);
    certificate.setCertificateKeystoreType("PKCS12");
    host.addCertificate(certificate);
    connector.addSslHostConfig(host);
  }
}

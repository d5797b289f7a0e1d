package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.instrument.netty.NettyApp;
import io.hdrlog.core.instrument.tomcat.TomcatApp;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Under TLS heads are seen in the clear, and positions are not claimed. */
class TlsTest {
  private static final String GET =
      """
      GET /app/a HTTP/1.1\r
      Host: localhost\r
      \r
      """;

  @TempDir static Path folder;
  private final Harness harness = Harness.install();

  @BeforeAll
  static void key() throws Exception {
    Path keystore = folder.resolve("keystore.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "test",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-storepass",
                "changeit",
                "-keystore",
                keystore.toString())
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(classes = {TomcatApp.class, NettyApp.class})
  void theSessionIsTold(Class<?> app) throws Exception {
    harness.exchanges.clear();
    System.setProperty("test.keystore", folder.resolve("keystore.p12").toString());
    try (IsolatedLoader loader = new IsolatedLoader(entry -> true)) {
      int port = (Integer) loader.call(app, "start");
      try (SSLSocket socket = connect(port)) {
        socket.getOutputStream().write(GET.getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
        Exchange x = harness.only();
        assertThat(Harness.requestHead(x)).isEqualTo(GET);
        assertThat(x.secure).isTrue();
        assertThat(x.tlsVersion).isEqualTo("TLSv1.3");
        assertThat(x.tlsCipher).isEqualTo(socket.getSession().getCipherSuite());
        assertThat(x.tlsServerName).isEqualTo("localhost");
        assertThat(x.tlsProvider).isEqualTo("jsse");
        assertThat(x.rxStart).isEqualTo(Exchange.UNKNOWN);
        assertThat(x.txEnd).isEqualTo(Exchange.UNKNOWN);
        assertThat(x.connectionRequest).isEqualTo(1);
        assertThat(x.addressed).isTrue();
      } finally {
        loader.call(app, "stop");
      }
    } finally {
      System.clearProperty("test.keystore");
    }
  }

  /** A port scan, or a health check of a load balancer. */
  @ParameterizedTest
  @ValueSource(classes = {TomcatApp.class, NettyApp.class})
  void aConnectionThatNeverShakesHandsIsNothing(Class<?> app) throws Exception {
    harness.exchanges.clear();
    System.setProperty("test.keystore", folder.resolve("keystore.p12").toString());
    try (IsolatedLoader loader = new IsolatedLoader(entry -> true)) {
      int port = (Integer) loader.call(app, "start");
      try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), port)) {
        harness.nothing();
        silent.shutdownOutput();
        assertThat(silent.getInputStream().read()).isNegative();
      }
      try (Socket reset = new Socket(InetAddress.getLoopbackAddress(), port)) {
        reset.setSoLinger(true, 0);
      }
      harness.nothing();
      loader.call(app, "stop");
    } finally {
      System.clearProperty("test.keystore");
    }
  }

  private static SSLSocket connect(int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new TrustAll()}, new SecureRandom());
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("localhost")));
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static final class TrustAll implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      assertThat(Set.of(chain)).isNotEmpty();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}

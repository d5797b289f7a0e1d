package io.hdrlog.it.harness;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A client's TLS, and the one key that clients and services of the tests have. */
public final class TlsClient {
  /** What clients call the server: no name that resolves, but the one in its certificate. */
  public static final String SERVER_NAME = "hdrlog.test";

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static Path keystore;

  private final SSLContext context;
  private final String protocol;

  private TlsClient(SSLContext context, String protocol) {
    this.context = context;
    this.protocol = protocol;
  }

  /** A client that speaks this version only; its sessions are its own. */
  public static TlsClient of(String protocol) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      try (InputStream in = Files.newInputStream(keystore())) {
        store.load(in, PASSWORD);
      }
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(store, PASSWORD);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return new TlsClient(context, protocol);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** For clients that are not ours. */
  public SSLContext context() {
    return context;
  }

  /** Key and certificate, made once a run. */
  public static synchronized Path keystore() {
    if (keystore == null) {
      try {
        Files.createDirectories(Project.runs());
        Path file = Files.createTempDirectory(Project.runs(), "key").resolve("keystore.p12");
        Machine.run(
            Jdks.current().resolve("bin/keytool").toString(),
            "-genkeypair",
            "-alias",
            "test",
            "-keyalg",
            "RSA",
            "-keysize",
            "2048",
            "-dname",
            "CN=" + SERVER_NAME,
            "-ext",
            "san=dns:" + SERVER_NAME + ",ip:127.0.0.1",
            "-storepass",
            new String(PASSWORD),
            "-storetype",
            "PKCS12",
            "-keystore",
            file.toString());
        keystore = file;
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
    return keystore;
  }

  Socket over(Socket connected) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(
                    connected,
                    InetAddress.getLoopbackAddress().getHostAddress(),
                    connected.getPort(),
                    true);
    socket.setEnabledProtocols(new String[] {protocol});
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(SERVER_NAME)));
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}

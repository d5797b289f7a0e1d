package io.hdrlog.it.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** The TLS that a service is told to use: {@code tls=NAME keystore=FILE clients=true}. */
final class Tls {
  static final String PASSWORD = "changeit";

  private final String name;
  private final Path keystore;
  private final boolean clients;

  Tls(Arguments arguments) {
    name = arguments.text("tls", "");
    keystore = Path.of(arguments.text("keystore", ""));
    clients = arguments.flag("clients");
  }

  boolean on() {
    return !name.isEmpty();
  }

  String name() {
    return name;
  }

  Path keystore() {
    return keystore;
  }

  /** Whether a client has to show a certificate. */
  boolean wantsClients() {
    return clients;
  }

  /** The provider of that name; null is the JDK's. By name: most services run without it. */
  Provider provider() throws ReflectiveOperationException {
    String className =
        switch (name) {
          case "conscrypt" -> "org.conscrypt.OpenSSLProvider";
          case "bouncycastle" -> "org.bouncycastle.jsse.provider.BouncyCastleJsseProvider";
          default -> null;
        };
    return className == null
        ? null
        : Class.forName(className)
            .asSubclass(Provider.class)
            .getDeclaredConstructor()
            .newInstance();
  }

  KeyManagerFactory keys() throws GeneralSecurityException, IOException {
    KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
    keys.init(store(), PASSWORD.toCharArray());
    return keys;
  }

  /** Who may show a certificate: the one whose key it is. */
  TrustManagerFactory trust() throws GeneralSecurityException, IOException {
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store());
    return trust;
  }

  /** The same, for those who take no key's certificate for a trusted one. */
  KeyStore trusted() throws GeneralSecurityException, IOException {
    KeyStore store = store();
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    for (String alias : Collections.list(store.aliases())) {
      trusted.setCertificateEntry(alias, store.getCertificate(alias));
    }
    return trusted;
  }

  SSLContext context() throws GeneralSecurityException, IOException, ReflectiveOperationException {
    Provider provider = provider();
    SSLContext context =
        provider == null ? SSLContext.getInstance("TLS") : SSLContext.getInstance("TLS", provider);
    context.init(keys().getKeyManagers(), trust().getTrustManagers(), null);
    return context;
  }

  KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keystore)) {
      store.load(in, PASSWORD.toCharArray());
    }
    return store;
  }
}

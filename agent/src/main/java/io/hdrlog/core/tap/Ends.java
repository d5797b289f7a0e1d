package io.hdrlog.core.tap;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.IpAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.SocketChannel;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLSession;

/** What stays the same on a connection: its addresses and its TLS session. Read once. */
final class Ends implements SocketEnds.Receiver {
  private static final long MAPPED_PREFIX = 0xffffL << 32;

  private long remoteHigh;
  private long remoteLow;
  private long localHigh;
  private long localLow;
  private int remotePort;
  private int localPort;
  private boolean addressed;

  private boolean secure;
  private String tlsVersion;
  private String tlsCipher;
  private String tlsServerName;
  private String tlsProvider;

  /** A channel of NIO or NIO.2; anything else leaves the ends unknown. */
  void channel(Object channel) throws IOException {
    if (channel instanceof SocketChannel nio) {
      sockets(nio.getRemoteAddress(), nio.getLocalAddress());
    } else if (channel instanceof AsynchronousSocketChannel nio2) {
      sockets(nio2.getRemoteAddress(), nio2.getLocalAddress());
    }
  }

  @Override
  public void sockets(SocketAddress remote, SocketAddress local) {
    if (remote instanceof InetSocketAddress r
        && local instanceof InetSocketAddress l
        && r.getAddress() != null
        && l.getAddress() != null) {
      addresses(r.getAddress(), l.getAddress());
      remotePort = r.getPort();
      localPort = l.getPort();
      addressed = true;
    }
  }

  /** Addresses as text; anything that is no literal address leaves the ends unknown. */
  void literals(String remote, int remotePortGiven, String local, int localPortGiven) {
    if (!isLiteral(remote) || !isLiteral(local)) {
      return;
    }
    try {
      addresses(InetAddress.getByName(remote), InetAddress.getByName(local));
    } catch (UnknownHostException e) {
      return;
    }
    remotePort = remotePortGiven;
    localPort = localPortGiven;
    addressed = true;
  }

  /** A literal never leads to a look-up in the DNS. */
  private static boolean isLiteral(String address) {
    if (address == null || address.isEmpty()) {
      return false;
    }
    boolean colon = address.indexOf(':') >= 0;
    char last = address.charAt(address.length() - 1);
    return colon || (last >= '0' && last <= '9' && address.chars().allMatch(Ends::isDigitOrDot));
  }

  private static boolean isDigitOrDot(int c) {
    return c == '.' || (c >= '0' && c <= '9');
  }

  private void addresses(InetAddress remote, InetAddress local) {
    byte[] bytes = remote.getAddress();
    remoteHigh = high(bytes);
    remoteLow = low(bytes);
    bytes = local.getAddress();
    localHigh = high(bytes);
    localLow = low(bytes);
  }

  private static long high(byte[] address) {
    return address.length == 16 ? IpAddress.high(address) : 0;
  }

  private static long low(byte[] address) {
    return address.length == 16
        ? IpAddress.low(address)
        : MAPPED_PREFIX | IpAddress.number(address, 0, 4);
  }

  boolean known() {
    return addressed;
  }

  /** The two sockets, as a key. A port alone says little: two clients may have the same. */
  record Key(
      long remoteHigh,
      long remoteLow,
      long localHigh,
      long localLow,
      int remotePort,
      int localPort) {}

  int localPort() {
    return localPort;
  }

  Key key() {
    return new Key(remoteHigh, remoteLow, localHigh, localLow, remotePort, localPort);
  }

  /** That of a connected socket; of any other, one that no socket has. */
  static Key key(Socket socket) {
    Ends ends = new Ends();
    ends.sockets(socket.getRemoteSocketAddress(), socket.getLocalSocketAddress());
    return ends.key();
  }

  /** What was read of the addresses is doubtful. */
  void forget() {
    addressed = false;
  }

  void secure() {
    secure = true;
  }

  boolean isSecure() {
    return secure;
  }

  void tls(SSLSession session) {
    secure = true;
    if (session == null) {
      return;
    }
    tlsVersion = version(session.getProtocol());
    tlsCipher = session.getCipherSuite();
    tlsProvider = provider(session.getClass().getName());
    if (session instanceof ExtendedSSLSession extended) {
      try {
        for (SNIServerName name : extended.getRequestedServerNames()) {
          if (name instanceof SNIHostName host) {
            tlsServerName = host.getAsciiName();
          }
        }
      } catch (UnsupportedOperationException e) {
        tlsServerName = null;
      }
    }
  }

  /** Tomcat's OpenSSL says what could have been as well: {@code TLSv1.3:TLS}. */
  private static String version(String protocol) {
    int colon = protocol == null ? -1 : protocol.indexOf(':');
    return colon < 0 ? protocol : protocol.substring(0, colon);
  }

  private static String provider(String sessionClass) {
    // Bouncy Castle's is a JSSE in Java as well.
    if (sessionClass.startsWith("sun.security.ssl.")
        || sessionClass.startsWith("org.bouncycastle.")) {
      return "jsse";
    }
    if (sessionClass.contains("conscrypt")) {
      return "conscrypt";
    }
    // netty-tcnative is BoringSSL as it is published; Tomcat's own bindings are to OpenSSL.
    return sessionClass.contains("io.netty.") ? "boringssl" : "openssl";
  }

  void copyTo(Exchange x) {
    if (addressed) {
      x.remoteHigh = remoteHigh;
      x.remoteLow = remoteLow;
      x.localHigh = localHigh;
      x.localLow = localLow;
      x.remotePort = remotePort;
      x.localPort = localPort;
      x.addressed = true;
    }
    if (secure) {
      x.secure = true;
      x.tlsVersion = tlsVersion;
      x.tlsCipher = tlsCipher;
      x.tlsServerName = tlsServerName;
      x.tlsProvider = tlsProvider;
    }
  }
}

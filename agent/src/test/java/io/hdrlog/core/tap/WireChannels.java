package io.hdrlog.core.tap;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Connections to watch, for tests of who watches them. */
public final class WireChannels {
  private WireChannels() {}

  /** One that is seen from its first byte. */
  public static WireChannel fromStart(int clientPort) {
    Ends ends = new Ends();
    InetAddress here = InetAddress.getLoopbackAddress();
    ends.sockets(new InetSocketAddress(here, clientPort), new InetSocketAddress(here, 8080));
    return new WireChannel(true, null, ends);
  }
}

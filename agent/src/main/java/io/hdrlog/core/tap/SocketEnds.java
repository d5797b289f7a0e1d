package io.hdrlog.core.tap;

import java.io.IOException;
import java.net.SocketImpl;

/** Reads the ends of a blocking socket, which are not public. */
public interface SocketEnds {
  /** Sets the ends, or leaves them as they are if they cannot be read. */
  void read(SocketImpl socket, Receiver to) throws IOException;

  /** Takes the two ends. */
  interface Receiver {
    void sockets(java.net.SocketAddress remote, java.net.SocketAddress local);
  }
}

package io.hdrlog.core.tap;

import java.io.FileDescriptor;
import java.io.IOException;
import java.net.SocketImpl;

/** Reads the ends of sockets of which they are not public. */
public interface SocketEnds {
  /** Sets the ends, or leaves them as they are if they cannot be read. */
  void read(SocketImpl socket, Receiver to) throws IOException;

  /** The same of a socket of which no more is known than its descriptor. */
  void read(FileDescriptor socket, Receiver to) throws IOException;

  /** Whether it is closed, or about to be. */
  boolean isClosed(SocketImpl socket);

  /** Takes the two ends. */
  interface Receiver {
    void sockets(java.net.SocketAddress remote, java.net.SocketAddress local);
  }
}

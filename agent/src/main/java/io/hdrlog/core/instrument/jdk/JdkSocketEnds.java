package io.hdrlog.core.instrument.jdk;

import io.hdrlog.core.tap.SocketEnds;
import java.io.FileDescriptor;
import java.io.IOException;
import java.lang.instrument.Instrumentation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketImpl;

/**
 * The ends of a socket: of a blocking one fields of {@link SocketImpl}, and what the kernel says.
 * Read once a connection.
 */
public final class JdkSocketEnds implements SocketEnds {
  /** {@code NioSocketImpl.ST_CLOSING}, in JDK 17 as in 25. */
  private static final int CLOSING = 4;

  private static final String BLOCKING = "sun.nio.ch.NioSocketImpl";

  private final VarHandle address;
  private final VarHandle port;
  private final VarHandle descriptor;
  private final MethodHandle localAddress;
  private final MethodHandle remoteAddress;

  /** Of {@code NioSocketImpl}, which is woven, and must not be loaded by who weaves. */
  private volatile VarHandle state;

  private JdkSocketEnds(Class<?> net) throws ReflectiveOperationException {
    MethodHandles.Lookup own = MethodHandles.lookup();
    MethodHandles.Lookup sockets = MethodHandles.privateLookupIn(SocketImpl.class, own);
    address = sockets.findVarHandle(SocketImpl.class, "address", InetAddress.class);
    port = sockets.findVarHandle(SocketImpl.class, "port", int.class);
    descriptor = sockets.findVarHandle(SocketImpl.class, "fd", FileDescriptor.class);
    MethodHandles.Lookup nets = MethodHandles.privateLookupIn(net, own);
    MethodType ofDescriptor = MethodType.methodType(InetSocketAddress.class, FileDescriptor.class);
    localAddress = nets.findStatic(net, "localAddress", ofDescriptor);
    remoteAddress = nets.findStatic(net, "remoteAddress", ofDescriptor);
  }

  /** Opens the two packages that it reads, and looks up what is in them. */
  public static SocketEnds open(Instrumentation instrumentation) {
    JdkPackages.open(instrumentation, "java.net", "sun.nio.ch");
    try {
      return new JdkSocketEnds(Class.forName("sun.nio.ch.Net"));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sockets of this JDK cannot be read: " + e, e);
    }
  }

  @Override
  public void read(SocketImpl socket, Receiver to) throws IOException {
    FileDescriptor fd = (FileDescriptor) descriptor.get(socket);
    InetAddress remote = (InetAddress) address.get(socket);
    if (fd == null || remote == null) {
      return;
    }
    to.sockets(new InetSocketAddress(remote, (int) port.get(socket)), call(localAddress, fd));
  }

  @Override
  public void read(FileDescriptor socket, Receiver to) throws IOException {
    to.sockets(call(remoteAddress, socket), call(localAddress, socket));
  }

  @Override
  public boolean isClosed(SocketImpl socket) {
    Class<?> type = socket.getClass();
    if (!type.getName().equals(BLOCKING)) {
      return false;
    }
    VarHandle known = state;
    if (known == null) {
      known = stateOf(type);
      state = known;
    }
    return (int) known.getVolatile(socket) >= CLOSING;
  }

  private static VarHandle stateOf(Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findVarHandle(type, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("sockets of this JDK cannot be read: " + e, e);
    }
  }

  private static InetSocketAddress call(MethodHandle end, FileDescriptor fd) throws IOException {
    try {
      return (InetSocketAddress) end.invokeExact(fd);
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }
}

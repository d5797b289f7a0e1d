package io.hdrlog.tap;

import java.net.SocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * The one class that instrumented code sees. Advice, inlined into Tomcat, Netty and servlets, calls
 * the static methods; they hand on to the installed sink, or do nothing.
 *
 * <p>It is relocated into {@code java.lang} and defined there at start, because every class loader
 * sees that package. That is why it is one class file, knows types of {@code java.base} only, and
 * passes everything that belongs to the agent as {@link Object}.
 *
 * <p>Positions and lengths are bytes. {@code state} is what {@link #coyoteState}, {@link
 * #nettyOpen} or {@link #servletOpen} returned; where it is null nothing happens.
 */
public abstract class Tap {
  // Not volatile: written before any class is instrumented, and a stale null only loses a record.
  private static Tap sink;

  protected Tap() {}

  /** Installs the sink; null takes it away. */
  public static void install(Tap tap) {
    sink = tap;
  }

  /** An advice threw. It never reaches the application. */
  public static void failed(Throwable failure) {
    Tap s = sink;
    if (s != null) {
      s.onFailed(failure);
    }
  }

  // What goes over the wire: the JDK's sockets, and TLS engines of any provider.

  /** A listening socket gave this one. */
  public static void wireAccepted(Object socket) {
    Tap s = sink;
    if (s != null) {
      s.onWireAccepted(socket);
    }
  }

  /** A read put {@code count} bytes into the buffer; -1 if the peer has ended. */
  public static void wireReceived(Object socket, ByteBuffer to, int count) {
    Tap s = sink;
    if (s != null) {
      s.onWireReceived(socket, to, null, count > 0 ? to.position() - count : 0, count);
    }
  }

  /** As above, into an array. */
  public static void wireReceived(Object socket, byte[] to, int offset, int count) {
    Tap s = sink;
    if (s != null) {
      s.onWireReceived(socket, null, to, offset, count);
    }
  }

  /** A write took {@code count} bytes out of the buffer. */
  public static void wireSent(Object socket, ByteBuffer from, int count) {
    Tap s = sink;
    if (s != null && count > 0) {
      s.onWireSent(socket, from, null, from.position() - count, count);
    }
  }

  /**
   * A write begins. What it moves is told when the call is over, and by then another thread may
   * have read the peer's end and closed the socket: until one of the {@code wireWritten} below, the
   * connection is not over.
   */
  public static void wireWriting(Object socket) {
    Tap s = sink;
    if (s != null) {
      s.onWireWriting(socket);
    }
  }

  /** In the midst of a write: the kernel took {@code count} bytes. */
  public static void wireTaken(long count) {
    Tap s = sink;
    if (s != null) {
      s.onWireTaken(count);
    }
  }

  /**
   * The write is over, and took {@code count} bytes out of the buffer; or it threw, perhaps after
   * the kernel took them.
   */
  public static void wireWritten(
      Object socket, ByteBuffer from, int start, int count, Throwable failure) {
    Tap s = sink;
    if (s != null) {
      try {
        int taken = failure == null ? count : s.onWireTaken();
        if (taken > 0 && from.position() == start + taken) {
          s.onWireSent(socket, from, null, start, taken);
        } else if (taken > 0) {
          // Another thread has given the buffer back already, and may fill it again.
          s.onWireSentUnseen(socket, taken);
        }
      } finally {
        s.onWireWritten(socket, failure);
      }
    }
  }

  /** As above, out of an array. */
  public static void wireWritten(
      Object socket, byte[] from, int offset, int count, Throwable failure) {
    Tap s = sink;
    if (s != null) {
      try {
        if (failure == null) {
          s.onWireSent(socket, null, from, offset, count);
        }
      } finally {
        s.onWireWritten(socket, failure);
      }
    }
  }

  /** As above, out of several buffers. */
  public static void wireWritten(
      Object socket,
      ByteBuffer[] from,
      int offset,
      int length,
      long before,
      long count,
      Throwable failure) {
    Tap s = sink;
    if (s != null) {
      try {
        long taken = failure == null ? count : s.onWireTaken();
        s.onWireGathered(socket, from, offset, length, before, taken);
      } finally {
        s.onWireWritten(socket, failure);
      }
    }
  }

  /** As above, out of a file. */
  public static void wireWritten(Object socket, long count, Throwable failure) {
    Tap s = sink;
    if (s != null) {
      try {
        if (failure == null) {
          s.onWireSentUnseen(socket, count);
        }
      } finally {
        s.onWireWritten(socket, failure);
      }
    }
  }

  /** Bytes that were in no buffer were sent. */
  public static void wireSentUnseen(Object socket, long count) {
    Tap s = sink;
    if (s != null) {
      s.onWireSentUnseen(socket, count);
    }
  }

  /** What is to be known of several buffers before a call that moves bytes. */
  public static long wirePositions(ByteBuffer[] buffers, int offset, int length) {
    Tap s = sink;
    return s == null ? 0 : s.onWirePositions(buffers, offset, length);
  }

  /** A call moved {@code count} bytes of several buffers. */
  public static void wireMoved(
      Object socket, boolean sent, ByteBuffer[] buffers, int offset, long before, long count) {
    Tap s = sink;
    if (s != null) {
      s.onWireMoved(socket, sent, buffers, offset, before, count);
    }
  }

  /** A read or a write threw. */
  public static void wireFailed(Object socket, Throwable failure) {
    Tap s = sink;
    if (s != null) {
      s.onWireFailed(socket, failure);
    }
  }

  /** The application closes a socket that is not the JDK's. */
  public static void wireClosing(Object socket) {
    Tap s = sink;
    if (s != null) {
      s.onWireClosing(socket);
    }
  }

  /** The socket is closed. */
  public static void wireClosed(Object socket) {
    Tap s = sink;
    if (s != null) {
      s.onWireClosed(socket);
    }
  }

  /** Whether bytes of sockets that are not the JDK's are wanted. */
  public static boolean wireWanted() {
    Tap s = sink;
    return s != null && s.onWireWanted();
  }

  /** A socket that is not the JDK's was accepted. */
  public static void wireOpened(Object socket, SocketAddress remote, SocketAddress local) {
    Tap s = sink;
    if (s != null) {
      s.onWireOpened(socket, remote, local);
    }
  }

  /** Bytes came from a socket, or go to it, and stay in the buffer. */
  public static void wirePassed(
      Object socket, boolean sent, ByteBuffer buffer, int index, int count) {
    Tap s = sink;
    if (s != null) {
      if (sent) {
        s.onWireSent(socket, buffer, null, index, count);
      } else {
        s.onWireReceived(socket, buffer, null, index, count);
      }
    }
  }

  /** An engine decrypted. */
  public static void wireUnwrapped(
      SSLEngine engine,
      ByteBuffer from,
      ByteBuffer[] to,
      int offset,
      long before,
      SSLEngineResult result) {
    Tap s = sink;
    if (s != null && result != null) {
      s.onWireUnwrapped(
          engine, from, to, offset, before, result.bytesConsumed(), result.bytesProduced());
    }
  }

  /** An engine encrypted. */
  public static void wireWrapped(
      SSLEngine engine, ByteBuffer[] from, int offset, long before, SSLEngineResult result) {
    Tap s = sink;
    if (s != null && result != null) {
      s.onWireWrapped(engine, from, offset, before, result.bytesConsumed(), result.bytesProduced());
    }
  }

  /** A blocking TLS socket gave plaintext. */
  public static void wireReceivedSecure(Object socket, byte[] to, int offset, int count) {
    Tap s = sink;
    if (s != null) {
      s.onWireReceivedSecure((SSLSocket) socket, to, offset, count);
    }
  }

  /** As {@link #wireWritten}, of a blocking TLS socket; the one below tells whether it failed. */
  public static void wireWrittenSecure(
      Object socket, byte[] from, int offset, int count, Throwable failure) {
    Tap s = sink;
    if (s != null) {
      try {
        if (failure == null) {
          s.onWireSentSecure((SSLSocket) socket, from, offset, count);
        }
      } finally {
        s.onWireWritten(socket, null);
      }
    }
  }

  // Tomcat's connector, HTTP/1.1.

  /** The state of a processor; made once, used for all its requests. */
  public static Object coyoteState() {
    Tap s = sink;
    return s == null ? null : s.onCoyoteState();
  }

  /** A connection was accepted: bytes are counted from its very start. */
  public static void coyoteAccepted(Object wrapper) {
    Tap s = sink;
    if (s != null) {
      s.onCoyoteAccepted(wrapper);
    }
  }

  /** A processor serves this connection. True if {@link #coyoteOpened} should tell its ends. */
  public static boolean coyoteAttach(Object state, Object wrapper) {
    Tap s = sink;
    return s != null && state != null && s.onCoyoteAttach(state, wrapper);
  }

  /** The connection's channel and its TLS session, either of which may be null. */
  public static void coyoteOpened(Object state, Object channel, SSLSession session) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteOpened(state, channel, session);
    }
  }

  /** Bytes came from the connection; {@code inHead} until the header block is parsed. */
  public static void coyoteFilled(
      Object state, byte[] bytes, int offset, int length, boolean inHead) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteFilled(state, bytes, offset, length, inHead);
    }
  }

  /** The header block is parsed and ends at this index of the input buffer. */
  public static void coyoteHead(Object state, int position) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteHead(state, position);
    }
  }

  /** The adapter is entered with a request. */
  public static void coyoteEnter(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteEnter(state);
    }
  }

  /** The request was mapped to an application whose class loader is given, or refused. */
  public static void coyoteMapped(Object state, boolean refused, ClassLoader application) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteMapped(state, refused, application);
    }
  }

  /** An asynchronous dispatch begins on this thread. */
  public static void coyoteResume(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteResume(state);
    }
  }

  /** The adapter is left, the request finished or not. */
  public static void coyoteLeave(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteLeave(state);
    }
  }

  /** AsyncContext.complete() was called. */
  public static void coyoteAsyncComplete(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteAsyncComplete(state);
    }
  }

  /** The application did not complete the asynchronous request in its time. */
  public static void coyoteAsyncTimeout(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteAsyncTimeout(state);
    }
  }

  /** The application is done with the response; {@code failure} may be null. */
  public static void coyoteExit(Object state, Throwable failure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteExit(state, failure);
    }
  }

  /** True if a web framework that knows routes better than the servlet mapping is loaded. */
  public static boolean coyoteAskFramework() {
    Tap s = sink;
    return s != null && s.onCoyoteAskFramework();
  }

  /** The route as a string that exists already. */
  public static void coyoteRoute(Object state, String context, String pattern) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteRoute(state, context, pattern);
    }
  }

  /** The route as a path with {@code /*} behind it or, {@code extension}, the path's extension. */
  public static void coyoteRoute(Object state, String context, String path, boolean extension) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteRoute(state, context, path, extension);
    }
  }

  /** A response's header block, informational ones included, is about to be written. */
  public static void coyoteResponse(Object state, byte[] bytes, int offset, int length) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteResponse(state, bytes, offset, length);
    }
  }

  /** {@code 100 Continue} was written, in so many bytes. */
  public static void coyoteAck(Object state, int length) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteAck(state, length);
    }
  }

  /** The body will be sent by the kernel from a file. */
  public static void coyoteSendfile(Object state, long length) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteSendfile(state, length);
    }
  }

  /** The connector gives up on the exchange, or, {@code ioAllowed}, only on the connection. */
  public static void coyoteError(Object state, boolean ioAllowed, Throwable failure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteError(state, ioAllowed, failure);
    }
  }

  /** True between the first byte of a request and its end. */
  public static boolean coyoteIsOpen(Object state) {
    Tap s = sink;
    return s != null && state != null && s.onCoyoteIsOpen(state);
  }

  /** The exchange is over; {@code unread} bytes in the input buffer belong to what follows. */
  public static void coyoteEnd(
      Object state, int unread, long contentRead, long contentWritten, long bytesWritten) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteEnd(state, unread, contentRead, contentWritten, bytesWritten);
    }
  }

  /** Bytes of a pipelined request lie in the input buffer already. */
  public static void coyoteNext(Object state, byte[] bytes, int offset, int length) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteNext(state, bytes, offset, length);
    }
  }

  /** The processor leaves the connection. */
  public static void coyoteDetach(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteDetach(state);
    }
  }

  /** The connection speaks another protocol: what was staged is no request of this one. */
  public static void coyoteDiscard(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onCoyoteDiscard(state);
    }
  }

  /** The connection is closed. */
  public static void coyoteClosed(Object wrapper) {
    Tap s = sink;
    if (s != null) {
      s.onCoyoteClosed(wrapper);
    }
  }

  /** The request id, made when first asked for; null if there is no request. */
  public static String coyoteRequestId(Object state) {
    Tap s = sink;
    return s == null || state == null ? null : s.onCoyoteRequestId(state);
  }

  /** The name of the header that carries the request id back. */
  public static String requestIdHeader() {
    Tap s = sink;
    return s == null ? null : s.onRequestIdHeader();
  }

  // Netty's HTTP/1.1 server codec.

  /** The state of a channel, made at its first request. */
  public static Object nettyOpen(SocketAddress remote, SocketAddress local) {
    Tap s = sink;
    return s == null ? null : s.onNettyOpen(remote, local);
  }

  /** The state of a channel that was seen from its start. */
  public static Object nettyAccepted() {
    Tap s = sink;
    return s == null ? null : s.onNettyAccepted();
  }

  /** The state of a channel whose first bytes come now; null if it may have had others before. */
  public static Object nettyFirst() {
    Tap s = sink;
    return s == null ? null : s.onNettyFirst();
  }

  /** So many bytes came from the socket and go to the channel's handlers. */
  public static void nettyRead(Object state, int bytes) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyRead(state, bytes);
    }
  }

  /** True until the channel's ends are known and {@link #nettyBefore} has heard of its handlers. */
  public static boolean nettyUnknown(Object state) {
    Tap s = sink;
    return s != null && state != null && s.onNettyUnknown(state);
  }

  /** The channel's ends. */
  public static void nettyKnown(Object state, SocketAddress remote, SocketAddress local) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyKnown(state, remote, local);
    }
  }

  /** A handler between the socket and the codec. */
  public static void nettyBefore(Object state, Object handler) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyBefore(state, handler);
    }
  }

  /**
   * The decoder consumed bytes and left others; returns how many of them, from the first consumed
   * one, should be copied to {@link #nettyArray} at {@link #nettyOffset}.
   */
  public static int nettyDecoding(Object state, int consumed, int left, boolean message) {
    Tap s = sink;
    return s == null || state == null ? 0 : s.onNettyDecoding(state, consumed, left, message);
  }

  /** Where request bytes are copied to. */
  public static byte[] nettyArray(Object state) {
    return sink.onNettyArray(state);
  }

  /** Where in {@link #nettyArray}. */
  public static int nettyOffset(Object state) {
    return sink.onNettyOffset(state);
  }

  /** What the decoder made of the bytes it consumed. */
  public static void nettyDecoded(
      Object state,
      int consumed,
      int copied,
      boolean message,
      boolean last,
      long content,
      Throwable failure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyDecoded(state, consumed, copied, message, last, content, failure);
    }
  }

  /**
   * A response's header block of this length was encoded; returns how many of its bytes should be
   * copied to {@link #nettyResponseArray}.
   */
  public static int nettyResponding(Object state, int status, int length) {
    Tap s = sink;
    return s == null || state == null ? 0 : s.onNettyResponding(state, status, length);
  }

  /** Where response bytes are copied to. */
  public static byte[] nettyResponseArray(Object state) {
    return sink.onNettyResponseArray(state);
  }

  /**
   * Whether what is encoded goes through TLS. Called only after {@link #nettyResponding} said that
   * bytes are wanted.
   */
  public static boolean nettySecure(Object state) {
    return sink.onNettySecure(state);
  }

  /** So many bytes were encoded, so many of them content; {@code last} ends the response. */
  public static void nettyEncoded(Object state, long bytes, long content, boolean last) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyEncoded(state, bytes, content, last);
    }
  }

  /** The application closes the channel. */
  public static void nettyClosing(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyClosing(state);
    }
  }

  /** The transport failed, or a read timed out. */
  public static void nettyFailed(Object state, Throwable failure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyFailed(state, failure);
    }
  }

  /** A handler threw, or passed an exception on; {@code inLoop}: on the channel's own thread. */
  public static void nettyThrown(Object state, Throwable failure, boolean inLoop) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyThrown(state, failure, inLoop);
    }
  }

  /** The channel is closed. */
  public static void nettyClosed(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyClosed(state);
    }
  }

  /** The id of the newest request, made when first asked for. */
  public static String nettyRequestId(Object state) {
    Tap s = sink;
    return s == null || state == null ? null : s.onNettyRequestId(state);
  }

  /** The id of the request that is answered next. */
  public static String nettyEchoId(Object state) {
    Tap s = sink;
    return s == null || state == null ? null : s.onNettyEchoId(state);
  }

  /** The newest request goes to the handlers, on this thread; true if it must be told after. */
  public static boolean nettyHandle(Object state, ClassLoader application) {
    Tap s = sink;
    return s != null && state != null && s.onNettyHandle(state, application);
  }

  /** The handlers have returned. */
  public static void nettyHandled(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onNettyHandled(state);
    }
  }

  // The Servlet API, for other containers.

  /** A request enters; null if another entry point covers it. */
  public static Object servletOpen(Object request, ClassLoader application) {
    Tap s = sink;
    return s == null ? null : s.onServletOpen(request, application);
  }

  /** The socket's own ends, where the container tells them and never takes them from a header. */
  public static void servletEnds(
      Object state, String remote, int remotePort, String local, int localPort) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletEnds(state, remote, remotePort, local, localPort);
    }
  }

  /** Whether the container takes the request for one that came over TLS. */
  public static void servletSecure(Object state, boolean secure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletSecure(state, secure);
    }
  }

  /** The container takes its connections' ends from a header of the PROXY protocol. */
  public static void servletProxied() {
    Tap s = sink;
    if (s != null) {
      s.onServletProxied();
    }
  }

  /** As {@link #coyoteAsyncTimeout}. */
  public static void servletAsyncTimeout(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletAsyncTimeout(state);
    }
  }

  /** The request was refused before any application saw it. */
  public static void servletRefused(Object state) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletRefused(state);
    }
  }

  /** What the application threw, and how the connection failed; either may be null. */
  public static void servletFailed(Object state, Throwable failure, Throwable transport) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletFailed(state, failure, transport);
    }
  }

  /** The request line. */
  public static void servletRequest(
      Object state, String method, String path, String query, String protocol) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletRequest(state, method, path, query, protocol);
    }
  }

  /** A request header, or with a null name the end of them. */
  public static void servletRequestHeader(Object state, String name, String value) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletRequestHeader(state, name, value);
    }
  }

  /** The request id, made when first asked for. */
  public static String servletRequestId(Object state) {
    Tap s = sink;
    return s == null || state == null ? null : s.onServletRequestId(state);
  }

  /** A dispatch of a known request: true if this thread is not inside it already. */
  public static boolean servletResume(Object state, ClassLoader application) {
    Tap s = sink;
    return s != null && state != null && s.onServletResume(state, application);
  }

  /** The outermost filter or servlet returned; {@code failure} may be null. */
  public static void servletLeave(Object state, Throwable failure) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletLeave(state, failure);
    }
  }

  /**
   * A listener, implementing the given interface, that waits for an asynchronous request's end;
   * null if one waits already.
   */
  public static Object servletListener(Object state, Object response, Class<?> listener) {
    Tap s = sink;
    return s == null || state == null ? null : s.onServletListener(state, response, listener);
  }

  /** The end: the status and the headers of the response are read from it, then it is published. */
  public static void servletEnd(Object state, Object response, String route) {
    Tap s = sink;
    if (s != null && state != null) {
      s.onServletEnd(state, response, route);
    }
  }

  // What the sink does.

  protected abstract void onFailed(Throwable failure);

  protected abstract void onWireAccepted(Object socket);

  protected abstract boolean onWireWanted();

  protected abstract void onWireOpened(Object socket, SocketAddress remote, SocketAddress local);

  protected abstract void onWireReceived(
      Object socket, ByteBuffer buffer, byte[] array, int index, int count);

  protected abstract void onWireSent(
      Object socket, ByteBuffer buffer, byte[] array, int index, int count);

  protected abstract void onWireSentUnseen(Object socket, long count);

  protected abstract void onWireWriting(Object socket);

  protected abstract void onWireWritten(Object socket, Throwable failure);

  protected abstract long onWirePositions(ByteBuffer[] buffers, int offset, int length);

  protected abstract void onWireTaken(long count);

  protected abstract int onWireTaken();

  protected abstract void onWireGathered(
      Object socket, ByteBuffer[] buffers, int offset, int length, long before, long count);

  protected abstract void onWireMoved(
      Object socket, boolean sent, ByteBuffer[] buffers, int offset, long before, long count);

  protected abstract void onWireFailed(Object socket, Throwable failure);

  protected abstract void onWireClosing(Object socket);

  protected abstract void onWireClosed(Object socket);

  protected abstract void onWireUnwrapped(
      SSLEngine engine,
      ByteBuffer from,
      ByteBuffer[] to,
      int offset,
      long before,
      int consumed,
      int produced);

  protected abstract void onWireWrapped(
      SSLEngine engine, ByteBuffer[] from, int offset, long before, int consumed, int produced);

  protected abstract void onWireReceivedSecure(
      SSLSocket socket, byte[] array, int offset, int count);

  protected abstract void onWireSentSecure(SSLSocket socket, byte[] array, int offset, int count);

  protected abstract Object onCoyoteState();

  protected abstract void onCoyoteAccepted(Object wrapper);

  protected abstract boolean onCoyoteAttach(Object state, Object wrapper);

  protected abstract void onCoyoteOpened(Object state, Object channel, SSLSession session);

  protected abstract void onCoyoteFilled(
      Object state, byte[] bytes, int offset, int length, boolean inHead);

  protected abstract void onCoyoteHead(Object state, int position);

  protected abstract void onCoyoteEnter(Object state);

  protected abstract void onCoyoteMapped(Object state, boolean refused, ClassLoader application);

  protected abstract void onCoyoteResume(Object state);

  protected abstract void onCoyoteLeave(Object state);

  protected abstract void onCoyoteAsyncComplete(Object state);

  protected abstract void onCoyoteAsyncTimeout(Object state);

  protected abstract void onCoyoteExit(Object state, Throwable failure);

  protected abstract boolean onCoyoteAskFramework();

  protected abstract void onCoyoteRoute(Object state, String context, String pattern);

  protected abstract void onCoyoteRoute(
      Object state, String context, String path, boolean extension);

  protected abstract void onCoyoteResponse(Object state, byte[] bytes, int offset, int length);

  protected abstract void onCoyoteAck(Object state, int length);

  protected abstract void onCoyoteSendfile(Object state, long length);

  protected abstract void onCoyoteError(Object state, boolean ioAllowed, Throwable failure);

  protected abstract boolean onCoyoteIsOpen(Object state);

  protected abstract void onCoyoteEnd(
      Object state, int unread, long contentRead, long contentWritten, long bytesWritten);

  protected abstract void onCoyoteNext(Object state, byte[] bytes, int offset, int length);

  protected abstract void onCoyoteDetach(Object state);

  protected abstract void onCoyoteDiscard(Object state);

  protected abstract void onCoyoteClosed(Object wrapper);

  protected abstract String onCoyoteRequestId(Object state);

  protected abstract String onRequestIdHeader();

  protected abstract Object onNettyOpen(SocketAddress remote, SocketAddress local);

  protected abstract Object onNettyAccepted();

  protected abstract Object onNettyFirst();

  protected abstract void onNettyRead(Object state, int bytes);

  protected abstract boolean onNettyUnknown(Object state);

  protected abstract void onNettyKnown(Object state, SocketAddress remote, SocketAddress local);

  protected abstract void onNettyBefore(Object state, Object handler);

  protected abstract int onNettyDecoding(Object state, int consumed, int left, boolean message);

  protected abstract byte[] onNettyArray(Object state);

  protected abstract int onNettyOffset(Object state);

  protected abstract void onNettyDecoded(
      Object state,
      int consumed,
      int copied,
      boolean message,
      boolean last,
      long content,
      Throwable failure);

  protected abstract int onNettyResponding(Object state, int status, int length);

  protected abstract byte[] onNettyResponseArray(Object state);

  protected abstract boolean onNettySecure(Object state);

  protected abstract void onNettyEncoded(Object state, long bytes, long content, boolean last);

  protected abstract void onNettyClosing(Object state);

  protected abstract void onNettyFailed(Object state, Throwable failure);

  protected abstract void onNettyThrown(Object state, Throwable failure, boolean inLoop);

  protected abstract void onNettyClosed(Object state);

  protected abstract String onNettyRequestId(Object state);

  protected abstract String onNettyEchoId(Object state);

  protected abstract boolean onNettyHandle(Object state, ClassLoader application);

  protected abstract void onNettyHandled(Object state);

  protected abstract Object onServletOpen(Object request, ClassLoader application);

  protected abstract void onServletEnds(
      Object state, String remote, int remotePort, String local, int localPort);

  protected abstract void onServletSecure(Object state, boolean secure);

  protected abstract void onServletProxied();

  protected abstract void onServletAsyncTimeout(Object state);

  protected abstract void onServletRefused(Object state);

  protected abstract void onServletFailed(Object state, Throwable failure, Throwable transport);

  protected abstract void onServletRequest(
      Object state, String method, String path, String query, String protocol);

  protected abstract void onServletRequestHeader(Object state, String name, String value);

  protected abstract String onServletRequestId(Object state);

  protected abstract boolean onServletResume(Object state, ClassLoader application);

  protected abstract void onServletLeave(Object state, Throwable failure);

  protected abstract Object onServletListener(Object state, Object response, Class<?> listener);

  protected abstract void onServletEnd(Object state, Object response, String route);
}

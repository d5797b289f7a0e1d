package io.hdrlog.core.tap;

import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.tap.Tap;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * Stands behind {@link Tap}: gives each call to the part that knows its container. Everything here
 * runs on application threads.
 */
public final class TapSink extends Tap {
  /** Kinds of failures that are told in the agent's log; all are counted. */
  private static final int FAILURES_TOLD_MAX = 32;

  private final Counters counters;
  private final AgentLog log;
  private final CoyoteTap coyote;
  private final NettyTap netty;
  private final ServletTap servlet;
  private final String responseHeader;

  /** Written before any class is woven that tells it anything. */
  private volatile WireTap wire;

  private final Set<String> told = ConcurrentHashMap.newKeySet();

  // Written before the first request of the framework can come.
  private volatile boolean askFramework;

  /** {@code mdcs} may be null: then no logging framework is told of request ids. */
  public TapSink(
      Publisher publisher,
      RequestIdSource requestIds,
      MdcSource mdcs,
      TapOptions options,
      Counters counters,
      AgentLog log) {
    RequestIds ids = new RequestIds(requestIds, mdcs, options.requestIdMdc());
    this.counters = counters;
    this.log = log;
    coyote = new CoyoteTap(publisher, counters, ids, options.tls());
    netty = new NettyTap(publisher, counters, ids, options.tls());
    servlet = new ServletTap(publisher, counters, ids, options.tls());
    responseHeader = options.requestIdResponse() ? options.requestIdHeader() : null;
  }

  /** A web framework that names routes itself was loaded. */
  public void frameworkSeen() {
    askFramework = true;
  }

  /** Netty's channels may have sent or received bytes that the tap has not seen. */
  public void distrustNettyPositions() {
    netty.distrustFirstDecode();
  }

  /** Connections of Tomcat that are remembered. */
  public int connections() {
    return coyote.connections();
  }

  /**
   * Publishes what is open on the containers' own taps, as cut off by the JVM's end. To be called
   * by one thread, a moment after the sink was taken away: nothing here is guarded against calls of
   * the application's threads.
   */
  public void endOpen() {
    coyote.endOpen();
    netty.endOpen();
  }

  @Override
  protected void onFailed(Throwable failure) {
    counters.lost(LossReason.TAP_FAILED);
    StackTraceElement[] trace = failure.getStackTrace();
    String at = trace.length == 0 ? "unknown" : trace[0].toString();
    String kind = failure.getClass().getName() + " at=" + at;
    if (told.size() < FAILURES_TOLD_MAX && told.add(kind)) {
      log.warn("tap failed exception=" + failure + " at=" + at);
    }
  }

  /** The JDK's sockets and the TLS engines are woven from now on. */
  public void watchWire(WirePublisher wirePublisher, SocketEnds sockets) {
    wire = new WireTap(wirePublisher, counters, sockets);
  }

  /** Those whose plaintext may be watched, and that nobody has closed. */
  public void eachWireConnection(Consumer<WireChannel> to) {
    wire.eachConnection(to);
  }

  @Override
  protected void onWireAccepted(Object socket) {
    wire.accepted(socket);
  }

  @Override
  protected boolean onWireWanted() {
    return wire != null;
  }

  @Override
  protected void onWireOpened(Object socket, SocketAddress remote, SocketAddress local) {
    wire.opened(socket, remote, local);
  }

  @Override
  protected void onWireReceived(
      Object socket, ByteBuffer buffer, byte[] array, int index, int count) {
    wire.received(socket, buffer, array, index, count);
  }

  @Override
  protected void onWireSent(Object socket, ByteBuffer buffer, byte[] array, int index, int count) {
    wire.sent(socket, buffer, array, index, count);
  }

  @Override
  protected void onWireSentUnseen(Object socket, long count) {
    wire.sentUnseen(socket, count);
  }

  @Override
  protected void onWireWriting(Object socket) {
    wire.writing(socket);
  }

  @Override
  protected void onWireWritten(Object socket, Throwable failure) {
    wire.written(socket, failure);
  }

  @Override
  protected void onWireTaken(long count) {
    WireTap w = wire;
    if (w != null) {
      w.taken(count);
    }
  }

  @Override
  protected int onWireTaken() {
    return wire.taken();
  }

  @Override
  protected void onWireGathered(
      Object socket, ByteBuffer[] buffers, int offset, int length, long before, long count) {
    wire.gathered(socket, buffers, offset, length, before, count);
  }

  @Override
  protected long onWirePositions(ByteBuffer[] buffers, int offset, int length) {
    return Buffers.positions(buffers, offset, length);
  }

  @Override
  protected void onWireMoved(
      Object socket, boolean sent, ByteBuffer[] buffers, int offset, long before, long count) {
    wire.moved(socket, sent, buffers, offset, before, count);
  }

  @Override
  protected void onWireFailed(Object socket, Throwable failure) {
    wire.failed(socket, failure);
  }

  @Override
  protected void onWireClosing(Object socket) {
    wire.closing(socket);
  }

  @Override
  protected void onWireClosed(Object socket) {
    if (wire != null) {
      wire.closed(socket);
    }
  }

  @Override
  protected void onWireUnwrapped(
      SSLEngine engine,
      ByteBuffer from,
      ByteBuffer[] to,
      int offset,
      long before,
      int consumed,
      int produced) {
    wire.unwrapped(engine, from, to, offset, before, consumed, produced);
  }

  @Override
  protected void onWireWrapped(
      SSLEngine engine, ByteBuffer[] from, int offset, long before, int consumed, int produced) {
    wire.wrapped(engine, from, offset, before, consumed, produced);
  }

  @Override
  protected void onWireReceivedSecure(SSLSocket socket, byte[] array, int offset, int count) {
    wire.receivedSecure(socket, array, offset, count);
  }

  @Override
  protected void onWireSentSecure(SSLSocket socket, byte[] array, int offset, int count) {
    wire.sentSecure(socket, array, offset, count);
  }

  @Override
  protected Object onCoyoteState() {
    return new CoyoteState();
  }

  @Override
  protected void onCoyoteAccepted(Object wrapper) {
    coyote.accepted(wrapper);
  }

  @Override
  protected boolean onCoyoteAttach(Object state, Object wrapper) {
    return coyote.attach((CoyoteState) state, wrapper);
  }

  @Override
  protected void onCoyoteOpened(Object state, Object channel, SSLSession session) {
    coyote.opened((CoyoteState) state, channel, session);
  }

  @Override
  protected void onCoyoteFilled(
      Object state, byte[] bytes, int offset, int length, boolean inHead) {
    coyote.filled((CoyoteState) state, bytes, offset, length, inHead);
  }

  @Override
  protected void onCoyoteHead(Object state, int position) {
    coyote.head((CoyoteState) state, position);
  }

  @Override
  protected void onCoyoteEnter(Object state) {
    coyote.enter((CoyoteState) state);
  }

  @Override
  protected void onCoyoteMapped(Object state, boolean refused, ClassLoader application) {
    coyote.mapped((CoyoteState) state, refused, application);
  }

  @Override
  protected void onCoyoteResume(Object state) {
    coyote.resume((CoyoteState) state);
  }

  @Override
  protected void onCoyoteLeave(Object state) {
    coyote.leave((CoyoteState) state);
  }

  @Override
  protected void onCoyoteAsyncComplete(Object state) {
    CoyoteTap.asyncComplete((CoyoteState) state);
  }

  @Override
  protected void onCoyoteAsyncTimeout(Object state) {
    ((CoyoteState) state).asyncTimedOut = true;
  }

  @Override
  protected void onCoyoteExit(Object state, Throwable failure) {
    CoyoteTap.exit((CoyoteState) state, failure);
  }

  @Override
  protected boolean onCoyoteAskFramework() {
    return askFramework;
  }

  @Override
  protected void onCoyoteRoute(Object state, String context, String pattern) {
    coyote.route((CoyoteState) state, context, pattern);
  }

  @Override
  protected void onCoyoteRoute(Object state, String context, String path, boolean extension) {
    coyote.route((CoyoteState) state, context, path, extension);
  }

  @Override
  protected void onCoyoteResponse(Object state, byte[] bytes, int offset, int length) {
    coyote.response((CoyoteState) state, bytes, offset, length);
  }

  @Override
  protected void onCoyoteAck(Object state, int length) {
    CoyoteTap.ack((CoyoteState) state, length);
  }

  @Override
  protected void onCoyoteSendfile(Object state, long length) {
    CoyoteTap.sendfile((CoyoteState) state, length);
  }

  @Override
  protected void onCoyoteError(Object state, boolean ioAllowed, Throwable failure) {
    CoyoteTap.error((CoyoteState) state, ioAllowed, failure);
  }

  @Override
  protected boolean onCoyoteIsOpen(Object state) {
    return ((CoyoteState) state).open;
  }

  @Override
  protected void onCoyoteEnd(
      Object state, int unread, long contentRead, long contentWritten, long bytesWritten) {
    coyote.end((CoyoteState) state, unread, contentRead, contentWritten, bytesWritten);
  }

  @Override
  protected void onCoyoteNext(Object state, byte[] bytes, int offset, int length) {
    coyote.next((CoyoteState) state, bytes, offset, length);
  }

  @Override
  protected void onCoyoteDetach(Object state) {
    CoyoteTap.detach((CoyoteState) state);
  }

  @Override
  protected void onCoyoteDiscard(Object state) {
    CoyoteTap.discard((CoyoteState) state);
  }

  @Override
  protected void onCoyoteClosed(Object wrapper) {
    coyote.closed(wrapper);
  }

  @Override
  protected String onCoyoteRequestId(Object state) {
    return coyote.requestId((CoyoteState) state);
  }

  @Override
  protected String onRequestIdHeader() {
    return responseHeader;
  }

  @Override
  protected Object onNettyOpen(SocketAddress remote, SocketAddress local) {
    return netty.open(remote, local);
  }

  @Override
  protected Object onNettyAccepted() {
    return netty.accepted();
  }

  @Override
  protected Object onNettyFirst() {
    return netty.first();
  }

  @Override
  protected void onNettyRead(Object state, int bytes) {
    ((NettyChannel) state).arrived += bytes;
  }

  @Override
  protected boolean onNettyUnknown(Object state) {
    return !((NettyChannel) state).known;
  }

  @Override
  protected void onNettyKnown(Object state, SocketAddress remote, SocketAddress local) {
    NettyTap.known((NettyChannel) state, remote, local);
  }

  @Override
  protected void onNettyBefore(Object state, Object handler) {
    netty.before((NettyChannel) state, handler);
  }

  @Override
  protected int onNettyDecoding(Object state, int consumed, int left, boolean message) {
    return netty.decoding((NettyChannel) state, consumed, left, message);
  }

  @Override
  protected byte[] onNettyArray(Object state) {
    return ((NettyChannel) state).newest().requestHead;
  }

  @Override
  protected int onNettyOffset(Object state) {
    return ((NettyChannel) state).newest().requestHeadLength;
  }

  @Override
  protected void onNettyDecoded(
      Object state,
      int consumed,
      int copied,
      boolean message,
      boolean last,
      long content,
      Throwable failure) {
    netty.decoded((NettyChannel) state, consumed, copied, message, last, content, failure);
  }

  @Override
  protected int onNettyResponding(Object state, int status, int length) {
    return netty.responding((NettyChannel) state, status, length);
  }

  @Override
  protected byte[] onNettyResponseArray(Object state) {
    return ((NettyChannel) state).oldest().responseHead;
  }

  @Override
  protected boolean onNettySecure(Object state) {
    return ((NettyChannel) state).ends.isSecure();
  }

  @Override
  protected void onNettyEncoded(Object state, long bytes, long content, boolean last) {
    netty.encoded((NettyChannel) state, bytes, content, last);
  }

  @Override
  protected void onNettyClosing(Object state) {
    ((NettyChannel) state).closing = true;
  }

  @Override
  protected void onNettyFailed(Object state, Throwable failure) {
    NettyTap.failed((NettyChannel) state, failure);
  }

  @Override
  protected void onNettyThrown(Object state, Throwable failure, boolean inLoop) {
    NettyTap.thrown((NettyChannel) state, failure, inLoop);
  }

  @Override
  protected void onNettyClosed(Object state) {
    netty.closed((NettyChannel) state);
  }

  @Override
  protected String onNettyRequestId(Object state) {
    return netty.requestId((NettyChannel) state);
  }

  @Override
  protected String onNettyEchoId(Object state) {
    return netty.echoId((NettyChannel) state);
  }

  @Override
  protected boolean onNettyHandle(Object state, ClassLoader application) {
    return netty.handle((NettyChannel) state, application);
  }

  @Override
  protected void onNettyHandled(Object state) {
    netty.handled((NettyChannel) state);
  }

  @Override
  protected Object onServletOpen(Object request, ClassLoader application) {
    return servlet.open(request, application);
  }

  @Override
  protected void onServletEnds(
      Object state, String remote, int remotePort, String local, int localPort) {
    ServletTap.ends((ServletState) state, remote, remotePort, local, localPort);
  }

  @Override
  protected void onServletSecure(Object state, boolean secure) {
    ServletTap.secure((ServletState) state, secure);
  }

  @Override
  protected void onServletProxied() {
    servlet.distrustUndertow();
  }

  @Override
  protected void onServletAsyncTimeout(Object state) {
    ((ServletState) state).asyncTimedOut = true;
  }

  @Override
  protected void onServletRefused(Object state) {
    ServletTap.refused((ServletState) state);
  }

  @Override
  protected void onServletFailed(Object state, Throwable failure, Throwable transport) {
    ServletTap.failed((ServletState) state, failure, transport);
  }

  @Override
  protected void onServletRequest(
      Object state, String method, String path, String query, String protocol) {
    ServletTap.request((ServletState) state, method, path, query, protocol);
  }

  @Override
  protected void onServletRequestHeader(Object state, String name, String value) {
    servlet.header((ServletState) state, name, value);
  }

  @Override
  protected String onServletRequestId(Object state) {
    return servlet.requestId((ServletState) state);
  }

  @Override
  protected boolean onServletResume(Object state, ClassLoader application) {
    // Tomcat's connector gives its own state for a request that it covers.
    return state instanceof ServletState s && servlet.resume(s);
  }

  @Override
  protected void onServletLeave(Object state, Throwable failure) {
    servlet.leave((ServletState) state, failure);
  }

  @Override
  protected Object onServletListener(Object state, Object response, Class<?> listener) {
    return servlet.listener((ServletState) state, response, listener);
  }

  @Override
  protected void onServletEnd(Object state, Object response, String route) {
    servlet.finish((ServletState) state, response, route);
  }
}

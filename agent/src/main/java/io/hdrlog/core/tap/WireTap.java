package io.hdrlog.core.tap;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import io.hdrlog.core.http.ProxyHeader;
import java.io.FileDescriptor;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;

/**
 * What the JDK's sockets and the TLS engines tell: which bytes went over which connection. Copies
 * them for the consumer, and only those that it still wants.
 */
final class WireTap {
  /** Connections watched at a time. */
  static final int CONNECTIONS_MAX = 65_536;

  /** No method that is registered is longer, and every one is of capital letters or a hyphen. */
  private static final int METHOD_MAX = 20;

  private static final int METHOD_MIN = 3;

  /** The last bytes of what is too long to be handed over as a whole. */
  private static final int TAIL_MAX = 1_024;

  private static final byte[] PREFACE = "PRI * HTTP/2.0".getBytes(StandardCharsets.US_ASCII);

  private static final long UNPLACED = -1;

  /** What {@code NioSocketImpl} says to whoever is in a call while another thread closes. */
  private static final String SOCKET_CLOSED = "Socket closed";

  /** A PROXY header with all that balancers put into one. */
  private static final int PROXY_BYTES_MAX = 1_024;

  private final WirePublisher publisher;
  private final Counters counters;
  private final SocketEnds sockets;
  private final Taken taken = new Taken();

  // Keyed by channels, socket implementations, file descriptors and engines; none has an equals of
  // its own.
  private final ConcurrentHashMap<Object, WireChannel> channels = new ConcurrentHashMap<>();

  /** Sockets that wait for their engines, by the random of their ClientHello. */
  private final ConcurrentHashMap<Long, WireChannel> hellos = new ConcurrentHashMap<>();

  /** Sockets that carry TLS: how an SSLSocket finds the one below it. */
  private final ConcurrentHashMap<Ends.Key, WireChannel> securedByEnds = new ConcurrentHashMap<>();

  /** This side's ports of such sockets. */
  private final Ports securedPorts = new Ports();

  WireTap(WirePublisher publisher, Counters counters, SocketEnds sockets) {
    this.publisher = publisher;
    this.counters = counters;
    this.sockets = sockets;
  }

  int connections() {
    return channels.size();
  }

  void eachConnection(Consumer<WireChannel> to) {
    channels.values().forEach(to);
  }

  /** A listening socket gave this one. */
  void accepted(Object socket) {
    put(socket, new WireChannel(true, null, new Ends()));
  }

  /** A socket of which the ends are known, from its start; may be told again. */
  void opened(Object socket, SocketAddress remote, SocketAddress local) {
    if (channels.containsKey(socket)) {
      return;
    }
    Ends ends = new Ends();
    ends.sockets(remote, local);
    WireChannel c = new WireChannel(true, null, ends);
    c.tellsClosing = true;
    put(socket, c);
  }

  private boolean put(Object key, WireChannel channel) {
    if (channels.mappingCount() >= CONNECTIONS_MAX) {
      counters.lost(LossReason.TABLE_FULL);
      return false;
    }
    channel.key = key;
    channels.put(key, channel);
    return true;
  }

  void received(Object socket, ByteBuffer buffer, byte[] array, int index, int count) {
    WireChannel c = channels.get(socket);
    if (count <= 0) {
      if (c != null && count < 0) {
        c.ended = true;
      }
      return;
    }
    if (c == null) {
      // Accepted before it was watched. A connection's first bytes are told from later ones; but
      // of HTTP/2 in cleartext the server may have spoken first.
      c = new WireChannel(isBeginning(buffer, array, index, count), null, new Ends());
      c.sentFromStart = c.fromStart() && at(buffer, array, index) == ClientHello.HANDSHAKE;
      if (!put(socket, c)) {
        return;
      }
      if (isClosed(socket)) {
        // Another thread was quicker, and nobody will say once more that it is.
        channels.remove(socket, c);
        return;
      }
    }
    long wire = c.receivedWire;
    c.receivedWire = wire + count;
    if (c.secured) {
      handshake(c, socket, buffer, array, index, count);
      return;
    }
    if (wire == 0
        && count > 1
        && c.fromStart()
        && ProxyHeader.mayBegin(at(buffer, array, index), at(buffer, array, index + 1))) {
      c.proxyHeader = proxyHeader(buffer, array, index, count);
    }
    int skip = wire == 0 ? c.proxyHeader : 0;
    if (wire + skip == c.proxyHeader
        && skip < count
        && c.fromStart()
        && at(buffer, array, index + skip) == ClientHello.HANDSHAKE) {
      c.secured = true;
      handshake(c, socket, buffer, array, index + skip, count - skip);
      return;
    }
    if (c.forgotten()) {
      return;
    }
    if (!c.shipping) {
      if (!looksLikeRequest(buffer, array, index, count)) {
        return;
      }
      c.shipping = true;
    }
    name(c, socket);
    long position = c.received;
    c.received = position + count;
    ship(c, false, position, buffer, array, index, count, wire, wire + count);
  }

  /** Looked for once a connection, and only where its first byte may begin one. */
  private static int proxyHeader(ByteBuffer buffer, byte[] array, int index, int count) {
    byte[] first = new byte[Math.min(count, PROXY_BYTES_MAX)];
    for (int i = 0; i < first.length; i++) {
      first[i] = at(buffer, array, index + i);
    }
    return ProxyHeader.length(first, 0, first.length);
  }

  void sent(Object socket, ByteBuffer buffer, byte[] array, int index, int count) {
    if (buffer != null && (index < 0 || index + count > buffer.limit())) {
      // Another thread has given it back already.
      sentUnseen(socket, count);
      return;
    }
    WireChannel c = channels.get(socket);
    if (c == null || count <= 0) {
      return;
    }
    long wire = c.sentWire;
    c.sentWire = wire + count;
    if (c.secured || !c.shipping || c.forgotten()) {
      return;
    }
    name(c, socket);
    long position = c.sent;
    c.sent = position + count;
    try {
      ship(c, true, position, buffer, array, index, count, wire, wire + count);
    } catch (IndexOutOfBoundsException e) {
      // The buffer was given back this moment: what was in it went by unseen.
      ship(c, true, c.sent, null, null, 0, 0, c.sentWire, c.sentWire);
    }
  }

  /** Bytes that never were in a buffer, or are not any more: a file, sent by the kernel. */
  void sentUnseen(Object socket, long count) {
    WireChannel c = channels.get(socket);
    if (c == null || count <= 0) {
      return;
    }
    c.sentWire += count;
    if (c.secured || !c.shipping || c.forgotten()) {
      return;
    }
    c.sent += count;
    ship(c, true, c.sent, null, null, 0, 0, c.sentWire, c.sentWire);
  }

  private boolean isClosed(Object socket) {
    if (socket instanceof Channel channel) {
      return !channel.isOpen();
    }
    return socket instanceof SocketImpl blocking && sockets.isClosed(blocking);
  }

  /** A read or a write threw: the transport's doing, unless it is this side's. */
  void failed(Object socket, Throwable failure) {
    WireChannel c = channels.get(socket);
    if (c != null && !c.isClosed() && !isOfThisSide(failure)) {
      c.failed = true;
    }
  }

  /**
   * This side waited long enough (SO_TIMEOUT, or a virtual thread was interrupted), asked for what
   * cannot be had (memory, most of all), or closed the socket, of which its other threads may tell
   * before {@link #closed} is told.
   */
  private static boolean isOfThisSide(Throwable failure) {
    return !(failure instanceof IOException)
        || failure instanceof InterruptedIOException
        || failure instanceof ClosedChannelException
        || (failure instanceof SocketException && SOCKET_CLOSED.equals(failure.getMessage()));
  }

  /** This side closes it: what ends now, the peer has not ended. */
  void closing(Object socket) {
    WireChannel c = channels.get(socket);
    if (c != null) {
      c.closing = true;
    }
  }

  /** Until it is {@link #written}, the connection is not over, nor is the one below. */
  void writing(Object socket) {
    WireChannel c = channels.get(socket);
    if (c != null) {
      taken.begin();
      c.lowest().writing();
    }
  }

  /** The kernel took so many bytes out of this thread, which may not get to hear of it. */
  void taken(long count) {
    taken.put(count);
  }

  /** How many it took in the write that this thread has begun. */
  int taken() {
    return taken.last();
  }

  /**
   * The write is told, or threw.
   *
   * @param failure null if it did not throw
   */
  void written(Object socket, Throwable failure) {
    WireChannel c = channels.get(socket);
    if (c == null) {
      return;
    }
    if (failure != null) {
      failed(socket, failure);
    }
    WireChannel lowest = c.lowest();
    if (lowest.written()) {
      over(lowest);
    }
  }

  void closed(Object socket) {
    WireChannel c = channels.get(socket);
    if (c != null && c.close()) {
      over(c);
    }
  }

  private void over(WireChannel c) {
    if (!channels.remove(c.key, c)) {
      return;
    }
    c.ended |= c.tellsClosing && !c.closing;
    if (c.helloRandom != 0) {
      hellos.remove(c.helloRandom, c);
    }
    if (c.secured) {
      securedByEnds.remove(c.ends.key(), c);
    }
    WireChannel engine = c.engine;
    if (engine != null) {
      channels.remove(engine.key);
      engine.ended |= c.ended;
      engine.failed |= c.failed;
      close(engine);
    } else if (c.shipping && !c.secured) {
      close(c);
    }
  }

  private void close(WireChannel c) {
    if (!c.forgotten() && !publisher.closed(c, System.nanoTime())) {
      counters.lost(LossReason.RING_FULL);
    }
  }

  /** Until the engine is found by it, the ClientHello is all that is looked at. */
  private void handshake(
      WireChannel c, Object socket, ByteBuffer buffer, byte[] array, int index, int count) {
    if (c.engine == null) {
      // An SSLSocket's first plaintext comes behind its handshake: where does its record begin?
      if (c.records == null) {
        c.records = new TlsRecords();
      }
      c.records.passed(buffer, array, index, count);
    }
    if (c.helloRandom != 0 || c.helloLength < 0) {
      return;
    }
    for (int i = 0; i < count; i++) {
      if (c.appendHello(at(buffer, array, index + i))) {
        break;
      }
    }
    if (c.helloLength < ClientHello.BYTES_MIN) {
      return;
    }
    c.helloRandom = ClientHello.random(ByteBuffer.wrap(c.hello), 0, c.helloLength);
    c.hello = null;
    c.helloLength = -1;
    name(c, socket);
    if (c.helloRandom != 0) {
      hellos.put(c.helloRandom, c);
      if (c.ends.known()) {
        securedByEnds.put(c.ends.key(), c);
        securedPorts.add(c.ends.localPort());
      }
      if (c.isClosed()) {
        // Another thread was quicker, and may have looked before they were there.
        hellos.remove(c.helloRandom, c);
        securedByEnds.remove(c.ends.key(), c);
      }
    }
  }

  /** An engine took {@code consumed} bytes off the wire and gave {@code produced}. */
  void unwrapped(
      SSLEngine engine,
      ByteBuffer from,
      ByteBuffer[] to,
      int offset,
      long before,
      int consumed,
      int produced) {
    WireChannel c = channels.get(engine);
    if (c == null) {
      c = match(engine, from, consumed);
      if (c == null) {
        return;
      }
    }
    if (consumed > 0) {
      c.receivedRecord = c.receivedWire;
      c.receivedWire += consumed;
    }
    if (produced > 0 && !c.forgotten()) {
      if (!c.tlsKnown) {
        c.tls(engine.getSession());
      }
      long position = c.received;
      c.received = position + produced;
      int start = from == null ? -1 : from.position() - consumed;
      boolean wanted = c.until(false) < c.received;
      int added = c.tls13 ? TlsRecords.ADDED_13 : TlsRecords.ADDED_12;
      int data = wanted ? dataFrom(from, start, consumed, produced, added) : -1;
      if (data < 0 && wanted && !c.tls13) {
        added = TlsRecords.ADDED_12_CHACHA;
        data = dataFrom(from, start, consumed, produced, added);
      }
      if (data < 0) {
        scatter(
            c, false, position, to, offset, before, 0, produced, c.receivedRecord, c.receivedWire);
      } else {
        c.receivedRecord += data - start;
        scatterRecords(c, position, from, data, start + consumed, added, to, offset, before);
      }
    }
  }

  private static int dataFrom(ByteBuffer from, int start, int consumed, int produced, int added) {
    return start < 0 ? -1 : TlsRecords.dataFrom(from, start, consumed, produced, added);
  }

  /** Some engines take many records in one call. Each was somewhere else on the wire. */
  private void scatterRecords(
      WireChannel c,
      long position,
      ByteBuffer from,
      int start,
      int end,
      int added,
      ByteBuffer[] to,
      int offset,
      long before) {
    int done = 0;
    long wire = c.receivedRecord;
    for (int at = start; at < end; ) {
      int bytes = TlsRecords.bytes(from, at);
      int plain = bytes - added;
      if (plain > 0) {
        scatter(c, false, position + done, to, offset, before, done, plain, wire, wire + bytes);
        done += plain;
      }
      c.receivedRecord = wire;
      wire += bytes;
      at += bytes;
    }
  }

  void wrapped(
      SSLEngine engine, ByteBuffer[] from, int offset, long before, int consumed, int produced) {
    WireChannel c = channels.get(engine);
    if (c == null) {
      return;
    }
    if (produced > 0) {
      c.sentRecord = c.sentWire;
      c.sentWire += produced;
    }
    if (consumed > 0 && !c.forgotten()) {
      long position = c.sent;
      c.sent = position + consumed;
      scatter(c, true, position, from, offset, before, 0, consumed, c.sentRecord, c.sentWire);
    }
  }

  private WireChannel match(SSLEngine engine, ByteBuffer from, int consumed) {
    if (hellos.isEmpty() || consumed < ClientHello.BYTES_MIN || from == null) {
      return null;
    }
    int start = from.position() - consumed;
    if (start < 0) {
      return null;
    }
    WireChannel socket = hellos.remove(ClientHello.random(from, start, consumed));
    return socket == null ? null : join(engine, socket);
  }

  private WireChannel join(Object key, WireChannel socket) {
    WireChannel c = new WireChannel(true, socket, socket.ends);
    c.receivedWire = socket.proxyHeader;
    if (!put(key, c)) {
      return null;
    }
    socket.engine = c;
    if (socket.isClosed()) {
      // By another thread, which may have seen no engine to end with it.
      channels.remove(key, c);
      return null;
    }
    return c;
  }

  /** A blocking TLS socket: what it read from the one below ends with the record it gave. */
  void receivedSecure(SSLSocket socket, byte[] array, int index, int count) {
    WireChannel c = secure(socket);
    if (c == null || count <= 0) {
      return;
    }
    if (c.socket.receivedWire > c.receivedWire) {
      c.receivedRecord = c.receivedWire;
      c.receivedWire = c.socket.receivedWire;
    }
    if (c.forgotten()) {
      return;
    }
    long position = c.received;
    c.received = position + count;
    ship(c, false, position, null, array, index, count, c.receivedRecord, c.receivedWire);
  }

  void sentSecure(SSLSocket socket, byte[] array, int index, int count) {
    WireChannel c = channels.get(socket);
    if (c == null || count <= 0) {
      // A server's first plaintext is a request, and by that it is found.
      return;
    }
    if (c.socket.sentWire > c.sentWire) {
      c.sentRecord = c.sentWire;
      c.sentWire = c.socket.sentWire;
    }
    if (c.forgotten()) {
      return;
    }
    long position = c.sent;
    c.sent = position + count;
    ship(c, true, position, null, array, index, count, c.sentRecord, c.sentWire);
  }

  private WireChannel secure(SSLSocket socket) {
    WireChannel c = channels.get(socket);
    if (c != null) {
      return c;
    }
    // Most that ask here again and again are a client's, and to ask a socket for its ends is a
    // system call.
    boolean mayBeServers = !hellos.isEmpty() && securedPorts.has(socket.getLocalPort());
    WireChannel below = mayBeServers ? securedByEnds.get(Ends.key(socket)) : null;
    if (below == null || below.engine != null) {
      return null;
    }
    hellos.remove(below.helloRandom, below);
    c = join(socket, below);
    if (c != null) {
      c.tls(socket.getSession());
      c.receivedWire = below.proxyHeader + below.records.lastStart();
      // It writes each record in one call; with nothing written yet, the newest is of the
      // handshake.
      c.sentWire = below.sentWire;
    }
    return c;
  }

  private void scatter(
      WireChannel c,
      boolean sentDirection,
      long position,
      ByteBuffer[] buffers,
      int offset,
      long before,
      int passedOver,
      int count,
      long wireStart,
      long wireEnd) {
    int left = count;
    int skip = passedOver;
    long at = position;
    for (int i = offset; i < buffers.length && left > 0; i++) {
      int start = Buffers.start(i - offset, before);
      int skipped = Math.min(skip, buffers[i].position() - start);
      skip -= skipped;
      start += skipped;
      int part = Math.min(left, buffers[i].position() - start);
      if (part > 0) {
        ship(c, sentDirection, at, buffers[i], null, start, part, wireStart, wireEnd);
      }
      at += part;
      left -= part;
    }
  }

  /** Several buffers of a socket, each at a place of its own. */
  void moved(
      Object socket,
      boolean sentDirection,
      ByteBuffer[] buffers,
      int offset,
      long before,
      long count) {
    if (count <= 0) {
      if (!sentDirection) {
        received(socket, null, null, 0, (int) count);
      }
      return;
    }
    long left = count;
    for (int i = offset; i < buffers.length && left > 0; i++) {
      int start = Buffers.start(i - offset, before);
      int part = (int) Math.min(left, Math.max(0, buffers[i].position() - start));
      if (part > 0 && sentDirection) {
        sent(socket, buffers[i], null, start, part);
      } else if (part > 0) {
        received(socket, buffers[i], null, start, part);
      }
      left -= part;
    }
    if (left > 0 && sentDirection) {
      sentUnseen(socket, left);
    }
  }

  /**
   * A socket took bytes out of several buffers. If another thread gave one of them back meanwhile,
   * what was in it has gone by unseen, and all behind it: where that lies nobody can tell.
   */
  void gathered(
      Object socket, ByteBuffer[] buffers, int offset, int length, long before, long count) {
    long moved = 0;
    for (int i = 0; i < length; i++) {
      moved += Math.max(0, buffers[offset + i].position() - Buffers.start(i, before));
    }
    if (moved == count) {
      moved(socket, true, buffers, offset, before, count);
      return;
    }
    long left = count;
    for (int i = 0; i < length; i++) {
      int start = Buffers.start(i, before);
      int part = buffers[offset + i].position() - start;
      if (part <= 0 || part > left) {
        break;
      }
      sent(socket, buffers[offset + i], null, start, part);
      left -= part;
    }
    sentUnseen(socket, left);
  }

  /**
   * Hands over what the consumer wants of the bytes. If that is nothing, their end is told all the
   * same: the last byte of a body is the end of its exchange.
   */
  private void ship(
      WireChannel c,
      boolean sentDirection,
      long position,
      ByteBuffer buffer,
      byte[] array,
      int index,
      int count,
      long wireStart,
      long wireEnd) {
    int skipped = (int) Math.max(0, Math.min(count, c.until(sentDirection) - position));
    int wanted = Math.min(count - skipped, publisher.bytesMax());
    boolean plain = wireEnd - wireStart == count;
    long start = plain ? wireStart + skipped : wireStart;
    long end = plain ? start + wanted : wireEnd;
    long now = System.nanoTime();
    // Where a connection was joined, its counts are no positions.
    boolean placed = sentDirection ? c.sentFromStart : c.fromStart();
    if (skipped > 0 && !plain) {
      // What is passed over ends with its record. Told by the bytes behind it, it would end where
      // the record begins, as the head of a response that was written together with its body does.
      long over = placed ? wireEnd : UNPLACED;
      publisher.moved(
          c, sentDirection, position + skipped, buffer, array, index + skipped, 0, over, over, now);
      if (skipped == count) {
        return;
      }
    }
    publisher.moved(
        c,
        sentDirection,
        position + skipped,
        buffer,
        array,
        index + skipped,
        wanted,
        placed ? start : UNPLACED,
        placed ? end : UNPLACED,
        now);
    int left = count - skipped - wanted;
    if (left > 0) {
      // The end of a chunk, and what is behind it, may stand at the end of a long write.
      int tail = skipped == count ? 0 : Math.min(left, TAIL_MAX);
      long last = placed ? wireEnd : UNPLACED;
      publisher.moved(
          c,
          sentDirection,
          position + count - tail,
          buffer,
          array,
          index + count - tail,
          tail,
          plain && placed ? last - tail : last,
          last,
          now);
    }
  }

  private void name(WireChannel c, Object socket) {
    if (c.ends.known()) {
      return;
    }
    try {
      if (socket instanceof SocketChannel channel) {
        c.ends.channel(channel);
      } else if (socket instanceof SocketImpl implementation) {
        sockets.read(implementation, c.ends);
      } else if (socket instanceof FileDescriptor descriptor) {
        sockets.read(descriptor, c.ends);
      }
    } catch (IOException e) {
      // Closed meanwhile: the exchange is written without its ends.
      return;
    }
  }

  private static byte at(ByteBuffer buffer, byte[] array, int index) {
    return array != null ? array[index] : buffer.get(index);
  }

  /** A ClientHello, or the preface of HTTP/2: what only comes first. */
  private static boolean isBeginning(ByteBuffer buffer, byte[] array, int index, int count) {
    if (count < PREFACE.length) {
      return false;
    }
    if (at(buffer, array, index) == ClientHello.HANDSHAKE) {
      return at(buffer, array, index + 1) == 3 && at(buffer, array, index + 5) == 1;
    }
    for (int i = 0; i < PREFACE.length; i++) {
      if (at(buffer, array, index + i) != PREFACE[i]) {
        return false;
      }
    }
    return true;
  }

  /** A method and a space: enough to tell that a connection joined in its middle is a server's. */
  private static boolean looksLikeRequest(ByteBuffer buffer, byte[] array, int index, int count) {
    for (int i = 0; i < Math.min(count, METHOD_MAX); i++) {
      byte b = at(buffer, array, index + i);
      if (b == ' ') {
        return i >= METHOD_MIN;
      }
      if ((b < 'A' || b > 'Z') && b != '-') {
        return false;
      }
    }
    return false;
  }
}

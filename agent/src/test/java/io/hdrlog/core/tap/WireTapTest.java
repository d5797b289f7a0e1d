package io.hdrlog.core.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.health.Counters;
import io.hdrlog.core.ring.WireReceiver;
import io.hdrlog.core.ring.WireRing;
import java.io.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.Test;

class WireTapTest {
  private static final String CLOSED_IN_ORDER = "closed ended=false failed=false";

  private final WireRing ring = new WireRing(1 << 20);
  private final WireTap tap = new WireTap(ring, new Counters(), new NoEnds());
  private final List<String> events = new ArrayList<>();
  private WireChannel last;

  private final WireReceiver receiver =
      new WireReceiver() {
        @Override
        public void moved(
            WireChannel channel,
            boolean sent,
            long position,
            byte[] bytes,
            int length,
            long wireStart,
            long wireEnd,
            long ns) {
          last = channel;
          String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
          events.add(
              (sent ? "> " : "< ") + position + " " + text + " @" + wireStart + "-" + wireEnd);
        }

        @Override
        public void closed(WireChannel channel, long ns) {
          last = channel;
          events.add("closed ended=" + channel.ended + " failed=" + channel.failed);
        }
      };

  private List<String> events() {
    events.clear();
    while (ring.poll(receiver, 1_024)) {
      // Until nothing is left.
    }
    return events;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private void read(Object socket, String text) {
    byte[] all = bytes("??" + text);
    tap.received(socket, null, all, 2, text.length());
  }

  private void write(Object socket, String text) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(text.length() + 3);
    buffer.put(bytes("..." + text));
    tap.sent(socket, buffer, null, 3, text.length());
  }

  /** A connection of which one byte was received, and told. */
  private Object begun() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "G");
    events();
    return socket;
  }

  @Test
  void bytesOfAnAcceptedSocketComeInOrderWithTheirPositions() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET /");
    read(socket, "a HTTP/1.1");
    write(socket, "HTTP/1.1 200");
    tap.received(socket, null, null, 0, -1);
    tap.closed(socket);
    assertThat(events())
        .containsExactly(
            "< 0 GET / @0-5",
            "< 5 a HTTP/1.1 @5-15",
            "> 0 HTTP/1.1 200 @0-12",
            "closed ended=true failed=false");
    assertThat(tap.connections()).isZero();
  }

  @Test
  void aConnectionIsNotOverBeforeTheWritesThatWereBegunOnIt() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET");
    tap.writing(socket);
    tap.writing(socket);
    // Another thread reads the end of a peer that has everything, and closes.
    tap.received(socket, null, null, 0, -1);
    tap.closed(socket);
    tap.closed(socket);
    write(socket, "head");
    tap.written(socket, null);
    assertThat(tap.connections()).isOne();
    write(socket, "body");
    tap.written(socket, null);
    tap.closed(socket);
    tap.writing(socket);
    tap.written(socket, null);
    assertThat(events())
        .containsExactly(
            "< 0 GET @0-3", "> 0 head @0-4", "> 4 body @4-8", "closed ended=true failed=false");
    assertThat(tap.connections()).isZero();
  }

  @Test
  void aWriteThatFailsLetsGoOfTheConnectionToo() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET");
    tap.writing(socket);
    tap.closed(socket);
    tap.written(socket, new AsynchronousCloseException());
    assertThat(events()).containsExactly("< 0 GET @0-3", "closed ended=false failed=false");
    assertThat(tap.connections()).isZero();
  }

  /** As a socket's blocked write does whose own side closes it; the peer has done nothing. */
  @Test
  void whatFailsBecauseTheSocketIsClosedIsNotTheTransportsDoing() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET");
    tap.writing(socket);
    tap.closed(socket);
    tap.written(socket, new SocketException("Socket closed"));
    assertThat(events()).containsExactly("< 0 GET @0-3", "closed ended=false failed=false");
  }

  /** A thread that was in a call while another closed the socket may tell of it before that one. */
  @Test
  void whatThisSideDidIsNotTheTransportsDoing() {
    assertThat(closedAfter(new SocketException("Socket closed"))).isEqualTo(CLOSED_IN_ORDER);
    assertThat(closedAfter(new AsynchronousCloseException())).isEqualTo(CLOSED_IN_ORDER);
    assertThat(closedAfter(new SocketTimeoutException("Read timed out")))
        .isEqualTo(CLOSED_IN_ORDER);
    assertThat(closedAfter(new OutOfMemoryError("Cannot reserve direct buffer memory")))
        .isEqualTo(CLOSED_IN_ORDER);
    assertThat(closedAfter(new SocketException("Connection reset")))
        .isEqualTo("closed ended=false failed=true");
    assertThat(closedAfter(new IOException("Broken pipe")))
        .isEqualTo("closed ended=false failed=true");
  }

  private String closedAfter(Throwable failure) {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET");
    tap.failed(socket, failure);
    tap.closed(socket);
    return events().get(1);
  }

  @Test
  void aReadThatIsToldAfterTheSocketWasClosedBeginsNoConnection() throws IOException {
    SocketChannel socket = SocketChannel.open();
    socket.close();
    read(socket, "GET / HTTP/1.1");
    assertThat(events()).isEmpty();
    assertThat(tap.connections()).isZero();
  }

  /** A connection that showed by its first bytes while a write was under way. */
  @Test
  void aWriteBegunBeforeItsConnectionWasKnownIsNotWaitedFor() {
    Object socket = new Object();
    tap.writing(socket);
    tap.accepted(socket);
    read(socket, "GET");
    tap.written(socket, null);
    tap.closed(socket);
    assertThat(events()).containsExactly("< 0 GET @0-3", "closed ended=false failed=false");
  }

  @Test
  void whatTheConsumerDoesNotWantIsNotCopiedButItsEndIsTold() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "POST");
    events();
    last.skip(false, 10);
    read(socket, "body");
    read(socket, "tailNEXT");
    assertThat(events()).containsExactly("< 8  @8-8", "< 10 ilNEXT @10-16");
    last.forget();
    read(socket, "more");
    tap.closed(socket);
    assertThat(events()).isEmpty();
  }

  @Test
  void aFileSentByTheKernelIsAJump() {
    Object socket = new Object();
    tap.accepted(socket);
    read(socket, "GET");
    write(socket, "head");
    tap.sentUnseen(socket, 1_000_000);
    write(socket, "tail");
    assertThat(events())
        .containsExactly(
            "< 0 GET @0-3",
            "> 0 head @0-4",
            "> 1000004  @1000004-1000004",
            "> 1000004 tail @1000004-1000008");
  }

  @Test
  void longReadsGoOnInFurtherSlotsAndOfTooLongOnesTheEndIsKept() {
    Object socket = new Object();
    tap.accepted(socket);
    String text = "x".repeat(ring.bytesMax()) + "y".repeat(2_000) + "\r\n0\r\n\r\n";
    read(socket, text);
    assertThat(events())
        .containsExactly(
            "< 0 " + "x".repeat(ring.bytesMax()) + " @0-" + ring.bytesMax(),
            "< "
                + (text.length() - 1_024)
                + " "
                + text.substring(text.length() - 1_024)
                + (" @" + (text.length() - 1_024) + "-" + text.length()));
  }

  /** Whoever tells of its own closing had the connection closed by the peer, else. */
  @Test
  void aSocketThatIsNotTheJdksWasClosedByItsPeerUnlessItSaysOtherwise() {
    for (boolean closing : new boolean[] {false, true}) {
      Object socket = new Object();
      tap.opened(socket, new InetSocketAddress(1), new InetSocketAddress(2));
      read(socket, "GET");
      if (closing) {
        tap.closing(socket);
      }
      tap.closed(socket);
      assertThat(events())
          .containsExactly("< 0 GET @0-3", "closed ended=" + !closing + " failed=false");
    }
  }

  @Test
  void aFullRingDropsAndTheNextPositionShowsIt() {
    Object socket = new Object();
    tap.accepted(socket);
    String text = "y".repeat(2_000);
    for (int i = 0; i < 2_000; i++) {
      read(socket, text);
    }
    assertThat(events().size()).isBetween(100, 600);
    read(socket, "z");
    assertThat(events()).containsExactly("< 4000000 z @4000000-4000001");
  }

  @Test
  void ofAnUnknownSocketNothingIsCopiedUnlessARequestComes() {
    Object client = new Object();
    write(client, "GET / HTTP/1.1\r\n\r\n");
    read(client, "HTTP/1.1 200 OK\r\n\r\n");
    read(client, "secret bytes of a database");
    assertThat(events()).isEmpty();
    Object server = new Object();
    read(server, "rest of a body");
    read(server, "GET / HTTP/1.1\r\n");
    write(server, "HTTP/1.1");
    // Where it was joined, counts are no positions.
    assertThat(events()).containsExactly("< 0 GET / HTTP/1.1\r\n @-1--1", "> 0 HTTP/1.1 @-1--1");
  }

  @Test
  void ofHttp2JoinedAtItsPrefaceOnlyTheOneDirectionHasPositions() {
    Object server = new Object();
    read(server, "PRI * HTTP/2.0\r\n");
    // Its settings may have gone out before anybody looked.
    write(server, "frame");
    assertThat(events()).containsExactly("< 0 PRI * HTTP/2.0\r\n @0-16", "> 0 frame @-1--1");
  }

  @Test
  void aSocketThatIsToldOfTwiceIsStillTheSame() {
    Object socket = new Object();
    tap.opened(socket, null, null);
    write(socket, "settings");
    tap.opened(socket, null, null);
    write(socket, "frame");
    assertThat(events()).containsExactly("> 0 settings @0-8", "> 8 frame @8-13");
  }

  @Test
  void severalBuffersAreReadWhereTheCallMovedThem() {
    Object socket = begun();
    ByteBuffer[] parts = {null, part("__ab", 2), part("_cde", 1), part("fg", 0), part("hi", 0)};
    long before = Buffers.positions(parts, 1, 4);
    for (int i = 1; i < 4; i++) {
      parts[i].position(parts[i].limit());
    }
    tap.moved(socket, true, parts, 1, before, 2 + 3 + 2);
    assertThat(events()).containsExactly("> 0 ab @0-2", "> 2 cde @2-5", "> 5 fg @5-7");
  }

  /** Jetty gives the buffers of HTTP/2 back when another of its threads reads the peer's end. */
  @Test
  void whatIsInABufferThatWasGivenBackBeforeTheWriteIsToldCountsAllTheSame() {
    Object socket = begun();
    ByteBuffer[] parts = {part("_head", 1), part("body", 0), part("next", 0)};
    tap.writing(socket);
    long before = Buffers.positions(parts, 0, 3);
    tap.received(socket, null, null, 0, -1);
    tap.closed(socket);
    parts[0].position(5);
    parts[1].clear().limit(0);
    // The kernel had it all, and the JDK says: newPosition > limit.
    tap.taken(12);
    tap.gathered(socket, parts, 0, 3, before, tap.taken());
    tap.written(socket, new IllegalArgumentException());
    assertThat(events())
        .containsExactly("> 0 head @0-4", "> 12  @12-12", "closed ended=true failed=false");
  }

  @Test
  void ofAWriteThatFailedInTheKernelNothingWasTaken() {
    Object socket = new Object();
    tap.accepted(socket);
    tap.writing(socket);
    tap.taken(5);
    assertThat(tap.taken()).isEqualTo(5);
    tap.writing(socket);
    assertThat(tap.taken()).isZero();
    // Nothing "now", as the kernel says it.
    tap.taken(-2);
    assertThat(tap.taken()).isZero();
  }

  @Test
  void ofAShortWriteOnlyWhatWasTakenIsTold() {
    Object socket = begun();
    ByteBuffer[] parts = {part("head", 0), part("body", 0)};
    long before = Buffers.positions(parts, 0, 2);
    parts[0].position(4);
    parts[1].position(2);
    tap.gathered(socket, parts, 0, 2, before, 6);
    assertThat(events()).containsExactly("> 0 head @0-4", "> 4 bo @4-6");
  }

  private static ByteBuffer part(String text, int position) {
    return ByteBuffer.wrap(bytes(text)).position(position);
  }

  /** The first record of a connection: a ClientHello with the given random. */
  private static byte[] hello(long seed) {
    byte[] hello = new byte[200];
    new Random(seed).nextBytes(hello);
    hello[0] = 22;
    hello[1] = 3;
    hello[2] = 1;
    hello[5] = 1;
    return hello;
  }

  private static SSLEngine engine() throws NoSuchAlgorithmException {
    return SSLContext.getDefault().createSSLEngine();
  }

  /** One whose socket was found by the ClientHello. */
  private SSLEngine matchedEngine() throws NoSuchAlgorithmException {
    Object socket = new Object();
    SSLEngine engine = engine();
    tap.accepted(socket);
    byte[] hello = hello(0);
    tap.received(socket, null, hello, 0, hello.length);
    tap.unwrapped(engine, ByteBuffer.wrap(hello).position(200), new ByteBuffer[0], 0, 0, 200, 0);
    return engine;
  }

  @Test
  void anEngineIsMatchedToItsSocketByTheClientHello() throws Exception {
    Object[] sockets = {new Object(), new Object()};
    SSLEngine[] engines = {engine(), engine()};
    for (int i = 0; i < 2; i++) {
      tap.accepted(sockets[i]);
      byte[] hello = hello(i);
      // As slowly as it can come.
      for (int k = 0; k < hello.length; k++) {
        tap.received(sockets[i], null, hello, k, 1);
      }
    }
    assertThat(events()).isEmpty();
    for (int i = 1; i >= 0; i--) {
      ByteBuffer wire = ByteBuffer.wrap(hello(i)).position(200);
      tap.unwrapped(engines[i], wire, new ByteBuffer[0], 0, 0, 200, 0);
      tap.wrapped(engines[i], new ByteBuffer[0], 0, 0, 0, 1_000);
      ByteBuffer plain = ByteBuffer.allocate(100);
      plain.put(bytes("GET " + i));
      tap.unwrapped(engines[i], null, new ByteBuffer[] {plain}, 0, 0, 27, 5);
      ByteBuffer answer = ByteBuffer.wrap(bytes("OK")).position(2);
      tap.wrapped(engines[i], new ByteBuffer[] {answer}, 0, 0, 2, 24);
      assertThat(events()).containsExactly("< 0 GET " + i + " @200-227", "> 0 OK @1000-1024");
      tap.closed(sockets[i]);
      assertThat(events()).containsExactly("closed ended=false failed=false");
    }
    assertThat(tap.connections()).isZero();
  }

  /** Records with so much plaintext each, as AES-GCM makes them in TLS 1.2. */
  private static ByteBuffer records(int... plaintexts) {
    ByteBuffer records = ByteBuffer.allocate(1_000);
    for (int plaintext : plaintexts) {
      records.put((byte) 23).putShort((short) 0x303).putShort((short) (plaintext + 24));
      records.position(records.position() + plaintext + 24);
    }
    return records;
  }

  @Test
  void ofManyRecordsTakenInOneCallEachHasItsPlace() throws Exception {
    SSLEngine engine = matchedEngine();
    ByteBuffer first = ByteBuffer.allocate(5).put(bytes("aabbb"));
    ByteBuffer second = ByteBuffer.allocate(9).put(bytes("bbcccc"));
    // In front of them, one that has no plaintext for the application.
    ByteBuffer from = records(11, 2, 5, 4);
    tap.unwrapped(engine, from, new ByteBuffer[] {first, second}, 0, 0, from.position(), 11);
    assertThat(events())
        .containsExactly(
            "< 0 aa @240-271", "< 2 bbb @271-305", "< 5 bb @271-305", "< 7 cccc @305-338");
    // Some of it is of a record that came before: where each begins cannot be told.
    from = records(4, 4);
    ByteBuffer plain = ByteBuffer.allocate(9).put(bytes("dddddeeee"));
    tap.unwrapped(engine, from, new ByteBuffer[] {plain}, 0, 0, from.position(), 9);
    assertThat(events()).containsExactly("< 11 dddddeeee @338-404");
  }

  @Test
  void whatIsNotWantedOfARecordEndsWithIt() throws Exception {
    SSLEngine engine = matchedEngine();
    wrap(engine, "head");
    assertThat(events()).containsExactly("> 0 head @0-26");
    last.skip(true, 10);
    wrap(engine, "body");
    wrap(engine, "ilHEAD");
    assertThat(events()).containsExactly("> 8  @52-52", "> 10  @80-80", "> 10 HEAD @52-80");
  }

  private void wrap(SSLEngine engine, String plaintext) {
    int count = plaintext.length();
    ByteBuffer from = ByteBuffer.wrap(bytes(plaintext)).position(count);
    tap.wrapped(engine, new ByteBuffer[] {from}, 0, 0, count, count + 22);
  }

  @Test
  void anEngineThatKnowsNoSocketIsLeftAlone() throws Exception {
    ByteBuffer plain = ByteBuffer.allocate(100).put(bytes("GET"));
    tap.unwrapped(
        engine(), ByteBuffer.wrap(hello(9)).position(200), new ByteBuffer[] {plain}, 0, 0, 200, 3);
    assertThat(events()).isEmpty();
    assertThat(tap.connections()).isZero();
  }

  private static final class NoEnds implements SocketEnds {
    @Override
    public void read(SocketImpl socket, Receiver to) {
      // They stay unknown.
    }

    @Override
    public void read(FileDescriptor socket, Receiver to) {
      // Likewise.
    }

    @Override
    public boolean isClosed(SocketImpl socket) {
      return false;
    }
  }
}

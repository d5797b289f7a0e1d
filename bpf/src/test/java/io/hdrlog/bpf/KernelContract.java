package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.bpf.Recorder.Connection;
import io.hdrlog.bpf.Recorder.Mark;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import jdk.net.ExtendedSocketOptions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the kernel stream tells of connections, whichever hooks serve it: against sockets of this
 * very process, whose ends the test holds both.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KernelContract {
  /** A machine that is busy with other tests stops a thread for this long at times. */
  private static final long SLACK_NS = 50_000_000L;

  private static final InetAddress LOOPBACK_V4 = address("127.0.0.1");
  private static final byte[] LOOPBACK_V6 = address("::1").getAddress();

  private final KernelOptions.Probes probes;
  private KernelSource source;
  final Recorder recorder = new Recorder();

  /** What this machine's kernel has and others have not. */
  private final Map<String, String> refusals;

  KernelContract(KernelOptions.Probes probes) {
    this(probes, Map.of());
  }

  KernelContract(KernelOptions.Probes probes, Map<String, String> refusals) {
    this.probes = probes;
    this.refusals = refusals;
  }

  @BeforeAll
  void open(@TempDir Path natives) throws Exception {
    KernelRights.require();
    source =
        new BpfKernelSourceProvider().open(new KernelOptions(probes, false), natives, refusals);
    System.out.println(probes + ": " + String.join("\n  ", source.describe()));
  }

  @AfterAll
  void close() {
    if (source != null) {
      source.close();
    }
  }

  /** A port is given out again soon: what waits for one must not find who had it before. */
  @BeforeEach
  void forgetConnections() {
    drain();
    recorder.byRemotePort.clear();
  }

  @AfterEach
  void nothingWasLost() {
    drain();
    for (Map.Entry<String, Long> loss : source.losses().entrySet()) {
      assertThat(loss.getValue()).as(loss.getKey()).isZero();
    }
  }

  KernelSource source() {
    return source;
  }

  private void drain() {
    while (source.poll(recorder, 64) > 0) {}
  }

  void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + 5_000_000_000L;
    while (true) {
      drain();
      if (condition.getAsBoolean()) {
        return;
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "did not come: " + what + " got " + recorder.byRemotePort.keySet());
      }
      pause(1);
    }
  }

  static void pause(long ms) {
    try {
      Thread.sleep(ms);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  Connection awaitConnection(int clientPort, MarkKind kind, long position) {
    await(
        kind + " position=" + position + " of port=" + clientPort + " has " + show(clientPort),
        () -> {
          Connection c = recorder.byRemotePort.get(clientPort);
          return c != null && c.position(kind) >= position;
        });
    return recorder.byRemotePort.get(clientPort);
  }

  private String show(int port) {
    Connection c = recorder.byRemotePort.get(port);
    return c == null ? "no report" : c.marks.toString();
  }

  Connection awaitFlag(int clientPort, int flag) {
    await(
        "flag=" + flag + " of port=" + clientPort,
        () -> {
          Connection c = recorder.byRemotePort.get(clientPort);
          return c != null && c.has(flag);
        });
    return recorder.byRemotePort.get(clientPort);
  }

  /** One connection to a server in this process; the test is both sides. */
  static final class Pair implements AutoCloseable {
    final SocketChannel server;
    final SocketChannel client;
    final int port;
    final long acceptBeginNs;
    final long acceptEndNs;

    Pair(String host) throws IOException {
      this(host, host);
    }

    Pair(String listenOn, String connectTo) throws IOException {
      try (ServerSocketChannel listener = ServerSocketChannel.open()) {
        listener.bind(new InetSocketAddress(address(listenOn), 0));
        int listenPort = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        client = SocketChannel.open(new InetSocketAddress(address(connectTo), listenPort));
        pause(20);
        acceptBeginNs = System.nanoTime();
        server = listener.accept();
        acceptEndNs = System.nanoTime();
      }
      client.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      server.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      port = ((InetSocketAddress) client.getLocalAddress()).getPort();
    }

    @Override
    public void close() throws IOException {
      client.close();
      server.close();
    }
  }

  private static void write(SocketChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static void read(SocketChannel channel, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new IOException("ended early, missing=" + buffer.remaining());
      }
    }
  }

  private static void assertWithin(Mark mark, long fromNs, long toNs) {
    assertThat(mark.ns()).isBetween(fromNs, toNs);
  }

  /** Whether the bytes and the handshake's last segment came as one. */
  private boolean arrivedWithTheHandshake() throws Exception {
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel client = SocketChannel.open()) {
      listener.bind(new InetSocketAddress(address("127.0.0.1"), 0));
      // Then the kernel keeps that segment back for a moment: data may come that can go with it.
      client.setOption(ExtendedSocketOptions.TCP_QUICKACK, false);
      client.connect(listener.getLocalAddress());
      write(client, 100);
      int port = ((InetSocketAddress) client.getLocalAddress()).getPort();
      try (SocketChannel server = listener.accept()) {
        read(server, 100);
        write(client, 200);
        read(server, 200);
        write(server, 1);
        read(client, 1);
        Connection c = awaitConnection(port, MarkKind.ARRIVAL, 300);
        List<Mark> arrivals = c.marks(MarkKind.ARRIVAL);
        assertThat(arrivals).extracting(Mark::position).containsExactly(100L, 300L);
        assertThat(arrivals.get(1).ns()).isGreaterThan(c.establishedNs);
        return arrivals.get(0).ns() == c.establishedNs;
      }
    }
  }

  @Test
  void bytesThatCameWithTheHandshakesLastSegmentArrivedThen() throws Exception {
    for (int attempt = 0; attempt < 20; attempt++) {
      forgetConnections();
      if (arrivedWithTheHandshake()) {
        return;
      }
    }
    throw new AssertionError("none of 20 connections began with data");
  }

  @Test
  void everyStepOfKeepAliveExchangesIsMarkedWhenItHappens() throws Exception {
    int exchanges = 20;
    long[][] t = new long[exchanges][6];
    try (Pair pair = new Pair("127.0.0.1")) {
      for (int i = 0; i < exchanges; i++) {
        t[i][0] = System.nanoTime();
        write(pair.client, 100 + i);
        t[i][1] = System.nanoTime();
        pause(3);
        t[i][2] = System.nanoTime();
        read(pair.server, 100 + i);
        t[i][3] = System.nanoTime();
        pause(2);
        t[i][4] = System.nanoTime();
        write(pair.server, 600);
        t[i][5] = System.nanoTime();
        read(pair.client, 600);
      }
      Connection c = awaitConnection(pair.port, MarkKind.ACK, exchanges * 600L);
      assertThat(c.marks(MarkKind.ARRIVAL)).hasSize(exchanges);
      assertThat(c.marks(MarkKind.READ)).hasSize(exchanges);
      assertThat(c.marks(MarkKind.SEND)).hasSize(exchanges);
      assertThat(c.marks(MarkKind.RETRANSMIT)).isEmpty();
      assertThat(c.missed).isZero();
      long received = 0;
      for (int i = 0; i < exchanges; i++) {
        received += 100 + i;
        Mark arrival = c.marks(MarkKind.ARRIVAL).get(i);
        Mark read = c.marks(MarkKind.READ).get(i);
        Mark send = c.marks(MarkKind.SEND).get(i);
        assertThat(arrival.position()).isEqualTo(received);
        assertThat(read.position()).isEqualTo(received);
        assertThat(send.position()).isEqualTo(600L * (i + 1));
        assertWithin(arrival, t[i][0], t[i][1]);
        assertWithin(read, t[i][2], t[i][3]);
        assertWithin(send, t[i][4], t[i][5]);
      }
      // One report an exchange, and a few for what stands alone.
      assertThat(c.reports).isLessThanOrEqualTo(2 * exchanges + 2);
    }
  }

  /** Each report is an entry in the ring and work for the consumer. */
  @Test
  void aKeptAliveExchangeCostsOneReport() throws Exception {
    int exchanges = 2_000;
    try (Pair pair = new Pair("127.0.0.1")) {
      for (int i = 0; i < exchanges; i++) {
        write(pair.client, 100);
        read(pair.server, 100);
        write(pair.server, 600);
        read(pair.client, 600);
        drain();
      }
      Connection c = awaitConnection(pair.port, MarkKind.ACK, exchanges * 600L);
      assertThat(c.missed).isZero();
      // Where the machine takes the writing thread off its core, the acknowledgement stands alone.
      assertThat(c.reports).isBetween(exchanges, exchanges + exchanges / 50);
    }
  }

  @Test
  void aKeepAliveExchangeIsOneReport() throws Exception {
    int exchanges = 1_000;
    try (Pair pair = new Pair("127.0.0.1")) {
      for (int i = 0; i < exchanges; i++) {
        write(pair.client, 400);
        read(pair.server, 400);
        write(pair.server, 600);
        read(pair.client, 600);
        drain();
      }
      Connection c = awaitConnection(pair.port, MarkKind.ACK, exchanges * 600L);
      assertThat(c.marks(MarkKind.ARRIVAL)).hasSize(exchanges);
      assertThat(c.missed).isZero();
      // A thread that is held up for longer than an acknowledgement is delayed makes one more.
      assertThat(c.reports).isBetween(exchanges / 2, exchanges + exchanges / 20);
      System.out.println("exchanges=" + exchanges + " reports=" + c.reports);
    }
  }

  @Test
  void theConnectionItselfIsDescribed() throws Exception {
    long before = System.nanoTime();
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      write(pair.server, 10);
      Connection c = awaitConnection(pair.port, MarkKind.SEND, 10);
      assertThat(c.has(SocketJournal.OPENED)).isTrue();
      assertThat(c.has(SocketJournal.CLOSED)).isFalse();
      assertThat(c.has(SocketJournal.OUTBOUND)).isFalse();
      assertThat(c.cookie).isNotZero();
      assertThat(c.localPort)
          .isEqualTo(((InetSocketAddress) pair.server.getLocalAddress()).getPort());
      assertThat(c.localAddress).isEqualTo(mapped(127, 0, 0, 1)).isEqualTo(c.remoteAddress);
      assertThat(c.establishedNs).isBetween(before, pair.acceptBeginNs);
      assertThat(c.acceptedNs).isBetween(pair.acceptBeginNs, pair.acceptEndNs);
    }
  }

  /** A literal, so that nothing is resolved. */
  @SuppressWarnings("AddressSelection")
  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (IOException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }

  private static byte[] mapped(int... v4) {
    byte[] address = new byte[16];
    address[10] = (byte) 0xff;
    address[11] = (byte) 0xff;
    for (int i = 0; i < 4; i++) {
      address[12 + i] = (byte) v4[i];
    }
    return address;
  }

  @Test
  void ipv6AndMappedAddresses() throws Exception {
    try (Pair pair = new Pair("::1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      write(pair.server, 20);
      Connection c = awaitConnection(pair.port, MarkKind.SEND, 20);
      assertThat(c.localAddress).isEqualTo(LOOPBACK_V6);
      assertThat(c.remoteAddress).isEqualTo(LOOPBACK_V6);
    }
    try (Pair pair = new Pair("::", "127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      write(pair.server, 20);
      Connection c = awaitConnection(pair.port, MarkKind.SEND, 20);
      assertThat(c.localAddress).isEqualTo(mapped(127, 0, 0, 1));
      assertThat(c.remoteAddress).isEqualTo(mapped(127, 0, 0, 1));
    }
    try (ServerSocketChannel listener =
            ServerSocketChannel.open(java.net.StandardProtocolFamily.INET);
        SocketChannel client = SocketChannel.open(java.net.StandardProtocolFamily.INET)) {
      listener.bind(new InetSocketAddress(LOOPBACK_V4, 0));
      client.connect(listener.getLocalAddress());
      try (SocketChannel server = listener.accept()) {
        write(client, 10);
        read(server, 10);
        write(server, 20);
        int port = ((InetSocketAddress) client.getLocalAddress()).getPort();
        Connection c = awaitConnection(port, MarkKind.SEND, 20);
        assertThat(c.remoteAddress).isEqualTo(mapped(127, 0, 0, 1));
      }
    }
  }

  @Test
  void requestsInOneSegmentArriveTogether() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 300);
      read(pair.server, 100);
      write(pair.server, 50);
      read(pair.server, 100);
      write(pair.server, 50);
      read(pair.server, 100);
      write(pair.server, 50);
      read(pair.client, 150);
      Connection c = awaitConnection(pair.port, MarkKind.ACK, 150);
      assertThat(c.marks(MarkKind.ARRIVAL)).extracting(Mark::position).containsExactly(300L);
      assertThat(c.marks(MarkKind.READ))
          .extracting(Mark::position)
          .containsExactly(100L, 200L, 300L);
      assertThat(c.marks(MarkKind.SEND))
          .extracting(Mark::position)
          .containsExactly(50L, 100L, 150L);
    }
  }

  @Test
  void aRequestSplitOverManySegmentsHasAMarkForEach() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      long[] before = new long[30];
      for (int i = 0; i < 30; i++) {
        before[i] = System.nanoTime();
        write(pair.client, 7);
        pause(1);
        if (i % 2 == 1) {
          read(pair.server, 14);
        }
      }
      write(pair.server, 1);
      Connection c = awaitConnection(pair.port, MarkKind.SEND, 1);
      assertThat(c.missed).isZero();
      assertThat(c.marks(MarkKind.ARRIVAL)).hasSize(30);
      // tcp_rcv_space_adjust marks each segment that one read takes, the others the read.
      assertThat(c.marks(MarkKind.READ)).hasSizeBetween(15, 30);
      assertThat(c.position(MarkKind.READ)).isEqualTo(210);
      for (int i = 0; i < 30; i++) {
        Mark arrival = c.marks(MarkKind.ARRIVAL).get(i);
        assertThat(arrival.position()).isEqualTo(7L * (i + 1));
        assertWithin(arrival, before[i], before[i] + SLACK_NS);
      }
    }
  }

  @Test
  void aBigResponseIsMarkedToItsLastByte() throws Exception {
    int bytes = 20 << 20;
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      Thread reader =
          new Thread(
              () -> {
                try {
                  read(pair.client, bytes);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      reader.start();
      long begin = System.nanoTime();
      for (int i = 0; i < bytes / 8192; i++) {
        write(pair.server, 8192);
        drain();
      }
      long end = System.nanoTime();
      reader.join();
      Connection c = awaitConnection(pair.port, MarkKind.ACK, bytes);
      assertThat(c.missed).isZero();
      assertThat(c.position(MarkKind.SEND)).isEqualTo(bytes);
      assertThat(c.position(MarkKind.ACK)).isEqualTo(bytes);
      List<Mark> sends = c.marks(MarkKind.SEND);
      assertWithin(sends.get(0), begin, end);
      assertWithin(sends.get(sends.size() - 1), begin, end);
      for (int i = 1; i < sends.size(); i++) {
        assertThat(sends.get(i).ns()).isGreaterThanOrEqualTo(sends.get(i - 1).ns());
        assertThat(sends.get(i).position()).isGreaterThan(sends.get(i - 1).position());
      }
    }
  }

  @Test
  void aResponseThatEndsInOurFinIsAcknowledgedToo() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      write(pair.server, 5000);
      long begin = System.nanoTime();
      pair.server.close();
      read(pair.client, 5000);
      pair.client.close();
      Connection c = awaitFlag(pair.port, SocketJournal.CLOSED);
      assertThat(c.position(MarkKind.ACK)).isEqualTo(5000);
      assertThat(c.marks(MarkKind.ACK).get(c.marks(MarkKind.ACK).size() - 1).ns())
          .isLessThan(begin + SLACK_NS);
      assertThat(c.has(SocketJournal.RESET_BY_PEER)).isFalse();
      assertThat(c.has(SocketJournal.RESET_BY_US)).isFalse();
    }
  }

  @Test
  void aPeerThatClosesHalfStillGetsItsResponseMarked() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      pair.client.shutdownOutput();
      read(pair.server, 10);
      assertThat(pair.server.read(ByteBuffer.allocate(1))).isEqualTo(-1);
      write(pair.server, 700);
      pair.server.close();
      read(pair.client, 700);
      Connection c = awaitFlag(pair.port, SocketJournal.CLOSED);
      assertThat(c.has(SocketJournal.FIN_BY_PEER)).isTrue();
      assertThat(c.has(SocketJournal.RESET_BY_PEER)).isFalse();
      assertThat(c.has(SocketJournal.RESET_BY_US)).isFalse();
      assertThat(c.position(MarkKind.ARRIVAL)).isEqualTo(10);
      assertThat(c.position(MarkKind.READ)).isEqualTo(10);
      assertThat(c.position(MarkKind.SEND)).isEqualTo(700);
      assertThat(c.position(MarkKind.ACK)).isLessThanOrEqualTo(700);
    }
  }

  @Test
  void resetsAreToldApart() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      pair.client.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
      pair.client.close();
      Connection c = awaitFlag(pair.port, SocketJournal.CLOSED);
      assertThat(c.has(SocketJournal.RESET_BY_PEER)).isTrue();
      assertThat(c.has(SocketJournal.RESET_BY_US)).isFalse();
    }
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 5);
      pair.server.close();
      Connection c = awaitFlag(pair.port, SocketJournal.CLOSED);
      assertThat(c.has(SocketJournal.RESET_BY_US)).isTrue();
      assertThat(c.has(SocketJournal.RESET_BY_PEER)).isFalse();
    }
  }

  @Test
  void plainSocketsAreSeenAsWell() throws Exception {
    try (java.net.ServerSocket listener = new java.net.ServerSocket(0, 10, LOOPBACK_V4);
        Socket client = new Socket(LOOPBACK_V4, listener.getLocalPort());
        Socket server = listener.accept()) {
      OutputStream request = client.getOutputStream();
      InputStream in = server.getInputStream();
      for (int i = 1; i <= 3; i++) {
        request.write(new byte[40]);
        assertThat(in.readNBytes(40)).hasSize(40);
        server.getOutputStream().write(new byte[90]);
        assertThat(client.getInputStream().readNBytes(90)).hasSize(90);
      }
      Connection c = awaitConnection(client.getLocalPort(), MarkKind.ACK, 270);
      assertThat(c.marks(MarkKind.READ)).extracting(Mark::position).containsExactly(40L, 80L, 120L);
      assertThat(c.marks(MarkKind.SEND))
          .extracting(Mark::position)
          .containsExactly(90L, 180L, 270L);
      assertThat(c.acceptedNs).isNotZero();
    }
  }

  @Test
  void whatTheProcessOpensItselfIsNotReported() throws Exception {
    try (Pair pair = new Pair("127.0.0.1")) {
      write(pair.client, 10);
      read(pair.server, 10);
      write(pair.server, 10);
      read(pair.client, 10);
      awaitConnection(pair.port, MarkKind.SEND, 10);
      int serverPort = ((InetSocketAddress) pair.server.getLocalAddress()).getPort();
      assertThat(recorder.byRemotePort).doesNotContainKey(serverPort);
    }
  }

  @Test
  void trafficOfOtherProcessesNeverEntersTheRing() throws Exception {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OtherProcess.class.getName())
            .redirectErrorStream(true)
            .start();
    drain();
    int before = recorder.byRemotePort.size();
    String ports = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor()).isZero();
    assertThat(ports).contains("done");
    pause(20);
    drain();
    assertThat(recorder.byRemotePort).hasSize(before);
  }

  @Test
  void pausesOfTheJvmAreTimed() {
    long before = System.nanoTime();
    System.gc();
    long after = System.nanoTime();
    await(
        "pause",
        () ->
            recorder.pauses.stream()
                .anyMatch(
                    p -> p.beginNs() >= before && p.endNs() <= after && p.endNs() > p.beginNs()));
  }
}

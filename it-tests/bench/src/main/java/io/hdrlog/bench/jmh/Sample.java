package io.hdrlog.bench.jmh;

import io.hdrlog.bench.Headers;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.kernel.KernelEvents;
import io.hdrlog.core.kernel.MarkKind;
import io.hdrlog.core.kernel.SocketJournal;
import java.nio.charset.StandardCharsets;

/** Keep-alive connections that bring typical exchanges, as the tap and as the kernel tell them. */
final class Sample {
  static final int CONNECTIONS = 32;

  private static final int REQUESTS = 64;
  private static final int MARKS = 8;

  static final byte[][] REQUEST_HEADS = new byte[REQUESTS][];
  static final byte[] RESPONSE_HEAD = responseHead();

  static {
    for (int i = 0; i < REQUESTS; i++) {
      REQUEST_HEADS[i] = Headers.request(i);
    }
  }

  private final Line[] lines = new Line[CONNECTIONS];
  private int next;

  Sample() {
    for (int i = 0; i < CONNECTIONS; i++) {
      lines[i] = new Line(i);
    }
  }

  private static byte[] responseHead() {
    StringBuilder head = new StringBuilder("HTTP/1.1 200 \r\n");
    String[] own = Headers.applicationHeaders();
    for (int i = 0; i < own.length; i += 2) {
      head.append(own[i]).append(": ").append(own[i + 1]).append("\r\n");
    }
    head.append("Content-Type: ").append(Headers.CONTENT_TYPE).append("\r\n");
    head.append("Content-Length: ").append(Headers.BODY_BYTES).append("\r\n");
    head.append("Date: Sun, 22 Nov 2026 19:00:00 GMT\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** The next exchange as the JVM sees it, on the next connection. */
  void exchange(Exchange x) {
    lines[next].exchange(x);
  }

  /** What the kernel says of that exchange; and on to the next connection. */
  void journal(KernelEvents to) {
    lines[next].marks();
    to.onJournal(lines[next]);
    next = (next + 1) % CONNECTIONS;
  }

  /** Without a kernel stream: on to the next connection. */
  void skipJournal() {
    next = (next + 1) % CONNECTIONS;
  }

  private static final class Line implements SocketJournal {
    private static final long LOOPBACK = 0xffff_7f00_0001L;

    private final int number;
    private final long[][] ns = new long[MarkKind.values().length][MARKS];
    private final int[][] positions = new int[MarkKind.values().length][MARKS];
    private int requests;
    private long received;
    private long sent;
    private long nowNs = 1_000_000;

    Line(int number) {
      this.number = number;
    }

    void exchange(Exchange x) {
      byte[] head = REQUEST_HEADS[requests % REQUESTS];
      requests++;
      x.clear();
      x.localLow = localLow();
      x.remoteLow = remoteLow();
      x.localPort = localPort();
      x.remotePort = remotePort();
      x.addressed = true;
      x.connectionRequest = requests;
      x.appendRequestHead(head, 0, head.length);
      x.appendResponseHead(RESPONSE_HEAD, 0, RESPONSE_HEAD.length);
      x.rxStart = received;
      received += head.length;
      x.rxHeadEnd = received;
      x.rxEnd = received;
      x.txStart = sent;
      sent += (long) RESPONSE_HEAD.length + Headers.BODY_BYTES;
      x.txEnd = sent;
      x.requestBodyBytes = 0;
      x.responseBodyBytes = Headers.BODY_BYTES;
      nowNs += 700_000;
      x.seenNs = nowNs + 20_000;
      x.headNs = nowNs + 21_000;
      x.enterNs = nowNs + 22_000;
      x.exitNs = nowNs + 30_000;
      x.responseNs = nowNs + 31_000;
      x.endNs = nowNs + 35_000;
      x.route = "/*";
      x.sources = Exchange.FROM_JVM;
      x.idRandom = nowNs * 31;
    }

    void marks() {
      mark(MarkKind.ARRIVAL, nowNs, received);
      mark(MarkKind.READ, nowNs + 19_000, received);
      mark(MarkKind.SEND, nowNs + 33_000, sent);
      mark(MarkKind.ACK, nowNs + 34_000, sent);
    }

    private void mark(MarkKind kind, long atNs, long position) {
      int slot = (requests - 1) % MARKS;
      ns[kind.ordinal()][slot] = atNs;
      positions[kind.ordinal()][slot] = (int) position;
    }

    @Override
    public long cookie() {
      return number + 1L;
    }

    @Override
    public int flags() {
      return OPENED;
    }

    @Override
    public long localHigh() {
      return 0;
    }

    @Override
    public long localLow() {
      return LOOPBACK;
    }

    @Override
    public long remoteHigh() {
      return 0;
    }

    @Override
    public long remoteLow() {
      return LOOPBACK;
    }

    @Override
    public int localPort() {
      return 8080;
    }

    @Override
    public int remotePort() {
      return 40_000 + number;
    }

    @Override
    public long establishedNs() {
      return 500_000;
    }

    @Override
    public long acceptedNs() {
      return 600_000;
    }

    @Override
    public int srttUs() {
      return 40;
    }

    @Override
    public int count(MarkKind kind) {
      return kind == MarkKind.RETRANSMIT ? 0 : requests;
    }

    @Override
    public int capacity(MarkKind kind) {
      return kind == MarkKind.RETRANSMIT ? MARKS / 2 : MARKS;
    }

    @Override
    public long markNs(MarkKind kind, int at) {
      return ns[kind.ordinal()][at % MARKS];
    }

    @Override
    public int markSegments(int at) {
      return 0;
    }

    @Override
    public int markPosition(MarkKind kind, int at) {
      return positions[kind.ordinal()][at % MARKS];
    }
  }
}

package io.hdrlog.core.wire;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/** Courses of connections that a fuzzer starts from, in the form of {@link FuzzInput}. */
final class FuzzSeeds {
  private static final int RECEIVED = 0;
  private static final int SENT = 3;
  private static final int RECEIVED_GAP = 6;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private FuzzSeeds() {
    out.write(0);
  }

  private FuzzSeeds step(int kind, byte[] bytes) {
    for (int at = 0; at < bytes.length; at += 255) {
      int n = Math.min(255, bytes.length - at);
      out.write(kind << 5 | (at + n) % 7);
      out.write(n);
      out.write(bytes, at, n);
    }
    return this;
  }

  private FuzzSeeds received(String text) {
    return step(RECEIVED, Talk.bytes(text));
  }

  private FuzzSeeds sent(String text) {
    return step(SENT, Talk.bytes(text));
  }

  private FuzzSeeds gap(int length) {
    out.write(RECEIVED_GAP << 5);
    out.write(length);
    return this;
  }

  static List<byte[]> all() {
    String get = "GET /a?b HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n";
    String ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    List<byte[]> seeds = new ArrayList<>();
    seeds.add(new FuzzSeeds().received(get + get).sent(ok + ok).out.toByteArray());
    seeds.add(
        new FuzzSeeds()
            .received(
                "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhe")
            .received("llo\r\n0\r\nT: 1\r\n\r\n" + get)
            .sent(
                "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
            .sent("0\r\nU: 2\r\n\r\n" + ok)
            .out
            .toByteArray());
    seeds.add(
        new FuzzSeeds()
            .received("PUT / HTTP/1.0\nContent-Length: 20\n\nabc")
            .gap(10)
            .received("1234567" + get)
            .sent("HTTP/1.0 413 No\n\nuntil the end")
            .out
            .toByteArray());
    seeds.add(
        new FuzzSeeds()
            .received("CONNECT a:1 HTTP/1.1\r\n\r\n")
            .sent("HTTP/1.1 200 OK\r\n\r\n\0\1")
            .out
            .toByteArray());
    seeds.add(new FuzzSeeds().received("GET /\r\n").sent("<html>").out.toByteArray());
    seeds.add(
        new FuzzSeeds().received("\0\1\2\r\n").sent("HTTP/1.1 400 \r\n\r\n").out.toByteArray());
    seeds.add(upgrade());
    seeds.add(http2());
    return seeds;
  }

  private static byte[] upgrade() {
    Frames server = new Frames();
    return new FuzzSeeds()
        .received(
            String.join("\r\n", "GET / HTTP/1.1", "Upgrade: h2c", "HTTP2-Settings: A", "", ""))
        .step(
            SENT,
            Talk.join(
                Talk.bytes("HTTP/1.1 101 S\r\nUpgrade: h2c\r\n\r\n"),
                Frames.settings(),
                server.headers(1, true, ":status", "200")))
        .step(RECEIVED, Talk.join(Frames.PREFACE, Frames.settings(), new Frames().get(3, "/three")))
        .out
        .toByteArray();
  }

  private static byte[] http2() {
    Frames client = new Frames();
    Frames server = new Frames();
    return new FuzzSeeds()
        .step(
            RECEIVED,
            Talk.join(
                Frames.PREFACE,
                Frames.settings(1, 8192),
                client.get(1, "/", "a", "b"),
                client.scattered(3, false, 3, ":method", "PUT", ":path", "/", ":scheme", "http"),
                Frames.data(3, false, 10)))
        .step(
            SENT,
            Talk.join(
                Frames.settings(1, 100),
                server.headers(1, false, ":status", "200", "c", "d"),
                Frames.data(1, true, 5),
                server.headers(3, true, ":status", "413")))
        .step(RECEIVED, Talk.join(client.headers(3, true, "trailer", "1"), Frames.reset(5, 8)))
        .step(SENT, Talk.join(Frames.reset(3, 0), Frames.goAway(1, 0)))
        .out
        .toByteArray();
  }
}

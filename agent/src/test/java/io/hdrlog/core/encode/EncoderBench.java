package io.hdrlog.core.encode;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.HeadParser;
import io.hdrlog.core.http.Heads;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Records a second on one core: 16 request and 8 response headers, all masking on. What changes
 * from request to request does so here as well: ids, path, query, length, date.
 */
public final class EncoderBench {
  private static final String REQUEST =
      """
      GET /api/orders/00000000/items?page=3&token=abcdef123456&sort=asc HTTP/1.1
      Host: shop.example.com
      X-Request-Id: 0196f0c2-8d5e-7aaa-9bbb-00000000cccc
      traceparent: 00-4bf92f3577b34da6a3ce929d00000000-00f067aa0ba902b7-01
      User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari
      Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8
      Accept-Language: en-US,en;q=0.5
      Accept-Encoding: gzip, deflate, br, zstd
      Connection: keep-alive
      Cookie: JSESSIONID=8F3A9B2C7D1E4F5A6B7C8D9E0F1A2B3C; theme=dark; lang=en
      Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789
      Referer: https://shop.example.com/cart?step=2
      Cache-Control: no-cache
      Sec-Fetch-Dest: document
      Sec-Fetch-Mode: navigate
      X-Forwarded-For: 203.0.113.7, 10.0.0.2
      X-Forwarded-Proto: https

      """
          .replace("\n", "\r\n");
  private static final String RESPONSE =
      """
      HTTP/1.1 200
      Content-Type: application/json;charset=UTF-8
      Content-Length: 600
      Date: Sun, 22 Nov 2026 18:32:00 GMT
      Keep-Alive: timeout=60
      Connection: keep-alive
      Cache-Control: no-store
      ETag: "00000000"
      Vary: Accept-Encoding

      """
          .replace("\n", "\r\n");

  private static final int[] PLACES = places(REQUEST);
  private static final int[] RESPONSE_PLACES = places(RESPONSE);

  private EncoderBench() {}

  private static int[] places(String head) {
    java.util.List<Integer> places = new java.util.ArrayList<>();
    for (int i = head.indexOf("00000000"); i >= 0; i = head.indexOf("00000000", i + 8)) {
      places.add(i);
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The thread's own: others on the machine do not count. */
  private static long cpuNs() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  static Exchange exchange() {
    Exchange e = new Exchange();
    byte[] request = Ascii.bytes(REQUEST);
    byte[] response = Ascii.bytes(RESPONSE);
    e.appendRequestHead(request, 0, request.length);
    e.appendResponseHead(response, 0, response.length);
    e.addressed = true;
    e.remoteLow = 0xffff_0a01_0203L;
    e.localLow = e.remoteLow;
    e.remotePort = 54321;
    e.localPort = 8080;
    e.connectionRequest = 17;
    e.cookie = 0x1234;
    e.seenNs = 1_000_000_000L;
    e.requestBodyBytes = 0;
    e.responseBodyBytes = 600;
    e.rxStart = 1000;
    e.rxEnd = 2000;
    e.txStart = 1000;
    e.txEnd = 1900;
    e.sources = Exchange.FROM_JVM | Exchange.FROM_KERNEL;
    e.timing.startNs = 1_000_000_000L;
    e.timing.receiveNs = 0;
    e.timing.queueNs = 12_345;
    e.timing.dispatchNs = 23_456;
    e.timing.handlerNs = 345_678;
    e.timing.firstByteNs = 456_789;
    e.timing.sendNs = 4_567;
    e.timing.ackNs = 56_789;
    e.timing.totalNs = 567_890;
    e.rttUs = 40;
    e.retransmits = 0;
    return e;
  }

  /** What differs between two requests. */
  static void vary(Exchange e, int i) {
    for (int place : PLACES) {
      digits(e.requestHead, place, i);
    }
    for (int place : RESPONSE_PLACES) {
      digits(e.responseHead, place, i);
    }
    e.idRandom = i * 0x9e3779b97f4a7c15L;
  }

  private static void digits(byte[] into, int at, int value) {
    int rest = value;
    for (int i = at + 7; i >= at; i--) {
      into[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /**
   * What jackson's generator takes for the headers alone, neither masked nor counted: names as
   * SerializedString, values as bytes.
   */
  private static void generator() throws IOException {
    JsonFactory factory = new JsonFactory();
    ByteArrayOutputStream out = new ByteArrayOutputStream(1 << 20);
    Map<String, SerializableString> names = new HashMap<>();
    Exchange e = exchange();
    Head head = new Head();
    long best = Long.MAX_VALUE;
    int count = 200_000;
    for (int round = 0; round < 12; round++) {
      long start = cpuNs();
      for (int i = 0; i < count; i++) {
        vary(e, i + round * count);
        out.reset();
        try (JsonGenerator json = factory.createGenerator(out)) {
          json.writeStartObject();
          HeadParser.parseRequest(e.requestHead, 0, e.requestHeadLength, head);
          headers(head, names, json);
          HeadParser.parseResponse(e.responseHead, 0, e.responseHeadLength, head);
          headers(head, names, json);
          json.writeEndObject();
        }
      }
      best = Math.min(best, (cpuNs() - start) / count);
    }
    System.out.printf("generator, headers alone: %d ns%n", best);
  }

  private static void headers(Head head, Map<String, SerializableString> names, JsonGenerator json)
      throws IOException {
    json.writeObjectFieldStart("header");
    for (int i = 0; i < head.headerCount; i++) {
      String name =
          new String(
              head.bytes, head.nameOffset(i), head.nameLength(i), StandardCharsets.ISO_8859_1);
      json.writeFieldName(names.computeIfAbsent(name, SerializedString::new));
      json.writeStartArray();
      json.writeUTF8String(head.bytes, head.valueOffset(i), head.valueLength(i));
      json.writeEndArray();
    }
    json.writeEndObject();
  }

  public static void main(String[] args) throws IOException {
    if (args.length > 0 && args[0].equals("generator")) {
      generator();
      return;
    }
    JsonEncoder encoder = new JsonEncoder(Records.settings());
    Heads heads = new Heads();
    Utf8Buffer out = new Utf8Buffer(1 << 20);
    Exchange e = exchange();
    int count = 400_000;
    long bytes = 0;
    boolean same = args.length > 0 && args[0].equals("same");
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 24; round++) {
      long start = cpuNs();
      for (int i = 0; i < count; i++) {
        if (!same) {
          vary(e, i + round * count);
        }
        if (out.length() > 900_000) {
          bytes += out.length();
          out.clear();
        }
        heads.read(e);
        encoder.encode(e, heads, Records.WALL_NS + i * 1000L, out);
      }
      long ns = cpuNs() - start;
      best = Math.min(best, ns / count);
      System.out.printf("%,d records/s, %d ns%n", count * 1_000_000_000L / ns, ns / count);
    }
    System.out.printf("best: %,d records/s, %d ns%n", 1_000_000_000L / best, best);
    out.clear();
    heads.read(e);
    encoder.encode(e, heads, Records.WALL_NS, out);
    System.out.println(new String(out.array(), 0, out.length(), StandardCharsets.UTF_8) + bytes);
  }
}

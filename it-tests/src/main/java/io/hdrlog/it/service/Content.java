package io.hdrlog.it.service;

import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/** What all services answer alike. */
final class Content {
  /** A usual small answer. */
  static final int HELLO_BYTES = 600;

  private static final byte[] HELLO = filler(HELLO_BYTES);

  /** How long the handler slept, in nanoseconds of its own clock: the truth for handler_ns. */
  static final String TOOK = "X-Took-Ns";

  /** With Content-Type, Content-Length and, where the container sets it, Date: eight. */
  static final List<Map.Entry<String, String>> HELLO_HEADERS =
      List.of(
          Map.entry("Cache-Control", "private, max-age=0"),
          Map.entry("ETag", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
          Map.entry("Vary", "Accept-Encoding, Origin"),
          Map.entry("X-Frame-Options", "DENY"),
          Map.entry("X-Content-Type-Options", "nosniff"));

  /** Odd, and allowed: duplicates around others, any case, empty, beyond ASCII. */
  static final List<Map.Entry<String, String>> ODD_HEADERS =
      List.of(
          Map.entry("X-Dup", "one"),
          Map.entry("x-MiXeD-CaSe", "MiXeD"),
          Map.entry("X-Dup", "two"),
          Map.entry("Link", "</a>; rel=preload"),
          Map.entry("Link", "</b>; rel=preload"),
          Map.entry("X-Empty", ""),
          Map.entry("X-Quote", "a \"quoted\\\" \t value, with <html> & 'all'"),
          Map.entry("X-Latin", "caf\u00e9"),
          Map.entry("x-dup", "three"));

  private static final int RANDOM_VALUE_MAX = 200;

  private Content() {}

  /** Headers for a response, with names that come again and values of every legal byte. */
  static List<Map.Entry<String, String>> random(int seed) {
    Random random = new Random(seed);
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = random.nextInt(12); i >= 0; i--) {
      StringBuilder value = new StringBuilder();
      int length = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(RANDOM_VALUE_MAX);
      for (int k = 0; k < length; k++) {
        boolean edge = k == 0 || k == length - 1;
        int c = random.nextInt(256);
        boolean visible = (c > ' ' && c < 0x7f) || c >= 0xa0;
        visible &= c != '/';
        value.append(visible || (!edge && (c == ' ' || c == '\t')) ? (char) c : '.');
      }
      headers.add(Map.entry("X-R" + random.nextInt(6), value.toString()));
    }
    return headers;
  }

  static byte[] hello() {
    return HELLO.clone();
  }

  static byte[] filler(int bytes) {
    byte[] filler = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      filler[i] = (byte) ('a' + i % 26);
    }
    return filler;
  }

  static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The value of a query parameter, or what is given otherwise. */
  static String parameter(String query, String name, String otherwise) {
    if (query == null) {
      return otherwise;
    }
    return Arrays.stream(query.split("&"))
        .filter(part -> part.startsWith(name + "="))
        .map(part -> part.substring(name.length() + 1))
        .findFirst()
        .orElse(otherwise);
  }

  static int number(String query, String name, int otherwise) {
    return Integer.parseInt(parameter(query, name, Integer.toString(otherwise)));
  }

  /** Fills the heap with so much that lives, collects, and lets it go. */
  static void collect(int megabytes) {
    byte[][] living = new byte[megabytes * 1024][];
    for (int i = 0; i < living.length; i++) {
      living[i] = new byte[1024 - 16];
    }
    try {
      System.gc();
    } finally {
      Reference.reachabilityFence(living);
    }
  }

  /** Bytes that this thread has allocated since it began, and a line's end. */
  static String allocated() {
    long bytes =
        ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
            .getCurrentThreadAllocatedBytes();
    // As wide as any other: what is answered must not change what is allocated.
    return String.format(Locale.ROOT, "%019d%n", bytes);
  }

  /** Sleeps, and says how long it was in nanoseconds. */
  static long sleep(int millis) {
    long begun = System.nanoTime();
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return System.nanoTime() - begun;
  }
}

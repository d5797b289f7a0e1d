package io.hdrlog.core.encode;

import io.hdrlog.core.http.Head;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Header blocks as a few clients send them again and again, with whatever may change in them or be
 * wrong with them.
 */
final class RandomHeads {
  private static final String[] NAMES = {
    "Host",
    "Accept",
    "accept",
    "User-Agent",
    "Via",
    "X-A",
    "X-B",
    "X-C",
    "X-D",
    "X-E",
    "X-F",
    "X-Request-Id",
    "traceparent",
    "X-Forwarded-For",
    "Forwarded",
    "Date",
    "Authorization",
    "Cookie",
    "Set-Cookie",
    "ETag",
  };
  private static final String[] VALUES = {
    "",
    "a",
    "b",
    "1234",
    "text/html;q=0.9, */*",
    "198.51.100.7, 10.0.0.2",
    "for=198.51.100.7",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "JSESSIONID=abcdef; b=c",
    "q\"uoted\\",
    "\u00c3\u00a9",
    "\u00e9",
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.s3cretsignature",
    "https://u:p@a.example/?token=1",
    "x".repeat(700),
    "y".repeat(900),
  };

  private final Random random;
  private final List<List<String>> clients = new ArrayList<>();
  private List<String> client;

  RandomHeads(long seed) {
    random = new Random(seed);
    for (int i = 0; i < 6; i++) {
      List<String> lines = new ArrayList<>();
      // Some begin alike.
      if (i > 2) {
        lines.addAll(clients.get(0).subList(0, random.nextInt(clients.get(0).size() + 1)));
      }
      List<String> names = new ArrayList<>(List.of(NAMES));
      for (int size = random.nextInt(14); size > 0; size--) {
        lines.add(line(names.remove(random.nextInt(names.size()))));
      }
      clients.add(lines);
    }
    client = clients.get(0);
  }

  private String any(String[] from) {
    return from[random.nextInt(from.length)];
  }

  private String line(String name) {
    return name + ":" + (random.nextInt(8) == 0 ? "" : " ") + any(VALUES) + "\r\n";
  }

  /** The lines, with or without the empty one at the end. */
  byte[] next() {
    if (random.nextInt(12) == 0) {
      client = clients.get(random.nextInt(clients.size()));
    }
    List<String> lines = new ArrayList<>(client);
    while (random.nextInt(4) == 0) {
      change(lines);
    }
    if (random.nextInt(40) == 0) {
      // What changes and stays so.
      client.clear();
      client.addAll(lines.subList(0, Math.min(30, lines.size())));
    }
    if (random.nextInt(200) == 0) {
      // About as many as are read; short, so that so many are in the exchange.
      int size = Head.HEADERS_MAX - 3 + random.nextInt(6);
      for (int i = 0; lines.size() < size; i++) {
        lines.add("l" + i % 8 + ": 1\r\n");
      }
    }
    StringBuilder head = new StringBuilder(String.join("", lines));
    if (random.nextInt(10) > 0) {
      head.append("\r\n");
    }
    if (random.nextInt(10) == 0) {
      head.setLength(random.nextInt(head.length() + 1));
    }
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  private void change(List<String> lines) {
    int at = random.nextInt(lines.size() + 1);
    if (at == lines.size() || random.nextInt(4) == 0) {
      lines.add(at, random.nextInt(20) == 0 ? "n" + random.nextInt(4000) + ": v\r\n" : odd());
      return;
    }
    String line = lines.get(at);
    switch (random.nextInt(8)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.set(at, line.replace("\r\n", "\n"));
      case 2 -> lines.set(at, line.replace("\r\n", "\r"));
      case 3 -> lines.set(at, line.replace("\r\n", "\r\r\n"));
      case 4 -> lines.set(at, line + (random.nextBoolean() ? " " : "\t") + "more: text\r\n");
      case 5 -> lines.add(at, line);
      case 6 -> lines.set(at, line.replace("\r\n", random.nextInt(1000) + "\r\n"));
      default -> lines.set(at, line(any(NAMES)));
    }
  }

  /** Another line, or what is none. */
  private String odd() {
    return switch (random.nextInt(8)) {
      case 0 -> "no colon\r\n";
      case 1 -> " blank: first\r\n";
      case 2 -> "\tfolded\r\n";
      case 3 -> "bad name: x\r\n";
      case 4 -> ": x\r\n";
      default -> line(any(NAMES));
    };
  }
}

package io.hdrlog.it.service;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/** HTTP/1.1 as far as tests go, for services that have no server. */
final class ByHand {
  private ByHand() {}

  /**
   * Reads one request and writes its answer.
   *
   * @return whether there was one
   * @throws EOFException if it is not all there
   */
  static boolean answer(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first == null) {
      return false;
    }
    int length = 0;
    boolean chunked = false;
    for (String line = more(in); !line.isEmpty(); line = more(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring("content-length:".length()).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:");
    }
    byte[] body = chunked ? chunks(in) : all(in, length);
    String[] words = first.split(" ", 3);
    int mark = words[1].indexOf('?');
    String path = mark < 0 ? words[1] : words[1].substring(0, mark);
    String query = mark < 0 ? null : words[1].substring(mark + 1);
    StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
    byte[] answer = Content.hello();
    switch (path) {
      case "/random" -> {
        for (Map.Entry<String, String> header : Content.random(Content.number(query, "seed", 0))) {
          head.append(header.getKey()).append(": ").append(header.getValue()).append("\r\n");
        }
      }
      case "/echo" -> answer = body;
      case "/sleep" -> Content.sleep(Content.number(query, "ms", 0));
      case "/abort" -> throw new IOException("to be closed without an answer");
      case "/big" -> answer = Content.filler(Content.number(query, "bytes", 1_000_000));
      default -> {
        // What is said of everything.
      }
    }
    head.append("Content-Length: ").append(answer.length).append("\r\n\r\n");
    // In two writes, as simple servers do.
    out.write(Content.latin(head.toString()));
    if (!words[0].equals("HEAD")) {
      out.write(answer);
    }
    out.flush();
    return true;
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    while (true) {
      int size = Integer.parseInt(more(in).split(";", 2)[0].strip(), 16);
      body.writeBytes(all(in, size));
      if (size == 0) {
        while (!more(in).isEmpty()) {
          // A trailer.
        }
        return body.toByteArray();
      }
      more(in);
    }
  }

  private static byte[] all(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private static String more(InputStream in) throws IOException {
    String line = line(in);
    if (line == null) {
      throw new EOFException();
    }
    return line;
  }

  /** Null at the end of the connection. */
  private static String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }
}

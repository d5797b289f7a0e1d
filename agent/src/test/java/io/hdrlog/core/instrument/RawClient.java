package io.hdrlog.core.instrument;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A client that knows each byte it sent and received. */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 10_000;

  public final Socket socket;
  private final InputStream in;
  public long sent;
  public long received;

  /** A response as it came. */
  public record Response(String head, String body) {
    public int status() {
      return Integer.parseInt(head.substring(9, 12));
    }
  }

  public RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MS);
    in = socket.getInputStream();
  }

  public RawClient send(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
    sent += bytes.length;
    return this;
  }

  /** Reads a head, or what came before the end of the stream. */
  public String head() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int tail = 0;
    while (tail != 0x0D0A0D0A) {
      int b = in.read();
      if (b < 0) {
        break;
      }
      received++;
      bytes.write(b);
      tail = tail << 8 | b;
    }
    return bytes.toString(StandardCharsets.ISO_8859_1);
  }

  public Response response() throws IOException {
    return response(false);
  }

  /** Reads a response and its body, in whichever way that is delimited. */
  public Response response(boolean toHead) throws IOException {
    String head = head();
    String lower = head.toLowerCase(Locale.ROOT);
    if (head.isEmpty()) {
      throw new IOException("connection closed");
    }
    int status = Integer.parseInt(head.substring(9, 12));
    if (toHead || status == 204 || status == 304 || status < 200) {
      return new Response(head, "");
    }
    int length = lower.indexOf("\r\ncontent-length: ");
    if (length >= 0) {
      int from = length + 18;
      return new Response(
          head, bytes(Integer.parseInt(head.substring(from, head.indexOf("\r\n", from)))));
    }
    if (lower.contains("transfer-encoding: chunked")) {
      return new Response(head, chunks());
    }
    return new Response(head, rest());
  }

  private String chunks() throws IOException {
    StringBuilder body = new StringBuilder();
    while (true) {
      int size = Integer.parseInt(line(), 16);
      body.append(bytes(size));
      line();
      if (size == 0) {
        return body.toString();
      }
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int b = in.read();
      received++;
      if (b == '\n' || b < 0) {
        return line.toString();
      }
      if (b != '\r') {
        line.append((char) b);
      }
    }
  }

  private String bytes(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    received += bytes.length;
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Everything up to the end of the stream. */
  public String rest() throws IOException {
    byte[] bytes = in.readAllBytes();
    received += bytes.length;
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** Closes with RST. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

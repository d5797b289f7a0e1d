package io.hdrlog.it.harness;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/**
 * One connection that sends exactly the bytes it is told and keeps exactly the bytes it gets, with
 * a clock of its own (System.nanoTime, so CLOCK_MONOTONIC). It shares no code with what is tested.
 */
public final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MS = 30_000;
  private static final int BUFFER_BYTES = 64 * 1024;

  private final Socket socket;
  private final Instant connectedAt;
  private final int localPort;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int position;
  private int limit;
  private long readNs;
  private final ByteArrayOutputStream wire = new ByteArrayOutputStream();

  private RawClient(Socket socket, Instant connectedAt) throws IOException {
    this.socket = socket;
    this.connectedAt = connectedAt;
    this.localPort = socket.getLocalPort();
    this.in = socket.getInputStream();
  }

  /** When bytes were handed to the kernel: before and after the call. */
  public record Sent(long beforeNs, long afterNs) {}

  public static RawClient connect(int port) {
    return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
  }

  /**
   * Connects.
   *
   * @param receiveBytes the socket's receive buffer, or 0 for the system's
   */
  public static RawClient connect(InetSocketAddress address, int receiveBytes) {
    try {
      Socket socket = new Socket();
      if (receiveBytes > 0) {
        socket.setReceiveBufferSize(receiveBytes);
      }
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      Instant before = Instant.now();
      socket.connect(address, TIMEOUT_MS);
      return new RawClient(socket, before);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Connects and shakes hands, so that what is sent comes to the server as TLS. */
  public static RawClient connect(int port, TlsClient tls) {
    return connect(null, port, tls);
  }

  /** As above, from this address and port. */
  public static RawClient connect(SocketAddress from, int port, TlsClient tls) {
    try {
      Socket socket = new Socket();
      socket.bind(from);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MS);
      Instant before = Instant.now();
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MS);
      return new RawClient(tls.over(socket), before);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isSecure() {
    return socket instanceof SSLSocket;
  }

  /** The session, where there is TLS. */
  public SSLSession session() {
    return ((SSLSocket) socket).getSession();
  }

  public int localPort() {
    return localPort;
  }

  /** Just before it connected. */
  public Instant connectedAt() {
    return connectedAt;
  }

  public Sent send(byte[] bytes) {
    try {
      long before = System.nanoTime();
      socket.getOutputStream().write(bytes);
      return new Sent(before, System.nanoTime());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Sent send(String bytes) {
    return send(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  public Sent send(Request request) {
    return send(request.bytes());
  }

  /** Sends the bytes in so many pieces, each after a pause but the first. */
  public Sent dribble(byte[] bytes, int pieces, int pauseMillis) {
    long before = 0;
    long after = 0;
    for (int i = 0; i < pieces; i++) {
      int from = (int) ((long) bytes.length * i / pieces);
      int to = (int) ((long) bytes.length * (i + 1) / pieces);
      if (i > 0) {
        Pause.millis(pauseMillis);
      }
      byte[] piece = new byte[to - from];
      System.arraycopy(bytes, from, piece, 0, piece.length);
      Sent sent = send(piece);
      before = i == 0 ? sent.beforeNs : before;
      after = sent.afterNs;
    }
    return new Sent(before, after);
  }

  /** Sends and reads the answer. */
  public Response ask(Request request) {
    send(request);
    return read(request.method());
  }

  /** Reads one response to a request of that method, 1xx ones before it included. */
  public Response read(String method) {
    try {
      return readResponse(method);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Response readResponse(String method) throws IOException {
    List<Integer> informational = new ArrayList<>();
    while (true) {
      wire.reset();
      int first = next();
      if (first < 0) {
        throw new EOFException("closed before a response");
      }
      long firstNs = readNs;
      String statusLine = line(first);
      int status = Integer.parseInt(statusLine.split(" ", 3)[1]);
      List<Header> headers = headerLines();
      byte[] head = wire.toByteArray();
      if (status >= 100 && status < 200 && status != 101) {
        informational.add(status);
        continue;
      }
      List<Header> trailers = new ArrayList<>();
      byte[] body = body(method, status, headers, trailers);
      return new Response(
          status,
          informational,
          headers,
          body,
          trailers,
          head,
          wire.toByteArray(),
          firstNs,
          readNs);
    }
  }

  private byte[] body(String method, int status, List<Header> headers, List<Header> trailers)
      throws IOException {
    if (method.equals("HEAD") || status == 101 || status == 204 || status == 304) {
      return new byte[0];
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase("Transfer-Encoding")) {
        chunks(body, trailers);
        return body.toByteArray();
      }
    }
    for (Header header : headers) {
      if (header.name().equalsIgnoreCase("Content-Length")) {
        copy(body, Long.parseLong(header.value()));
        return body.toByteArray();
      }
    }
    for (int b = next(); b >= 0; b = next()) {
      body.write(b);
    }
    return body.toByteArray();
  }

  private void chunks(ByteArrayOutputStream body, List<Header> trailers) throws IOException {
    while (true) {
      int size = Integer.parseInt(line(required()).split(";", 2)[0].strip(), 16);
      if (size == 0) {
        trailers.addAll(headerLines());
        return;
      }
      copy(body, size);
      required();
      required();
    }
  }

  private void copy(ByteArrayOutputStream body, long bytes) throws IOException {
    for (long left = bytes; left > 0; ) {
      if (position == limit && !fill()) {
        throw new EOFException("closed within a body: missing_bytes=" + left);
      }
      int length = (int) Math.min(left, limit - position);
      body.write(buffer, position, length);
      wire.write(buffer, position, length);
      position += length;
      left -= length;
    }
  }

  private List<Header> headerLines() throws IOException {
    List<Header> headers = new ArrayList<>();
    for (String line = line(required()); !line.isEmpty(); line = line(required())) {
      int colon = line.indexOf(':');
      headers.add(new Header(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return headers;
  }

  /** The line that begins with this byte, without its end. */
  private String line(int first) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = first; b != '\n'; b = required()) {
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private int required() throws IOException {
    int b = next();
    if (b < 0) {
      throw new EOFException("closed within a response: so_far=" + wire);
    }
    return b;
  }

  private int next() throws IOException {
    if (position == limit && !fill()) {
      return -1;
    }
    int b = buffer[position++] & 0xff;
    wire.write(b);
    return b;
  }

  private boolean fill() throws IOException {
    int read = in.read(buffer);
    readNs = System.nanoTime();
    position = 0;
    limit = Math.max(read, 0);
    return read > 0;
  }

  /** Waits until something has come, and leaves it to be read; false at the connection's end. */
  public boolean awaitFirstByte() {
    try {
      return position < limit || fill();
    } catch (SocketTimeoutException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return false; // a reset is an end as well
    }
  }

  /** Reads so many raw bytes. */
  public byte[] readBytes(int count) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      copy(bytes, count);
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads everything until the peer closes or resets, and returns it. */
  public byte[] readToEnd() {
    wire.reset();
    try {
      for (int b = next(); b >= 0; b = next()) {
        // Kept in wire.
      }
    } catch (IOException e) {
      // A reset is an end as well.
    }
    return wire.toByteArray();
  }

  /** Says that it will send no more. */
  public void halfClose() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the connection by RST. */
  public void reset() {
    try {
      socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

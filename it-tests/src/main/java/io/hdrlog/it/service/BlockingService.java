package io.hdrlog.it.service;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLServerSocket;

/** HTTP/1.1 by hand on blocking sockets: what no instrumentation can know. */
public final class BlockingService {
  private BlockingService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Tls tls = new Tls(arguments);
    InetAddress address = InetAddress.getByName(arguments.text("address", "127.0.0.1"));
    int port = arguments.number("port", 0);
    ServerSocket server;
    if (tls.on()) {
      SSLServerSocket secure =
          (SSLServerSocket)
              tls.context().getServerSocketFactory().createServerSocket(port, 100, address);
      secure.setNeedClientAuth(tls.wantsClients());
      server = secure;
    } else {
      server = new ServerSocket(port, 100, address);
    }
    Ready.say(server.getLocalPort());
    ExecutorService threads = Executors.newCachedThreadPool();
    while (true) {
      Socket socket = server.accept();
      threads.execute(() -> converse(socket));
    }
  }

  private static void converse(Socket socket) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      socket.setTcpNoDelay(true);
      while (answer(in, out)) {
        // The next one.
      }
    } catch (IOException e) {
      // The client is gone.
    }
  }

  private static boolean answer(InputStream in, OutputStream out) throws IOException {
    String first = line(in);
    if (first == null) {
      return false;
    }
    int length = 0;
    boolean chunked = false;
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring("content-length:".length()).strip());
      }
      chunked |= lower.startsWith("transfer-encoding:");
    }
    byte[] body = chunked ? chunks(in) : in.readNBytes(length);
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
      int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
      body.writeBytes(in.readNBytes(size));
      if (size == 0) {
        while (!line(in).isEmpty()) {
          // A trailer.
        }
        return body.toByteArray();
      }
      line(in);
    }
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

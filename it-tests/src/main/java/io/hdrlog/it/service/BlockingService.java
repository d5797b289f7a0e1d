package io.hdrlog.it.service;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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
    int timeoutMs = arguments.number("timeoutMs", 0);
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
    int graceMs = arguments.number("graceMs", 0);
    if (graceMs > 0) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> Content.sleep(graceMs), "grace"));
    }
    Ready.say(server.getLocalPort());
    ExecutorService threads = Executors.newCachedThreadPool();
    while (true) {
      Socket socket = server.accept();
      threads.execute(() -> converse(socket, timeoutMs));
    }
  }

  private static void converse(Socket socket, int timeoutMs) {
    try (socket;
        InputStream in = new BufferedInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(timeoutMs);
      while (ByHand.answer(in, out)) {
        // The next one.
      }
    } catch (IOException e) {
      // The client is gone, or says nothing more.
    }
  }
}

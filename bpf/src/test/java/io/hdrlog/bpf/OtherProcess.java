package io.hdrlog.bpf;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Some loopback traffic in a process that nobody asked about. */
final class OtherProcess {
  private OtherProcess() {}

  public static void main(String[] args) throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), listener.getLocalPort());
        Socket server = listener.accept()) {
      for (int i = 0; i < 100; i++) {
        client.getOutputStream().write(new byte[100]);
        server.getInputStream().readNBytes(100);
        server.getOutputStream().write(new byte[100]);
        client.getInputStream().readNBytes(100);
      }
    }
    System.out.println("done");
  }
}

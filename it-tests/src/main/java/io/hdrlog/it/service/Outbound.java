package io.hdrlog.it.service;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** What a service asks of others while it is asked itself. */
final class Outbound {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  private Outbound() {}

  /** Asks the port both ways: by a client of HTTP, and by a socket as a database driver does. */
  static String ask(String query) throws IOException {
    int port = Content.number(query, "port", 0);
    String marker = Content.parameter(query, "marker", "none");
    try {
      HttpResponse<String> response =
          CLIENT.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + port + "/hello?" + marker + "-client"))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket
            .getOutputStream()
            .write(
                Content.latin(
                    "GET /hello?"
                        + marker
                        + "-socket HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        socket.getInputStream().readAllBytes();
      }
      return "asked " + response.statusCode() + "\n";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}

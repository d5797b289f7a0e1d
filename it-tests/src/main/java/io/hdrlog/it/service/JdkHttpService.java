package io.hdrlog.it.service;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLParameters;

/** The JDK's own server, which nothing instruments. */
public final class JdkHttpService {
  private JdkHttpService() {}

  public static void main(String[] args) throws Exception {
    Arguments arguments = new Arguments(args);
    Tls tls = new Tls(arguments);
    InetSocketAddress address =
        new InetSocketAddress(arguments.text("address", "127.0.0.1"), arguments.number("port", 0));
    HttpServer server;
    if (tls.on()) {
      HttpsServer secure = HttpsServer.create(address, arguments.number("backlog", 100));
      secure.setHttpsConfigurator(
          new HttpsConfigurator(tls.context()) {
            @Override
            public void configure(HttpsParameters parameters) {
              SSLParameters chosen = getSSLContext().getDefaultSSLParameters();
              chosen.setNeedClientAuth(tls.wantsClients());
              parameters.setSSLParameters(chosen);
            }
          });
      server = secure;
    } else {
      server = HttpServer.create(address, arguments.number("backlog", 100));
    }
    server.setExecutor(Executors.newFixedThreadPool(arguments.number("threads", 60)));
    server.createContext("/", JdkHttpService::handle);
    server.start();
    Ready.say(server.getAddress().getPort());
  }

  private static void handle(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    byte[] received = exchange.getRequestBody().readAllBytes();
    switch (exchange.getRequestURI().getPath()) {
      case "/random" -> {
        for (Map.Entry<String, String> header : Content.random(Content.number(query, "seed", 0))) {
          exchange.getResponseHeaders().add(header.getKey(), header.getValue());
        }
        send(exchange, 200, Content.hello());
      }
      case "/hello" -> send(exchange, 200, Content.hello());
      case "/echo" -> send(exchange, 200, received);
      case "/sleep" -> {
        Content.sleep(Content.number(query, "ms", 0));
        send(exchange, 200, Content.hello());
      }
      case "/big" -> big(exchange, Long.parseLong(Content.parameter(query, "bytes", "1000000")));
      case "/outbound" -> send(exchange, 200, Content.latin(Outbound.ask(query)));
      default -> send(exchange, 404, Content.latin("no such path\n"));
    }
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      boolean bodiless = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, bodiless ? -1 : body.length);
      if (!bodiless) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static void big(HttpExchange exchange, long bytes) throws IOException {
    byte[] piece = Content.filler(64 * 1024);
    exchange.sendResponseHeaders(200, bytes);
    try (exchange;
        OutputStream out = exchange.getResponseBody()) {
      for (long left = bytes; left > 0; left -= Math.min(left, piece.length)) {
        out.write(piece, 0, (int) Math.min(left, piece.length));
      }
    }
  }
}

package io.hdrlog.it.service;

import java.nio.ByteBuffer;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content.Sink;
import org.eclipse.jetty.io.Content.Source;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** The main paths, on Jetty's core alone. */
final class JettyHandler extends Handler.Abstract {
  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    String query = request.getHttpURI().getQuery();
    byte[] received = bytes(Source.asByteBuffer(request));
    byte[] answer = Content.hello();
    switch (request.getHttpURI().getPath()) {
      case "/random" -> {
        for (Map.Entry<String, String> header : Content.random(Content.number(query, "seed", 0))) {
          response.getHeaders().add(header.getKey(), header.getValue());
        }
      }
      case "/echo" -> answer = received;
      case "/sleep" -> Content.sleep(Content.number(query, "ms", 0));
      case "/big" -> answer = Content.filler(Content.number(query, "bytes", 1_000_000));
      case "/trailers" ->
          response.setTrailersSupplier(
              () -> HttpFields.build().add("grpc-status", "0").add("grpc-message", "fine"));
      default -> {
        // What is said of everything.
      }
    }
    if (!request.getHttpURI().getPath().equals("/trailers")) {
      response.getHeaders().put("Content-Length", answer.length);
    }
    Sink.write(response, true, ByteBuffer.wrap(answer));
    callback.succeeded();
    return true;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}

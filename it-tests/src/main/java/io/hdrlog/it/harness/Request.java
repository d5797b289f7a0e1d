package io.hdrlog.it.harness;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A request as its exact bytes. */
public final class Request {
  private final String method;
  private final String target;
  private final List<Header> headers = new ArrayList<>();
  private byte[] body = new byte[0];

  private Request(String method, String target) {
    this.method = method;
    this.target = target;
    headers.add(new Header("Host", "localhost"));
  }

  public static Request get(String target) {
    return new Request("GET", target);
  }

  public static Request of(String method, String target) {
    return new Request(method, target);
  }

  public static Request post(String target, String body) {
    Request request = new Request("POST", target);
    request.body = body.getBytes(StandardCharsets.ISO_8859_1);
    return request.header("Content-Length", Integer.toString(request.body.length));
  }

  /** A POST whose body is sent in chunks of so many bytes. */
  public static Request chunked(String target, String body, int chunkBytes) {
    Request request = new Request("POST", target);
    StringBuilder chunks = new StringBuilder();
    for (int at = 0; at < body.length(); at += chunkBytes) {
      String chunk = body.substring(at, Math.min(at + chunkBytes, body.length()));
      chunks
          .append(Integer.toHexString(chunk.length()))
          .append("\r\n")
          .append(chunk)
          .append("\r\n");
    }
    request.body = chunks.append("0\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    return request.header("Transfer-Encoding", "chunked");
  }

  public Request header(String name, String value) {
    headers.add(new Header(name, value));
    return this;
  }

  public Request id(String id) {
    return header("X-Request-Id", id);
  }

  public String method() {
    return method;
  }

  public List<Header> headers() {
    return Collections.unmodifiableList(headers);
  }

  /** The request line and header lines. */
  public byte[] head() {
    StringBuilder head = new StringBuilder();
    head.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    for (Header header : headers) {
      head.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  public byte[] body() {
    return body.clone();
  }

  public byte[] bytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(head());
    bytes.writeBytes(body);
    return bytes.toByteArray();
  }
}

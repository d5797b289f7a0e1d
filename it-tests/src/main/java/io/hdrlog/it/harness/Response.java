package io.hdrlog.it.harness;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a client's socket saw of one response. */
public final class Response {
  private final int status;
  private final List<Integer> informational;
  private final List<Header> headers;
  private final byte[] body;
  private final List<Header> trailers;
  private final byte[] head;
  private final byte[] wire;
  private final long firstNs;
  private final long lastNs;

  Response(
      int status,
      List<Integer> informational,
      List<Header> headers,
      byte[] body,
      List<Header> trailers,
      byte[] head,
      byte[] wire,
      long firstNs,
      long lastNs) {
    this.status = status;
    this.informational = informational;
    this.headers = headers;
    this.body = body;
    this.trailers = trailers;
    this.head = head;
    this.wire = wire;
    this.firstNs = firstNs;
    this.lastNs = lastNs;
  }

  public int status() {
    return status;
  }

  /** Status codes of the 1xx responses before it. */
  public List<Integer> informational() {
    return informational;
  }

  public List<Header> headers() {
    return headers;
  }

  public byte[] body() {
    return body.clone();
  }

  public List<Header> trailers() {
    return trailers;
  }

  /** The bytes of the final status line and header lines. */
  public byte[] head() {
    return head.clone();
  }

  /** All its bytes, those of 1xx responses not included. */
  public byte[] wire() {
    return wire.clone();
  }

  /** When the read that returned its first byte returned. */
  public long firstNs() {
    return firstNs;
  }

  /** When the read that returned its last byte returned. */
  public long lastNs() {
    return lastNs;
  }

  /** The value of the first header of that name, or null. */
  public String header(String name) {
    return headers.stream()
        .filter(header -> header.name().equalsIgnoreCase(name))
        .map(Header::value)
        .findFirst()
        .orElse(null);
  }

  public String text() {
    return new String(body, StandardCharsets.ISO_8859_1);
  }
}

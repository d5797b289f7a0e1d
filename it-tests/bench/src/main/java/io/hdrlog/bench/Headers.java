package io.hdrlog.bench;

import java.nio.charset.StandardCharsets;

/** The request that every load sends and the response that every service gives. */
public final class Headers {
  /** Stands for eight digits that are different in each request. */
  private static final String NUMBER = "########";

  /** As in {@code src/main/wrk/headers.lua}: 16 names with their values. */
  private static final String[] REQUEST = {
    "Host", "orders.example.test",
    "User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Accept", "application/json, text/plain;q=0.9, */*;q=0.8",
    "Accept-Language", "en-GB,en;q=0.7,de;q=0.3",
    "Accept-Encoding", "gzip, deflate, br, zstd",
    "Authorization", "Bearer bench-########9abcdef0123456789abcdef",
    "Cookie", "session=########89abcdef; theme=dark; consent=all",
    "Referer", "https://shop.example.test/cart?step=2",
    "Cache-Control", "no-cache",
    "Pragma", "no-cache",
    "X-Request-Id", "0199f3c2-7d5e-7abc-8def-0123########",
    "X-Forwarded-For", "203.0.113.7, 198.51.100.23",
    "X-Forwarded-Proto", "https",
    "Traceparent", "00-0af7651916cd43dd8448eb21########-b7ad6b71########-01",
    "X-Tenant-Id", "tenant-0042",
    "X-Client-Version", "7.31.4",
  };

  /** Five of the response's eight; the other three are Content-Type, Content-Length and Date. */
  private static final String[] RESPONSE = {
    "Cache-Control", "private, max-age=30",
    "ETag", "\"5f1c2d3e4a5b6c7d\"",
    "Vary", "Accept-Encoding",
    "X-Content-Type-Options", "nosniff",
    "X-Request-Id", "0199f3c2-7d5e-7abc-8def-0123456789ab",
  };

  public static final String PATH = "/orders/100000?expand=items";
  public static final String CONTENT_TYPE = "application/json";
  public static final int BODY_BYTES = 600;

  private Headers() {}

  /** Names of all headers of the request. */
  public static String[] requestNames() {
    return everySecond(REQUEST, 0);
  }

  /** Names of all headers of the response, the container's included. */
  public static String[] responseNames() {
    String[] own = everySecond(RESPONSE, 0);
    String[] all = new String[own.length + 3];
    System.arraycopy(own, 0, all, 0, own.length);
    all[own.length] = "Content-Type";
    all[own.length + 1] = "Content-Length";
    all[own.length + 2] = "Date";
    return all;
  }

  /** Names and values of the headers that the application itself sets, in turn. */
  public static String[] applicationHeaders() {
    return RESPONSE.clone();
  }

  /**
   * The request as it goes over the wire. What differs between the requests of real clients differs
   * with the number here, too: nobody may live off having seen the same values a moment ago.
   */
  public static byte[] request(int number) {
    StringBuilder text = new StringBuilder();
    text.append("GET /orders/").append(100_000 + number).append("?expand=items HTTP/1.1\r\n");
    for (int i = 0; i < REQUEST.length; i += 2) {
      text.append(REQUEST[i]).append(": ");
      text.append(REQUEST[i + 1].replace(NUMBER, String.format("%08x", number))).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** The body: JSON to look at, and 600 bytes long. */
  public static byte[] body() {
    StringBuilder text = new StringBuilder("{\"order\":4711,\"note\":\"");
    while (text.length() < BODY_BYTES - 2) {
      text.append((char) ('a' + text.length() % 26));
    }
    return text.append("\"}").toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String[] everySecond(String[] pairs, int first) {
    String[] names = new String[pairs.length / 2];
    for (int i = 0; i < names.length; i++) {
      names[i] = pairs[2 * i + first];
    }
    return names;
  }
}

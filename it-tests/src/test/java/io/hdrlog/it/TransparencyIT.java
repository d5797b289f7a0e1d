package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The service behaves as without the agent: the same bytes, the same failures, the same ends. */
class TransparencyIT {
  private static final Pattern CHANGING = Pattern.compile("(?m)^(Date|X-Took-Ns): .*$");

  /** Error pages show identity hashes. */
  private static final Pattern IDENTITY =
      Pattern.compile("\\$\\$Lambda[^ )]*|@[0-9a-f]+|(?<=Servlet-)[0-9a-f]+");

  private static final int HANDLED_MS = 20;

  private static final Request LAST = Request.get("/hello").header("Connection", "close");

  private static final List<String> TARGETS =
      List.of(
          "/hello",
          "/odd",
          "/big?bytes=200000",
          "/file?bytes=200000",
          "/async?ms=5",
          "/dispatch",
          "/error",
          "/error-late",
          "/chunked?ms=1",
          "/forward",
          "/include",
          "/status/204",
          "/status/304",
          "/status/418",
          "/status/503",
          "/senderror/418",
          "/senderror/500",
          "/nosuch",
          "/cookies",
          "/secret?token=a",
          "/close",
          "/ignore",
          "/abort");

  private static final List<String> RAW =
      List.of(
          "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /hello HTTP/1.0\r\n\r\n",
          "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
          "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
          "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
          "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
          "GET http://a/hello HTTP/1.1\r\nHost: a\r\n\r\n",
          "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /odd HTTP/1.1\r\nHost: a\r\n\r\n",
          "GARBAGE\r\n\r\n",
          "GET / HTTP/9.9\r\nHost: a\r\n\r\n",
          "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: a\r\nX-Big: " + "x".repeat(20_000) + "\r\n\r\n",
          "GET /" + "x".repeat(20_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
          "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\nabc",
          "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  @ParameterizedTest
  @EnumSource(names = {"TOMCAT_11", "TOMCAT_10", "NETTY_42", "NETTY_41", "UNDERTOW", "JETTY_10"})
  void every_byte_is_the_same(Variant variant) {
    Map<String, String> without;
    try (Service service = Service.on(variant).withoutAgent().start()) {
      without = answers(service);
    }
    Map<String, String> with;
    try (Service service = Service.on(variant).start()) {
      with = answers(service);
      assertThat(service.isAlive()).isTrue();
    }
    for (Map.Entry<String, String> answer : without.entrySet()) {
      assertThat(with.get(answer.getKey()))
          .as("the answer of %s to %s", variant, answer.getKey())
          .isEqualTo(answer.getValue());
    }
  }

  private static Map<String, String> answers(Service service) {
    Map<String, String> answers = new LinkedHashMap<>();
    for (String target : TARGETS) {
      // The server ends the connection after the second answer, so no time-out decides.
      answers.put(target, answer(service, Request.get(target).bytes(), LAST.bytes()));
    }
    for (String request : RAW) {
      answers.put(
          request.substring(0, Math.min(request.length(), 70)),
          answer(service, request.getBytes(StandardCharsets.ISO_8859_1), null));
    }
    return answers;
  }

  /** Everything the server sends to a request, and to what is sent when the answer has begun. */
  private static String answer(Service service, byte[] request, byte[] then) {
    try (RawClient client = service.connect()) {
      client.send(request);
      if (then == null) {
        // Some servers wait for more after what they cannot read.
        Pause.millis(HANDLED_MS);
        client.halfClose();
      } else if (client.awaitFirstByte()) {
        sendIfOpen(client, then);
      }
      String answer = new String(client.readToEnd(), StandardCharsets.ISO_8859_1);
      answer = CHANGING.matcher(answer).replaceAll("$1: -");
      return IDENTITY.matcher(answer).replaceAll("");
    }
  }

  private static void sendIfOpen(RawClient client, byte[] bytes) {
    try {
      client.send(bytes);
    } catch (UncheckedIOException e) {
      // The server has closed after its answer, which is read all the same.
    }
  }
}

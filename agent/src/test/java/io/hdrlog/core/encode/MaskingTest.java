package io.hdrlog.core.encode;

import static io.hdrlog.core.encode.Records.exchange;
import static io.hdrlog.core.encode.Records.settings;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.mask.MaskMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A secret in a masked place is in no record, whatever stands around it. */
class MaskingTest {
  private static final String SECRET = "s3cr3tV4lue";
  private static final String JWT =
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";

  /** Looked at three times: unknown, taken in, and from memory. */
  private static void assertHidden(String requestHead, String secret) {
    for (MaskMode mode : MaskMode.values()) {
      EncoderSettings settings = settings();
      settings.maskMode = mode;
      JsonEncoder encoder = new JsonEncoder(settings);
      for (int i = 0; i < 4; i++) {
        Exchange e = exchange(requestHead, "HTTP/1.1 400 Bad Request\r\n\r\n");
        e.outcome = Outcome.REJECTED;
        String line = Records.line(encoder, e);
        assertThat(line).as(requestHead).doesNotContain(secret);
        Json.object(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    }
  }

  private static String header(String line) {
    return "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\nLast: z\r\n\r\n";
  }

  private static String headerOf(String name, String value) {
    Map<?, ?> r = Records.record(Records.request(header(name + ": " + value)));
    List<?> values = (List<?>) Json.at(r, "http.request.header." + name.toLowerCase(Locale.ROOT));
    return (String) values.get(0);
  }

  private static String queryOf(String query) {
    Map<?, ?> r = Records.record(Records.request("GET /p?" + query + " HTTP/1.1\r\n\r\n"));
    return (String) Json.at(r, "url.query");
  }

  private static String pathOf(String path) {
    Map<?, ?> r = Records.record(Records.request("GET " + path + " HTTP/1.1\r\n\r\n"));
    return (String) Json.at(r, "url.path");
  }

  @Test
  void headersOfTheListAreMaskedInEveryCaseAndSpelling() {
    for (String glob : Records.MASKED_HEADERS) {
      if (glob.endsWith("cookie")) {
        continue;
      }
      for (String name :
          List.of(glob.replace("*", ""), glob.replace("*", "X-"), glob.replace("*", "my"))) {
        for (String spelled :
            List.of(name, name.toUpperCase(Locale.ROOT), "\u0000" + name, name + " ")) {
          if (!glob.startsWith("*") && name.contains("*")) {
            continue;
          }
          assertHidden(header(spelled + ": " + SECRET), SECRET);
          assertHidden(header(spelled + ":\t a " + SECRET + " b"), SECRET);
        }
      }
    }
  }

  @Test
  void maskedHeadersSayThatTheyWereThere() {
    assertThat(headerOf("Authorization", "Bearer x")).isEqualTo("[masked]");
    assertThat(headerOf("X-Authenticated-User", "me")).isEqualTo("[masked]");
    assertThat(headerOf("X-Forwarded-Client-Cert", "By=a")).isEqualTo("[masked]");
    assertThat(headerOf(":authority", "a.example")).isEqualTo("a.example");
    assertThat(headerOf("Accept", "*/*")).isEqualTo("*/*");
  }

  @Test
  void malformedHeadsHideTheirSecretsToo() {
    String get = "GET / HTTP/1.1\r\n";
    for (String head :
        List.of(
            get + "Authorization: Bearer " + SECRET,
            get + "Authorization: Bearer " + SECRET + "\r",
            get + "Authorization:\r\n " + SECRET + "\r\n\r\n",
            get + "Authorization: Basic\r\n\t" + SECRET + "\r\n " + SECRET + "\r\n\r\n",
            get + "X: a\r\n Authorization: " + SECRET + "\r\n\r\n",
            get + "X: a\rAuthorization: " + SECRET + "\r\n\r\n",
            get + "Authorization: Bearer a\rX-Foo: " + SECRET + "\r\n\r\n",
            get + "Authorization: Bearer a\rX-Request-Id: " + SECRET + "\r\n\r\n",
            get + "Cookie: a=b\r\rX: " + SECRET + "\r\n Y: " + SECRET + "\r\n\r\n",
            get + "A: /?token=a\rX: " + SECRET + "\r\n\r\n",
            "GET /?token=a\rX: " + SECRET + " HTTP/1.1\r\n\r\n",
            get + " Authorization: " + SECRET + "\r\n\r\n",
            get + "Authorization " + SECRET + "\r\n\r\n",
            get + "Author ization: " + SECRET + "\r\n\r\n",
            get + "Auth\u0000orization: " + SECRET + "\r\n\r\n",
            get + "Authorization\t:" + SECRET + "\n\n",
            get + ": " + SECRET + "\r\n\r\n",
            get + "::" + SECRET + ": x\r\n\r\n",
            get + ":authorization: " + SECRET + "\r\n\r\n",
            get + "GET /?token=" + SECRET + ":x HTTP/1.1\r\n\r\n",
            get + "GET http://u:" + SECRET + "@h/ HTTP/1.1\r\n\r\n",
            "\r\n\r\nGET /?token=" + SECRET + " HTTP/1.1\r\n",
            "GET /?token=" + SECRET,
            "GET /?token=" + SECRET + " HTTX/1.1\r\n\r\n",
            "GET /?token=a " + SECRET + " HTTP/1.1\r\n\r\n",
            "GET /?token=a;" + SECRET + " HTTP/1.1\r\n\r\n",
            "GET /?token=a#" + SECRET + " HTTP/1.1\r\n\r\n",
            "GET /?a=b HTTP/1.1 ?token=" + SECRET + "\r\n\r\n",
            "GET\t/?token=" + SECRET + "\tHTTP/1.1\r\n\r\n",
            "GET ?token=" + SECRET + " HTTP/1.1\r\n\r\n",
            "GET /\u0000?token=" + SECRET + "\u0000 HTTP/1.1\r\n\r\n",
            "GET http://u:" + SECRET + "@h/p?a=b HTTP/1.1\r\n\r\n",
            "CONNECT u:" + SECRET + "@h:1 HTTP/1.1\r\n\r\n",
            SECRET)) {
      assertHidden(head, SECRET);
    }
  }

  @Test
  void ofCookiesTheNamesStay() {
    assertThat(headerOf("Cookie", "a=x; b=y=z;c=; d ; e=\"q;r=s\"; f=1"))
        .isEqualTo("a=[masked]; b=[masked];c=[masked]; [masked] ; e=[masked]; f=[masked]");
    assertThat(headerOf("Set-Cookie", "sid=x; Path=/; HttpOnly; Max-Age=5; SameSite=Lax"))
        .isEqualTo("sid=[masked]; Path=/; HttpOnly; Max-Age=5; SameSite=Lax");
    assertThat(headerOf("Set-Cookie", "path=x; path=/; other=y"))
        .isEqualTo("path=[masked]; path=/; other=[masked]");
  }

  @Test
  void parametersOfTheListAreMasked() {
    for (String glob : Records.MASKED_QUERY) {
      for (String name : List.of(glob.replace("*", ""), glob.replace("*", "x"))) {
        for (String spelled :
            List.of(
                name,
                name.toUpperCase(Locale.ROOT),
                String.format("%%%02x", (int) name.charAt(0)) + name.substring(1),
                String.format("%%25%02X", (int) name.charAt(0)) + name.substring(1))) {
          assertThat(queryOf("a=1&" + spelled + "=" + SECRET + "&b=2"))
              .isEqualTo("a=1&" + spelled + "=[masked]&b=2");
          assertThat(queryOf(spelled + "=" + SECRET + ";b=2")).isEqualTo(spelled + "=[masked]");
          assertThat(headerOf("Referer", "https://h/p?" + spelled + "=" + SECRET + "#f"))
              .doesNotContain(SECRET)
              .startsWith("https://h/p?" + spelled + "=[masked]");
        }
      }
    }
    assertThat(queryOf("a=b&c&=d&e=")).isEqualTo("a=b&c&=d&e=");
    assertThat(queryOf("token=")).isEqualTo("token=[masked]");
    assertThat(queryOf("to-ken=a&codes=1")).isEqualTo("to-ken=a&codes=1");
    assertThat(queryOf("+code=a&to%20ken=b&+=c")).isEqualTo("+code=[masked]&to%20ken=[masked]&+=c");
  }

  @Test
  void valuesOfAQueryGoOnToTheAmpersand() {
    for (String piece : List.of(";user=", ";", "?a=", "#a=", ";a=b;token=", "==;=")) {
      String value = "p1" + piece + SECRET;
      assertThat(queryOf("password=" + value + "&x=1")).isEqualTo("password=[masked]&x=1");
      assertThat(queryOf("a=1;token=" + value + "&x=1")).isEqualTo("a=1;token=[masked]&x=1");
      assertThat(queryOf("next=%3Ftoken%3D" + value + "&x=1"))
          .isEqualTo("next=%3Ftoken%3D[masked]&x=1");
      assertThat(headerOf("Referer", "https://h/p?a=1&password=" + value + "&x=1"))
          .isEqualTo("https://h/p?a=1&password=[masked]&x=1");
      assertThat(headerOf("Link", "<https://h/p?code=" + value + ">; rel=next"))
          .isEqualTo("<https://h/p?code=[masked]; rel=next");
    }
    assertThat(queryOf("a=1;b=2?c=3&x=1")).isEqualTo("a=1;b=2?c=3&x=1");
    assertThat(pathOf("/a;jsessionid=x;v=1/b")).isEqualTo("/a;jsessionid=[masked];v=1/b");
    assertThat(headerOf("Referer", "https://h/a;jsessionid=x;v=1?b=2"))
        .isEqualTo("https://h/a;jsessionid=[masked];v=1?b=2");
  }

  @Test
  void parametersOfUrlsWithinValuesAreMasked() {
    assertThat(queryOf("next=https%3A%2F%2Fh%3Fa%3D1%26token%3D" + SECRET + "%26b%3D2&c=3"))
        .isEqualTo("next=https%3A%2F%2Fh%3Fa%3D1%26token%3D[masked]%26b%3D2&c=3");
    assertThat(queryOf("next=http://h/?token=" + SECRET))
        .isEqualTo("next=http://h/?token=[masked]");
    assertThat(headerOf("Location", "https://h/cb#access_token=" + SECRET + "&x=1"))
        .isEqualTo("https://h/cb#access_token=[masked]&x=1");
    assertThat(headerOf("Referer", "https://u:" + SECRET + "@h/p"))
        .isEqualTo("https://[masked]@h/p");
    assertThat(headerOf("Refresh", "5; url=/x?sig=" + SECRET)).isEqualTo("5; url=/x?sig=[masked]");
    assertThat(pathOf("/a;jsessionid=" + SECRET + "/b")).isEqualTo("/a;jsessionid=[masked]");
    assertThat(pathOf("/a%3Bjsessionid=" + SECRET)).isEqualTo("/a%3Bjsessionid=[masked]");
  }

  @Test
  void whatLooksLikeASecretIsMaskedAnywhere() {
    List<String> secrets =
        List.of(
            JWT,
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "AIzaSyA1234567890abcdefghijklmnopqrstuv",
            "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
            "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz",
            "xoxb-123456789012-abcdefghijkl",
            "glpat-abcdefghij0123456789",
            "sk_live_abcdefghijklmnop0123",
            "4111111111111111",
            "4111-1111-1111-1111",
            "378282246310005",
            "5500000000000004",
            "30569309025904",
            "6011000990139424",
            "2223003122003222",
            "4222222222222");
    for (String secret : secrets) {
      for (String around : List.of("%s", "a %s b", "x=%s&y", "\"%s\"", "(%s)", "%s,", "%%3D%s")) {
        String value = around.formatted(secret);
        assertThat(headerOf("X-Any", value)).isEqualTo(around.formatted("[masked]"));
        if (!value.contains(" ")) {
          assertThat(pathOf("/p/" + value)).isEqualTo("/p/" + around.formatted("[masked]"));
          assertThat(queryOf("q=" + value)).isEqualTo("q=" + around.formatted("[masked]"));
        }
      }
      assertHidden("GET /" + secret + "?" + secret + " HTTP/1.1\r\nA: " + secret, secret);
    }
    assertThat(headerOf("X-Any", "4111 1111 1111 1111")).isEqualTo("[masked]");
    assertThat(queryOf("c=4111+1111+1111+1111&d=4111%201111%201111%201111"))
        .isEqualTo("c=[masked]&d=[masked]");
    for (String padding : List.of("=", "==", "%3D", "%3d%3D", "")) {
      for (String dot : List.of(".", "%2E", "%2e")) {
        String jwt = JWT.replace(".", padding + dot) + padding;
        assertThat(headerOf("X-Any", "a " + jwt + " b")).isEqualTo("a [masked] b");
        assertThat(queryOf("q=" + jwt + "&x")).isEqualTo("q=[masked]&x");
      }
    }
    assertThat(headerOf("X-Any", "bearer x")).isEqualTo("bearer [masked]");
    assertThat(headerOf("X-Any", "Bearer  \"a, b;c\" d")).isEqualTo("Bearer  \"[masked]\" d");
    assertThat(headerOf("X-Any", "{\\\"Bearer \\\"a\\\"")).doesNotContain("a\\");
    assertThat(headerOf("X-Any", "Basic \"dTpw\"")).isEqualTo("Basic \"[masked]\"");
    assertThat(headerOf("X-Any", "v Basic dTpw, w")).isEqualTo("v Basic [masked], w");
    assertThat(queryOf("h=Bearer%20" + SECRET + "&x")).isEqualTo("h=Bearer%20[masked]&x");
    assertThat(headerOf("X-Any", "a -----BEGIN KEY-----\\nMIIB-----END KEY----- b"))
        .isEqualTo("a [masked] b");
    assertThat(headerOf("X-Any", "-----BEGIN RSA PRIVATE KEY-----MIIB")).isEqualTo("[masked]");
  }

  @Test
  void whatOnlyRemindsOfASecretStays() {
    for (String value :
        List.of(
            "1732300000000",
            "1732300000000000000",
            "t=1732300000000",
            "4111111111111112",
            "41111111111111111111111",
            "12345678-1234-4123-8123-123456789012",
            "0196f0c2-8d5e-7aaa-8123-446655440000",
            "a4111111111111111",
            "eyJ",
            "eyJhIjoxLCJiIjoyfQ==",
            "forbearer x",
            "AKIA",
            "Sun, 22 Nov 2026 18:32:00 GMT",
            "10.0.0.1, 192.168.100.200",
            "text/html;q=0.9,*/*;q=0.8",
            "\"Not?A_Brand\";v=\"99\"",
            "https://h//a//b@c")) {
      assertThat(headerOf("X-Any", value)).isEqualTo(value);
    }
  }

  @Test
  void noUuidIsMistakenForACard() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder digits = new StringBuilder();
      for (int k = 0; k < 32; k++) {
        digits.append(random.nextInt(20) == 0 ? 'a' : (char) ('0' + random.nextInt(10)));
      }
      String uuid =
          digits.insert(20, '-').insert(16, '-').insert(12, '-').insert(8, '-').toString();
      assertThat(secretRanges(uuid)).as(uuid).isZero();
    }
  }

  private static int secretRanges(String value) {
    byte[] b = value.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
    var ranges = new io.hdrlog.core.mask.Ranges();
    MASKER.header(
        io.hdrlog.core.mask.HeaderRule.OPEN,
        b,
        0,
        b.length,
        io.hdrlog.core.mask.Signs.of(b, 0, b.length),
        ranges);
    return ranges.count();
  }

  private static final io.hdrlog.core.mask.Masker MASKER =
      new io.hdrlog.core.mask.Masker(
          Records.MASKED_HEADERS, Records.MASKED_QUERY, true, MaskMode.REDACT, new byte[0], false);

  @Test
  void hashesOfEqualValuesAreEqualAndDependOnTheKey() {
    EncoderSettings settings = settings();
    settings.maskMode = MaskMode.HASH;
    JsonEncoder encoder = new JsonEncoder(settings);
    Exchange e = exchange("GET /?token=v1&x=1 HTTP/1.1\r\nX-Token: v1\r\nCookie: a=v1\r\n\r\n", "");
    Map<?, ?> r = Records.record(encoder, e);
    String hash = (String) ((List<?>) Json.at(r, "http.request.header.x-token")).get(0);
    assertThat(hash).matches("\\[masked:[0-9a-f]{12}]");
    assertThat(Json.at(r, "url.query")).isEqualTo("token=" + hash + "&x=1");
    assertThat(Json.at(r, "http.request.header.cookie")).isEqualTo(List.of("a=" + hash));
    settings.key = new byte[] {1};
    assertThat(Records.line(new JsonEncoder(settings), e)).doesNotContain(hash);
  }

  @Test
  void randomHeadsNeverThrowAndNeverShowTheSecret() {
    Random random = new Random(42);
    String[] pieces = {
      "GET ",
      "/",
      "?",
      "&",
      "token=",
      "Authorization: ",
      "Cookie: a=",
      "X: ",
      "\r\n",
      "\n",
      "\r",
      " ",
      "\t",
      ":",
      "\u0000",
      "%",
      "%3F",
      "=",
      ";",
      "#",
      "HTTP/1.1",
      "\"",
      "\\",
      "\u00e9",
      "eyJ",
      "Bearer ",
      "-----BEGIN",
      "4111 1111 1111 ",
      "//",
      "@",
      "x",
      "12345",
      ".",
      "_",
      "-"
    };
    JsonEncoder encoder = new JsonEncoder(settings());
    for (int i = 0; i < 20_000; i++) {
      StringBuilder head = new StringBuilder(random.nextBoolean() ? "GET /p HTTP/1.1\r\n" : "");
      int count = random.nextInt(40);
      for (int k = 0; k < count; k++) {
        head.append(pieces[random.nextInt(pieces.length)]);
      }
      String prefix = random.nextBoolean() ? "\r\nAuthorization: " : "\r\nX-Api-Key:";
      Exchange e = exchange(head + prefix + SECRET, head.toString());
      String line = Records.line(encoder, e);
      Json.object(line.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      assertThat(line).doesNotContain(SECRET);
    }
  }

  @Test
  void randomBlocksAreWrittenAsTheyWereSent() {
    Random random = new Random(1);
    JsonEncoder encoder = new JsonEncoder(settings());
    for (int i = 0; i < 3_000; i++) {
      Map<String, List<String>> wanted = new java.util.LinkedHashMap<>();
      StringBuilder head = new StringBuilder("GET / HTTP/1.1\r\n");
      int count = random.nextInt(30);
      for (int k = 0; k < count; k++) {
        String name = (random.nextBoolean() ? "Name-" : "nAME-") + random.nextInt(12);
        String value = value(random);
        wanted.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>()).add(value);
        head.append(name)
            .append(random.nextBoolean() ? ":" : ":  \t")
            .append(value)
            .append(random.nextBoolean() ? "" : " ")
            .append(random.nextInt(4) == 0 ? "\n" : "\r\n");
      }
      Map<?, ?> r = Records.record(encoder, Records.request(head + "\r\nbody: no\r\n"));
      Object headers = Json.at(r, "http.request.header");
      assertThat(headers == null ? "{}" : headers.toString()).isEqualTo(wanted.toString());
    }
  }

  private static String value(Random random) {
    String[] values = {"", "a", "b c", "\"q\"", "back\\slash", "tab\there", "\u00e4\u00f6 x", "1"};
    return random.nextInt(3) == 0
        ? "v" + random.nextInt(1000)
        : values[random.nextInt(values.length)];
  }
}

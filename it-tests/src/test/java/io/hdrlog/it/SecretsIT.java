package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A secret that a client sends in a masked place is in no file, at no time, in no form. */
class SecretsIT {
  private static final int TIMES = 1_000;

  /** Where it was sent to what it was; none is a part of another. */
  private static final Map<String, String> SECRETS = new LinkedHashMap<>();

  static {
    SECRETS.put("basic password", "pw0Vq8Zr3");
    SECRETS.put("bearer token", "tok1Kd93LsPq7Xw2");
    SECRETS.put("cookie", "ck2Bn57TgYh4Uj8");
    SECRETS.put("second cookie", "ck3Mz46RfVe9Ik1");
    SECRETS.put("query token", "qt4Wx25EdCr6Tb0");
    SECRETS.put("query token, escaped name", "qt5Ao14SzPl3Qm7");
    SECRETS.put("query signature", "sg6Hy63JnUk2Ml8");
    SECRETS.put("api key", "ak7Gt52BhNj1Mi9");
    SECRETS.put("session header", "sh8Fr41VgBy0Nu7");
    SECRETS.put("forwarded certificate", "fc9De30CfVt9Gb6");
    SECRETS.put("aws key", "AKIAJ7QX2M5TZ9WK4RLB");
    SECRETS.put("card number", "4539578763621486");
    SECRETS.put("response token", "rt1Cw29XdZq8Fs5");
    SECRETS.put("rejected password", "rj2Bs18WsXe7Da4");
    SECRETS.put("odd case", "oc3An07QaSw6Sp3");
    SECRETS.put("long value", "lv4Zm96PzAq5Ao2");
  }

  private static final String JWT =
      base64Url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")
          + "."
          + base64Url("{\"sub\":\"jw5Yl85OyZp4\",\"name\":\"Someone\"}")
          + ".SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";

  private static String base64Url(String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"TOMCAT_11, redact", "TOMCAT_11, hash", "NETTY_42, redact"})
  void no_file_holds_any_of_them(Variant variant, String mode) throws IOException {
    Path dir;
    try (Service service =
        Service.on(variant).option("mask.mode", mode).option("rotate.size", "512KB").start()) {
      dir = service.dir();
      try (RawClient client = service.connect()) {
        for (int i = 0; i < TIMES; i++) {
          client.ask(request(i));
        }
      }
      try (RawClient client = service.connect()) {
        client.send(
            "GET /x?password="
                + SECRETS.get("rejected password")
                + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                + SECRETS.get("rejected password")
                + "\r\nNo colon\r\n\r\n");
        client.halfClose();
        client.readToEnd();
      }
      List<LogRecord> records = service.records().await(TIMES + 1);
      assertThat(records).hasSize(TIMES + 1);
      LogRecord record = records.get(0);
      String masked = mode.equals("hash") ? "[masked:" : "[masked]";
      assertThat(record.text("url.query")).contains("token=" + masked).contains("plain=seen");
      assertThat(record.requestHeader("x-plain")).containsExactly("seen");
      assertThat(record.requestHeader("authorization")).hasSize(1);
      assertThat(record.requestHeader("cookie").get(0))
          .contains("first=" + masked)
          .contains("second=" + masked);
      assertThat(record.responseHeader("set-cookie").get(0)).startsWith("sid=" + masked);
      assertThat(record.requestHeader("x-unlisted")).hasSize(1);
      service.stop();
    }
    mustHoldNoSecret(dir);
  }

  private static Request request(int i) {
    String basic =
        Base64.getEncoder()
            .encodeToString(
                ("user:" + SECRETS.get("basic password")).getBytes(StandardCharsets.UTF_8));
    return Request.get(
            "/secret?plain=seen&token="
                + SECRETS.get(i % 2 == 0 ? "query token" : "response token")
                + "&to%6Ben="
                + SECRETS.get("query token, escaped name")
                + "&X-Amz-Signature="
                + SECRETS.get("query signature"))
        .header("X-Plain", "seen")
        .header(
            "Authorization",
            i % 2 == 0 ? "Basic " + basic : "Bearer " + SECRETS.get("bearer token"))
        .header(
            "Cookie",
            "first=" + SECRETS.get("cookie") + "; second=\"" + SECRETS.get("second cookie") + "\"")
        .header("X-Api-Key", SECRETS.get("api key"))
        .header("X-Session-Token", SECRETS.get("session header"))
        .header("X-Forwarded-Client-Cert", SECRETS.get("forwarded certificate"))
        .header("X-PASSWORD-hint", SECRETS.get("odd case"))
        .header("X-Secret-Blob", "x".repeat(i % 10 == 0 ? 3_000 : 3) + SECRETS.get("long value"))
        .header("X-Unlisted", JWT)
        .header("X-Note", "key " + SECRETS.get("aws key") + " in the middle")
        .header("X-Payment", SECRETS.get("card number"));
  }

  private static void mustHoldNoSecret(Path dir) throws IOException {
    String[] jwt = JWT.split("\\.", -1);
    try (Stream<Path> files = Files.walk(dir)) {
      List<Path> all = files.filter(Files::isRegularFile).toList();
      assertThat(all).as("files, closed and compressed ones among them").hasSizeGreaterThan(2);
      assertThat(all).anyMatch(file -> file.toString().endsWith(".gz"));
      for (Path file : all) {
        byte[] raw = Files.readAllBytes(file);
        mustNotContain(file, raw, jwt);
        if (file.toString().endsWith(".gz")) {
          try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(raw))) {
            mustNotContain(file, in.readAllBytes(), jwt);
          }
        }
      }
    }
  }

  private static void mustNotContain(Path file, byte[] bytes, String[] jwt) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    for (Map.Entry<String, String> secret : SECRETS.entrySet()) {
      mustNotContain(file, text, secret.getKey(), secret.getValue());
      // Base64 of it at each of the three offsets, less the characters its neighbours share.
      for (int offset = 0; offset < 3; offset++) {
        String encoded =
            Base64.getEncoder()
                .withoutPadding()
                .encodeToString(
                    ("   ".substring(0, offset) + secret.getValue())
                        .getBytes(StandardCharsets.UTF_8));
        String core = encoded.substring(offset == 0 ? 0 : 4, encoded.length() - 2);
        mustNotContain(file, text, secret.getKey() + " in base64", core);
      }
    }
    mustNotContain(file, text, "JWT payload", jwt[1]);
    mustNotContain(file, text, "JWT signature", jwt[2]);
  }

  private static void mustNotContain(Path file, String text, String what, String secret) {
    int at = text.indexOf(secret);
    assertThat(at)
        .as(
            "%s is in %s: %s",
            what,
            file,
            at < 0
                ? ""
                : text.substring(
                    Math.max(0, at - 60), Math.min(text.length(), at + secret.length() + 20)))
        .isNegative();
  }
}

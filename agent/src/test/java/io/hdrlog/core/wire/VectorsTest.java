package io.hdrlog.core.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/**
 * What other parsers are tested with: see the files for their form and docs/wire.md for why not.
 */
class VectorsTest {
  private static final Path VECTORS = Path.of("../it-tests/src/test/resources/wire");
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String HEAD = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String NO_CONTENT = "HTTP/1.1 204 No\r\n\r\n";
  private static final String REFUSED = "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n";
  private static final int MESSAGES = 3;

  private static final class Vector {
    String title;
    byte[] bytes;
    String expected;
  }

  @Test
  void requestsEndWhereLlhttpSaysOrWhereTheDocsSayWhy() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (Vector vector : vectors("llhttp-requests.txt")) {
      String expected = vector.expected;
      boolean error = expected.equals("error");
      String found = error ? afterRefusal(vector) : requests(vector);
      softly.assertThat(found).as(vector.title).isEqualTo(expected);
    }
    softly.assertAll();
  }

  @Test
  void responsesEndWhereLlhttpSaysOrWhereTheDocsSayWhy() throws IOException {
    SoftAssertions softly = new SoftAssertions();
    for (Vector vector : vectors("llhttp-responses.txt")) {
      softly.assertThat(responses(vector)).as(vector.title).isEqualTo(vector.expected);
    }
    softly.assertAll();
  }

  @Test
  void everyDifferenceIsExplained() throws IOException {
    String docs = Files.readString(Path.of("../docs/wire.md"));
    for (String file : List.of("llhttp-requests.txt", "llhttp-responses.txt")) {
      for (String line : Files.readAllLines(VECTORS.resolve(file))) {
        if (line.startsWith("!")) {
          assertThat(docs)
              .contains("| " + line.substring(line.indexOf('[') + 1, line.length() - 1));
        }
      }
    }
  }

  @Test
  void headerBlocksAreReadAsTheirEncodersMeantThem() throws IOException {
    HeaderBlockDecoder decoder = null;
    String story = null;
    int blocks = 0;
    List<String> lines = Files.readAllLines(VECTORS.resolve("hpack.txt"));
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.startsWith("story ")) {
        story = line;
        decoder = new HeaderBlockDecoder();
      } else if (line.startsWith("size ")) {
        decoder.allow(Long.parseLong(line.substring(5)));
      } else if (line.startsWith("wire ")) {
        List<String> fields = new ArrayList<>();
        while (i + 1 < lines.size() && lines.get(i + 1).indexOf('|') > 0) {
          fields.add(lines.get(++i));
        }
        byte[] block = HexFormat.of().parseHex(line.substring(5));
        decoder.append(block, 0, block.length);
        FieldLines decoded = new FieldLines();
        assertThat(decoder.decode(decoded)).as(story).isTrue();
        Exchange x = new Exchange();
        decoded.request(x);
        assertThat(Seen.requestHead(x)).as(story).isEqualTo(head(fields));
        blocks++;
      }
    }
    assertThat(blocks).isGreaterThan(35);
  }

  private static String head(List<String> fields) {
    StringBuilder rest = new StringBuilder();
    String method = "";
    String path = "";
    String authority = "";
    for (String field : fields) {
      String name = field.substring(0, field.indexOf('|'));
      String value = field.substring(field.indexOf('|') + 1);
      switch (name) {
        case ":method" -> method = value;
        case ":path" -> path = value;
        case ":authority" -> authority = ":authority: " + value + "\r\n";
        case ":scheme" -> {}
        default -> rest.append(name).append(": ").append(value).append("\r\n");
      }
    }
    return method + " " + path + " HTTP/2\r\n" + authority + rest + "\r\n";
  }

  private static String requests(Vector vector) {
    Seen seen = new Talk().received(vector.bytes).sent(NO_CONTENT.repeat(MESSAGES)).always();
    StringBuilder found = new StringBuilder();
    for (Exchange x : seen.all()) {
      boolean ended = x.requestBytes == x.rxEnd - x.rxStart && x.rxFloor >= 0;
      found.append(found.length() == 0 ? "" : " ");
      found.append(x.rxHeadEnd < 0 ? "" : Long.toString(x.rxHeadEnd)).append('-');
      found.append(x.rxHeadEnd >= 0 && ended && isDone(x) ? Long.toString(x.rxEnd) : "");
    }
    return found.toString();
  }

  /** In these tests a request that is complete is finished by the answer, the others by the end. */
  private static boolean isDone(Exchange x) {
    return x.endNs < 3000;
  }

  private static String afterRefusal(Vector vector) {
    Seen seen = new Talk().received(vector.bytes).sent(REFUSED).always();
    return seen.get(0).outcome == Outcome.REJECTED ? "error" : "accepted";
  }

  private static String responses(Vector vector) {
    String request = vector.title.contains("HEAD") ? HEAD : GET;
    Seen seen =
        new Talk()
            .received(request.repeat(MESSAGES))
            .sent(vector.bytes)
            .closed(Closing.RESET_BY_PEER)
            .always();
    StringBuilder found = new StringBuilder();
    for (Exchange x : seen.all()) {
      if (x.outcome == Outcome.ERROR) {
        return (found + " error").strip();
      }
      if (x.responseHeadLength == 0) {
        found.append(x.txStart < 0 ? "" : " -");
        break;
      }
      boolean done = x.outcome == Outcome.COMPLETE || x.outcome == Outcome.UPGRADED;
      boolean whole = done || x.responseBodyBytes >= 0;
      found.append(found.length() == 0 ? "" : " ");
      found.append(whole ? Long.toString(x.txStart + x.responseHeadLength) : "").append('-');
      found.append(done ? Long.toString(x.txEnd) : "");
    }
    return found.toString().strip();
  }

  private static List<Vector> vectors(String file) throws IOException {
    List<Vector> all = new ArrayList<>();
    Vector vector = null;
    for (String line : Files.readAllLines(VECTORS.resolve(file))) {
      if (line.startsWith("# ")) {
        vector = new Vector();
        vector.title = line.substring(2);
      } else if (line.startsWith("> ")) {
        vector.bytes = unescape(line.substring(2));
      } else if (line.startsWith("= ")) {
        vector.expected = line.substring(2);
        all.add(vector);
      } else if (line.startsWith("! ")) {
        vector.expected = line.substring(2, line.indexOf('[')).strip();
      }
    }
    return all;
  }

  private static byte[] unescape(String text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.write(c);
        continue;
      }
      char escaped = text.charAt(++i);
      switch (escaped) {
        case 'r' -> out.write('\r');
        case 'n' -> out.write('\n');
        case 't' -> out.write('\t');
        case 'x' -> {
          out.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        default -> out.write(escaped);
      }
    }
    return out.toByteArray();
  }
}

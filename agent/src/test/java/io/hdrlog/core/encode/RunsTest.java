package io.hdrlog.core.encode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;
import io.hdrlog.core.http.Head;
import io.hdrlog.core.http.TrustedProxies;
import io.hdrlog.core.mask.Globs;
import io.hdrlog.core.mask.Masker;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunsTest {
  private static final String JWT =
      "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.s3cretsignature";

  private final Masker masker = Records.masker();
  private final ValueWriter values = new ValueWriter(masker);
  private final HeaderNames names =
      new HeaderNames(new Globs(List.of("*")), masker, Ascii.bytes("x-request-id"), values);
  private final HeaderBlock block = new HeaderBlock(names, values, Ascii.bytes("path"));

  /** Every run there has been at the end of a block. */
  private final Set<Run> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private String read(String... lines) {
    byte[] b = (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    block.read(b, 0, b.length, false);
    seen.addAll(runs());
    return new String(block.json().array(), 0, block.json().length(), StandardCharsets.UTF_8);
  }

  private List<Run> runs() {
    return Arrays.stream(names.runs.all).filter(Objects::nonNull).toList();
  }

  private static String raw(Run run) {
    return new String(run.raw, StandardCharsets.ISO_8859_1);
  }

  @Test
  void whatComesAgainAndAgainIsOneRun() {
    String first = read("A: 1", "B: 2", "C: 3");
    for (int i = 0; i < 50; i++) {
      assertThat(read("A: 1", "B: 2", "C: 3")).isEqualTo(first);
    }
    assertThat(runs()).containsExactly(names.start.run);
    assertThat(raw(names.start.run)).isEqualTo("A: 1\r\nB: 2\r\nC: 3\r\n");
    assertThat(names.start.run.used).isTrue();
    assertThat(seen).hasSize(1);
  }

  @Test
  void behindALineThatIsAlwaysAnotherTheRestIsARun() {
    for (int i = 0; i < 50; i++) {
      assertThat(read("A: 1", "B: 2", "X: " + i, "C: 3", "D: 4"))
          .isEqualTo(
              "\"a\":[\"1\"],\"b\":[\"2\"],\"x\":[\"" + i + "\"],\"c\":[\"3\"],\"d\":[\"4\"],");
    }
    assertThat(runs())
        .extracting(RunsTest::raw)
        .containsExactlyInAnyOrder("A: 1\r\nB: 2\r\n", "C: 3\r\nD: 4\r\n");
    assertThat(seen).hasSize(2);
  }

  @Test
  void aValueThatChangesNowAndThenBuildsOneForEachValue() {
    for (int second = 0; second < 500; second++) {
      for (int i = 0; i < 100; i++) {
        read("A: 1", "B: 2", "Date: " + second, "C: 3", "D: 4");
      }
    }
    assertThat(raw(names.start.run)).startsWith("A: 1\r\nB: 2\r\n");
    // One for what follows each new line, and few that began with it.
    assertThat(seen).hasSizeLessThan(520);
  }

  @Test
  void aRunThatNoLongerComesMakesRoomForAnother() {
    for (int i = 0; i < 100; i++) {
      read("A: 1", "B: 2");
    }
    for (int i = 0; i < 100; i++) {
      read("C: 1", "D: 2");
    }
    assertThat(runs()).extracting(RunsTest::raw).containsExactly("C: 1\r\nD: 2\r\n");
  }

  @Test
  void clientsThatTakeTurnsHaveARunEach() {
    for (int i = 0; i < 200; i++) {
      int client = i % 3;
      read("Host: a", "Client: " + client, "A: " + client, "B: " + client);
    }
    assertThat(runs())
        .extracting(RunsTest::raw)
        .contains("A: 0\r\nB: 0\r\n", "A: 1\r\nB: 1\r\n", "A: 2\r\nB: 2\r\n");
    assertThat(seen).hasSizeLessThan(8);
  }

  @Test
  void moreClientsThanThereIsRoomForDoNotKeepItBuilding() {
    Random random = new Random(1);
    int builtBefore = 0;
    for (int round = 1; round <= 4; round++) {
      for (int i = 0; i < 100_000; i++) {
        int client = random.nextInt(200);
        read("Host: a", "Client: " + client, "A: " + client, "B: " + client);
      }
      if (round == 4) {
        assertThat(seen.size() - builtBefore).isLessThan(500);
      }
      builtBefore = seen.size();
    }
  }

  @Test
  void aRunIsNoLongerThanItMayBe() {
    String[] lines = new String[40];
    Arrays.setAll(lines, i -> "N" + i + ": " + "\"".repeat(500));
    String first = read(lines);
    for (int i = 0; i < 50; i++) {
      assertThat(read(lines)).isEqualTo(first);
    }
    assertThat(runs()).hasSizeGreaterThan(4);
    for (Run run : runs()) {
      assertThat(run.raw.length).isLessThanOrEqualTo(Runs.RAW_MAX);
    }
  }

  @Test
  void runsDoNotPassTheLimitOfLines() {
    for (int size = Head.HEADERS_MAX - 70; size < Head.HEADERS_MAX + 3; size++) {
      String[] lines = new String[size];
      Arrays.setAll(lines, i -> "N" + i % 8 + ": 1");
      read(lines);
      assertThat(block.isCut()).as("%d lines", size).isEqualTo(size > Head.HEADERS_MAX);
    }
    assertThat(runs()).anyMatch(run -> run.used);
  }

  @Test
  void noRunHoldsASecret() {
    for (int i = 0; i < 100; i++) {
      read(
          "Host: a",
          "A: 1",
          "Authorization: Bearer s3cret",
          "Cookie: a=s3cret",
          "X-Api-Key: s3cret",
          "B: 1",
          "C: " + JWT,
          "Referer: https://a.example/?token=s3cret",
          "D: 1",
          "E: 1");
    }
    assertThat(runs())
        .extracting(RunsTest::raw)
        .containsExactlyInAnyOrder("Host: a\r\nA: 1\r\n", "D: 1\r\nE: 1\r\n");
  }

  @Test
  void runsAreForgottenWithTheNames() {
    for (int i = 0; i < 50; i++) {
      read("A: 1", "B: 2");
    }
    Run run = names.start.run;
    String[] many = new String[1100];
    Arrays.setAll(many, i -> "n" + i + ": v");
    read(many);
    String json = read("A: 1", "B: 2");
    assertThat(json).isEqualTo("\"a\":[\"1\"],\"b\":[\"2\"],");
    assertThat(runs()).isEmpty();
    for (int i = 0; i < 50; i++) {
      assertThat(read("A: 1", "B: 2", "A: 3")).isEqualTo("\"a\":[\"1\",\"3\"],\"b\":[\"2\"],");
    }
    assertThat(names.start.run).isNotNull().isNotSameAs(run);
  }

  @Test
  void nothingIsAllocatedOnceTheLinesAreKnown() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    List<byte[]> heads = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      int client = i % 7;
      heads.add(
          Ascii.bytes(
              String.join(
                  "\r\n",
                  "Host: a",
                  "Client: " + client,
                  "A: " + client,
                  "X-Request-Id: " + i,
                  "B: 1",
                  "C: 1",
                  "",
                  "")));
    }
    long allocated = 0;
    for (int round = 0; round < 20; round++) {
      long before = threads.getThreadAllocatedBytes(id);
      for (int i = 0; i < 10; i++) {
        for (byte[] head : heads) {
          block.read(head, 0, head.length, false);
        }
      }
      allocated = threads.getThreadAllocatedBytes(id) - before;
      if (allocated == 0) {
        break;
      }
    }
    assertThat(allocated / (10L * heads.size())).isZero();
    assertThat(runs()).isNotEmpty();
  }

  /** Whatever an encoder has seen before, it writes what one writes that has seen nothing. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatWasSeenBeforeChangesNothing(int seed) {
    JsonEncoder encoder = new JsonEncoder(settings());
    RandomHeads requests = new RandomHeads(seed);
    RandomHeads responses = new RandomHeads(-seed);
    RandomHeads trailers = new RandomHeads(seed + 1000);
    Random random = new Random(seed);
    for (int i = 0; i < 2000; i++) {
      byte[] request = requests.next();
      byte[] response = responses.next();
      byte[] trailer = trailers.next();
      Exchange e =
          Records.exchange(
              "GET / HTTP/1.1\r\n" + new String(request, StandardCharsets.ISO_8859_1),
              "HTTP/1.1 200\r\n" + new String(response, StandardCharsets.ISO_8859_1));
      e.requestHeadCut |= random.nextInt(10) == 0;
      e.responseHeadCut |= random.nextInt(10) == 0;
      e.appendRequestTrailer(trailer, 0, trailer.length);
      e.addressed = true;
      e.idRandom = i;
      assertThat(Records.line(encoder, e))
          .as("seed %d, exchange %d: %s", seed, i, new String(request, StandardCharsets.UTF_8))
          .isEqualTo(Records.line(new JsonEncoder(settings()), e));
    }
  }

  /** The test above shows something of runs only if its heads make some. */
  @Test
  void randomHeadsMakeRuns() {
    RandomHeads heads = new RandomHeads(1);
    int used = 0;
    for (int i = 0; i < 2000; i++) {
      byte[] head = heads.next();
      for (Run run : runs()) {
        run.used = false;
      }
      block.read(head, 0, head.length, false);
      used += runs().stream().anyMatch(run -> run.used) ? 1 : 0;
    }
    assertThat(used).isGreaterThan(700);
  }

  private static EncoderSettings settings() {
    EncoderSettings settings = Records.settings();
    settings.trustedProxies = TrustedProxies.parse(List.of("0.0.0.0/0", "::/0"), problem -> {});
    return settings;
  }
}

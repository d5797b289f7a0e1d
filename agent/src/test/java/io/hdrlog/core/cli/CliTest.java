package io.hdrlog.core.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.file.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CliTest {
  private final ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
  private final ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(outBytes, true, StandardCharsets.UTF_8);
  private final PrintStream err = new PrintStream(errBytes, true, StandardCharsets.UTF_8);

  @TempDir Path temp;

  private int run(String... arguments) {
    return new Cli(null, null, out, err).run(arguments);
  }

  private String out() {
    return outBytes.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return errBytes.toString(StandardCharsets.UTF_8);
  }

  private static String record(int second, int status, String path, long totalNs, String outcome) {
    return """
        {"schema":1,"timestamp":"2026-11-22T18:00:%02d.123456789Z","event":"http.server.request",\
        "service":{"name":"orders"},"outcome":"%s","url":{"scheme":"http","path":"%s"},\
        "http":{"request":{"method":"GET","header":{"host":["a"],"x":["{\\"outcome\\":1}"]}},\
        "response":{"status_code":%d,"header":{"server":["t"]}}},"sources":["kernel","jvm"],\
        "timing":{"queue_ns":%d,"handler_ns":%d,"total_ns":%d},"new_field":{"a":[1,{"b":2}]}}
        """
        .formatted(second, outcome, path, status, totalNs / 2, totalNs / 4, totalNs);
  }

  @Test
  void helpIsHelp() {
    assertThat(run("help")).isZero();
    assertThat(out()).contains("tail", "report", "doctor", "attach");
    assertThat(err()).isEmpty();
  }

  @Test
  void whatIsNotUnderstoodIsALineAndHelpAndExitCode2() {
    assertThat(run("frobnicate")).isEqualTo(2);
    assertThat(err()).startsWith("hdrlog: unknown command: frobnicate\n").contains("report FILE");
    assertThat(run()).isEqualTo(2);
    assertThat(run("tail")).isEqualTo(2);
    assertThat(run("tail", "-n", "x", "y")).isEqualTo(2);
    assertThat(run("report")).isEqualTo(2);
    assertThat(run("attach")).isEqualTo(2);
    assertThat(run("attach", "x")).isEqualTo(2);
  }

  @Test
  void tailShowsALineARequest() throws IOException {
    Path file = temp.resolve("orders.jsonl");
    Files.writeString(
        file,
        record(1, 200, "/a", 1_000_000, "complete")
            + "garbage\n"
            + record(2, 500, "/b\\u001b[2J", 2_000_000_000L, "error")
            + "{\"half");
    assertThat(run("tail", temp.toString())).isZero();
    assertThat(out())
        .isEqualTo(
            """
            time          status  method     total      queue    handler  path
            18:00:01.123  200     GET      1.00 ms     500 us     250 us  /a
            (not a record: 7 bytes)
            18:00:02.123  500     GET       2.00 s     1.00 s     500 ms  /b?[2J  (error)
            """);
    outBytes.reset();
    assertThat(run("tail", "-n", "1", file.toString())).isZero();
    assertThat(out().lines()).hasSize(2).last().asString().contains("/b");
  }

  @Test
  void tailShowsTheLastOfACompressedFileOnly() throws IOException {
    Path file = temp.resolve("orders-20261122T180000Z-1.jsonl.gz");
    try (OutputStream gz = new GZIPOutputStream(Files.newOutputStream(file))) {
      for (int i = 10; i < 40; i++) {
        gz.write(record(i, 200, "/p" + i, 1, "complete").getBytes(StandardCharsets.UTF_8));
      }
    }
    assertThat(run("tail", "-n", "2", file.toString())).isZero();
    assertThat(out()).contains("/p38", "/p39").doesNotContain("/p37");
    outBytes.reset();
    assertThat(run("tail", file.toString())).isZero();
    assertThat(out().lines()).hasSize(11);
    outBytes.reset();
    assertThat(run("tail", "-n", "0", file.toString())).isZero();
    assertThat(out().lines()).hasSize(1);
  }

  @Test
  void tailWaitsForTheFirstRecordOfAFolder() throws Exception {
    Thread tail = new Thread(() -> run("tail", "-f", temp.toString()));
    tail.start();
    try {
      Thread.sleep(300);
      assertThat(tail.isAlive()).isTrue();
      assertThat(err()).contains("no log file there yet");
      Files.writeString(temp.resolve("orders.jsonl"), record(1, 200, "/first", 1, "complete"));
      await("/first");
    } finally {
      tail.interrupt();
      tail.join(5000);
    }
    assertThat(tail.isAlive()).isFalse();
  }

  @Test
  void tailAsksWhichService() throws IOException {
    Files.writeString(temp.resolve("orders.jsonl"), record(1, 200, "/a", 1, "complete"));
    Files.writeString(temp.resolve("users.jsonl"), record(1, 200, "/b", 1, "complete"));
    Files.writeString(temp.resolve("users-20261122T180000Z-1.jsonl"), "");
    assertThat(run("tail", temp.toString())).isEqualTo(2);
    assertThat(err()).contains("  orders\n  users\n");
    assertThat(run("tail", temp.toString(), "users")).isZero();
    assertThat(out()).contains("/b").doesNotContain("/a");
    assertThat(run("tail", temp.toString(), "none")).isEqualTo(1);
    assertThat(run("tail", temp.resolve("none").toString())).isEqualTo(1);
  }

  @Test
  void tailFollowsOverARotation() throws Exception {
    Path file = temp.resolve("orders.jsonl");
    Files.writeString(file, record(1, 200, "/first", 1, "complete"));
    Thread tail = new Thread(() -> run("tail", "-f", file.toString()));
    tail.start();
    try {
      await("/first");
      String second = record(2, 200, "/second", 1, "complete");
      Files.writeString(file, second.substring(0, 50), StandardOpenOption.APPEND);
      Thread.sleep(300);
      Files.writeString(file, second.substring(50), StandardOpenOption.APPEND);
      await("/second");
      Files.move(file, temp.resolve("orders-20261122T180000Z-1.jsonl"));
      Thread.sleep(300);
      Files.writeString(file, record(3, 200, "/third", 1, "complete"));
      await("/third");
    } finally {
      tail.interrupt();
      tail.join(5000);
    }
    assertThat(tail.isAlive()).isFalse();
    assertThat(out().lines()).hasSize(4);
  }

  private void await(String text) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!out().contains(text) && System.nanoTime() < endNs) {
      Thread.sleep(20);
    }
    assertThat(out()).contains(text);
  }

  @Test
  void reportSumsUpPlainAndCompressedFiles() throws IOException {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < 98; i++) {
      plain.append(record(10, 200, "/fast", 1_000_000, "complete"));
    }
    Files.writeString(temp.resolve("orders.jsonl"), plain + "garbage\n");
    try (OutputStream gz =
        new GZIPOutputStream(
            Files.newOutputStream(temp.resolve("orders-20261122T180000Z-1.jsonl.gz")))) {
      String slow =
          record(1, 500, "/slow", 3_000_000_000L, "complete")
              + record(2, 0, "/slow", 1_000_000_000L, "client_reset");
      gz.write(slow.getBytes(StandardCharsets.UTF_8));
    }
    Files.writeString(temp.resolve("orders.agent.log"), "not records\n");
    assertThat(run("report", temp.toString())).isZero();
    assertThat(out())
        .contains("requests   100 in 2 files\n")
        .contains("unreadable 1 line\n")
        .contains("from       2026-11-22T18:00:01.123456789Z\n")
        .contains("to         2026-11-22T18:00:10.123456789Z\n")
        .contains("outcome    complete 99, client_reset 1\n")
        .contains("status     2xx 98, 5xx 1, none 1\n")
        .contains("kernel     100.0 % with its timing\n")
        .containsPattern("queue +66\\.7 % +50\\d us +50\\d us +5\\d\\d ms +1\\.50 s")
        .containsPattern("total +1\\.00 ms +1\\.00 ms +1\\.00 s +3\\.00 s\n");
    String[] lines = out().split("slowest routes", 2)[1].split("\n", -1);
    assertThat(lines[2]).matches(" +2 +2 .*queue +GET /slow");
    assertThat(lines[3]).matches(" +98 +0 .*queue +GET /fast");
    assertThat(err()).isEmpty();
  }

  @Test
  void aCutCompressedFileCostsALine() throws IOException {
    Files.write(temp.resolve("x.jsonl.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
    Files.writeString(temp.resolve("y.jsonl"), record(1, 200, "/a", 1, "complete"));
    assertThat(run("report", temp.toString())).isZero();
    assertThat(out()).contains("requests   1 in 2 files");
    assertThat(err()).contains("x.jsonl.gz");
    assertThat(run("report", temp.resolve("none").toString())).isEqualTo(1);
  }

  @Test
  void attachSaysWhatIsMissing() throws IOException {
    assertThat(run("attach", "1")).isEqualTo(1);
    assertThat(err()).contains("the agent's jar is not known");
    errBytes.reset();
    Path jar = Files.createFile(temp.resolve("hdrlog.jar"));
    assertThat(new Cli(null, jar, out, err).run("attach", "99999999")).isEqualTo(1);
    assertThat(err()).startsWith("hdrlog: attach refused: pid=99999999 reason=");
  }

  private Path machine(String capEff) throws IOException {
    Path root = temp.resolve("root");
    Files.createDirectories(root.resolve("proc/self"));
    Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.createDirectories(root.resolve("sys/kernel/btf"));
    Files.writeString(root.resolve("proc/self/status"), "Name:\tx\nCapEff:\t" + capEff + "\n");
    Files.writeString(
        root.resolve("proc/self/limits"),
        "Limit Soft Hard Units\nMax locked memory         8388608   8388608  bytes\n");
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.12.3-amd64\n");
    Files.writeString(root.resolve("proc/sys/kernel/unprivileged_bpf_disabled"), "2\n");
    Files.writeString(root.resolve("proc/mounts"), "bpf /sys/fs/bpf bpf rw 0 0\n");
    Files.writeString(root.resolve("sys/kernel/btf/vmlinux"), "");
    return root;
  }

  private boolean doctor(Path root, KernelCheck check, String... arguments) throws IOException {
    outBytes.reset();
    List<String> problems = new ArrayList<>();
    String all = "dir=" + temp.resolve("logs") + "," + String.join(",", arguments);
    Config config = ConfigLoader.load(all, Map.of(), Map.of(), problems);
    return new Doctor(out, root, check, new ManualClock()).run(config, problems);
  }

  private static final KernelCheck WORKS =
      config -> new KernelCheck.Result(true, List.of("arrival tp_btf/sk_data_ready"));

  @Test
  void doctorFindsNothingWrongWhereAllIsThere() throws IOException {
    assertThat(doctor(machine("000000c000000000"), WORKS)).isTrue();
    assertThat(out())
        .contains("ok   kernel            linux 6.12.3-amd64")
        .contains("ok   capabilities      CAP_BPF and CAP_PERFMON")
        .contains("-    memlock           8388608 bytes")
        .contains("ok   bpffs")
        .contains("-    tracefs           not mounted")
        .contains("ok   kernel stream     opened and closed\n       arrival tp_btf")
        .contains("all is well")
        .doesNotContain("bad");
  }

  @Test
  void doctorTriesWhetherTheFolderTakesFiles() throws IOException {
    Path root = machine("000000c000000000");
    for (String dir : List.of("/proc/hdrlog", "/proc")) {
      List<String> problems = new ArrayList<>();
      Config config = ConfigLoader.load("dir=" + dir, Map.of(), Map.of(), problems);
      assertThat(new Doctor(out, root, WORKS, new ManualClock()).run(config, problems)).isFalse();
    }
    assertThat(out())
        .contains("/proc/hdrlog: cannot be made, /proc refuses it")
        .contains("/proc: cannot be written by this user");
    assertThat(doctor(root, WORKS, "service=a")).isTrue();
    try (var left = Files.list(temp)) {
      assertThat(left).containsExactly(root);
    }
  }

  @Test
  void doctorNamesTheMissingCapability() throws IOException {
    Path root = machine("0000008000000000");
    assertThat(doctor(root, WORKS)).isFalse();
    assertThat(out()).contains("bad  capabilities      missing CAP_PERFMON for this user");
    assertThat(doctor(root, WORKS, "kernel=off")).isTrue();
  }

  @Test
  void doctorShowsARefusedKernelStreamAndBadOptions() throws IOException {
    KernelCheck refused = config -> new KernelCheck.Result(false, List.of("EPERM: bpf()"));
    assertThat(doctor(machine("000001ffffffffff"), refused)).isFalse();
    assertThat(out()).contains("bad  kernel stream     refused\n       EPERM: bpf()");
    assertThat(doctor(machine("000001ffffffffff"), WORKS, "smaple=0.5")).isFalse();
    assertThat(out()).contains("bad  not understood").contains("nearest=sample");
  }

  @Test
  void doctorReadsTheAgentsWarningsSinceItStartedLast() throws IOException {
    Path log = temp.resolve("logs/orders.agent.log");
    Files.createDirectories(log.getParent());
    Files.writeString(
        log,
        """
        2026-11-22T17:00:00.000Z warn of the last run
        2026-11-22T17:10:00.000Z info started service=orders
        """);
    Files.setLastModifiedTime(log, FileTime.fromMillis(new ManualClock().millis()));
    Path root = machine("000001ffffffffff");
    assertThat(doctor(root, WORKS)).isTrue();
    assertThat(out()).contains("orders.agent.log: no warnings");
    Files.writeString(
        log, "2026-11-22T17:20:00.000Z warn instrumentation failed x\n", StandardOpenOption.APPEND);
    Files.setLastModifiedTime(log, FileTime.fromMillis(new ManualClock().millis()));
    assertThat(doctor(root, WORKS)).isFalse();
    assertThat(out()).contains("warnings count=1").contains("warn instrumentation failed x");
  }
}

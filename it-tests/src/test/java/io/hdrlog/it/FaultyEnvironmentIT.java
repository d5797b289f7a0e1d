package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Machine;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong around it, the service runs, one clear line says so, and nothing is hidden. */
class FaultyEnvironmentIT {
  private static final Pattern LOST = Pattern.compile("write_failed=(\\d+)");
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void a_folder_that_cannot_be_made_costs_the_records_and_is_said_once() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "in the way");
    Path dir = file.resolve("logs");
    try (Service service = Service.on(Variant.TOMCAT_11).dir(dir).start()) {
      mustAnswer(service, 200);
      assertThat(service.saysWithin(dir.toString(), SOON)).as(service.output()).isTrue();
      assertThat(linesWith(service, dir.toString())).as(service.output()).isBetween(1L, 3L);
    }
  }

  @Test
  void a_folder_that_may_not_be_written_costs_the_records_and_is_said_once() throws IOException {
    if (!Machine.isRoot()) {
      System.out.println("not shown: only root can become another user, user is not root");
      return;
    }
    Path dir = Files.createTempDirectory("hdrlog-it-roots");
    try (Service service = Service.on(Variant.NETTY_42).unprivileged().dir(dir).start()) {
      mustAnswer(service, 200);
      assertThat(service.saysWithin(dir.toString(), SOON)).as(service.output()).isTrue();
      assertThat(linesWith(service, dir.toString())).as(service.output()).isBetween(1L, 3L);
    } finally {
      Files.delete(dir);
    }
  }

  @Test
  void on_a_full_disk_records_resume_when_there_is_room_again_and_the_loss_is_counted()
      throws IOException {
    if (!Machine.isRoot()) {
      System.out.println("not shown: only root can mount a small tmpfs, user is not root");
      return;
    }
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Machine.run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString());
    try {
      Path filler = disk.resolve("filler");
      Files.write(filler, new byte[1900 * 1024]);
      Path logs = Files.createDirectory(disk.resolve("logs"));
      // More than what waits in memory for room.
      int before = 2500;
      int after = 50;
      try (Service service = Service.on(Variant.TOMCAT_11).dir(logs).start()) {
        mustAnswer(service, before);
        assertThat(service.saysWithin("No space left", SOON))
            .as("said: %s%s", service.output(), service.agentLog())
            .isTrue();
        Pause.millis(500);
        Files.delete(filler);
        // The next attempt may be a little later than the room.
        Pause.millis(3_000);
        try (RawClient client = service.connect()) {
          for (int i = 0; i < after; i++) {
            client.ask(Request.get("/hello").id("after-" + i));
          }
        }
        List<LogRecord> resumed =
            service
                .records()
                .await(after, record -> record.text("request_id").startsWith("after-"));
        assertThat(resumed).as("records after there was room").hasSize(after);
        service.stop();
        int written = service.records().now().size();
        assertThat(written).isLessThan(before + after);
        assertThat(lost(service))
            .as("lost, of %d with %d written: %s", before + after, written, service.agentLog())
            .isEqualTo(before + after - written);
      }
    } finally {
      Machine.run("umount", disk.toString());
    }
  }

  @Test
  void an_unknown_option_is_named_with_the_nearest_known_one() {
    try (Service service = Service.on(Variant.TOMCAT_11).option("sampel", "0.5").start()) {
      mustBeLogged(service);
      assertThat(complaints(service, "sampel"))
          .hasSize(1)
          .allMatch(line -> line.contains("0.5"))
          .allMatch(line -> line.replace("sampel", "").contains("sample"));
    }
  }

  @Test
  void a_bad_value_is_named_with_what_is_allowed_and_the_default_holds() {
    try (Service service = Service.on(Variant.TOMCAT_11).option("sample", "seven").start()) {
      mustBeLogged(service);
      assertThat(complaints(service, "seven"))
          .hasSize(1)
          .allMatch(line -> line.contains("sample"))
          .allMatch(line -> line.contains("0") && line.contains("1"));
    }
  }

  @Test
  void a_broken_properties_file_is_named_and_the_service_is_logged() throws IOException {
    Path file = Files.writeString(folder.resolve("broken.properties"), "sample=\\u00zz\n");
    try (Service service =
        Service.on(Variant.TOMCAT_11).option("config", file.toString()).start()) {
      mustBeLogged(service);
      assertThat(complaints(service, file.toString())).hasSize(1);
    }
  }

  @Test
  void a_missing_properties_file_is_named_and_the_service_is_logged() {
    Path file = folder.resolve("missing.properties");
    try (Service service = Service.on(Variant.NETTY_42).option("config", file.toString()).start()) {
      mustBeLogged(service);
      assertThat(complaints(service, file.toString())).hasSize(1);
    }
  }

  @Test
  void disabled_it_does_nothing_at_all() {
    try (Service service = Service.on(Variant.TOMCAT_11).option("enabled", "false").start()) {
      mustAnswer(service, 20);
      Pause.millis(500);
      assertThat(service.dir()).doesNotExist();
    }
  }

  /** Lines of the agent's log that hold the text; where it has none, of what was printed. */
  private static List<String> complaints(Service service, String text) {
    List<String> lines = service.agentLog().lines().filter(line -> line.contains(text)).toList();
    return lines.isEmpty()
        ? service.output().lines().filter(line -> line.contains(text)).toList()
        : lines;
  }

  private static long linesWith(Service service, String text) {
    return service.output().lines().filter(line -> line.contains(text)).count();
  }

  /** The greatest total that the agent's log reports. */
  private static long lost(Service service) {
    long lost = 0;
    Matcher matcher = LOST.matcher(service.agentLog());
    while (matcher.find()) {
      lost = Math.max(lost, Long.parseLong(matcher.group(1)));
    }
    return lost;
  }

  private static void mustAnswer(Service service, int requests) {
    try (RawClient client = service.connect()) {
      for (int i = 0; i < requests; i++) {
        assertThat(client.ask(Request.get("/hello").id("r" + i)).status()).isEqualTo(200);
      }
    }
    assertThat(service.isAlive()).isTrue();
  }

  private static void mustBeLogged(Service service) {
    mustAnswer(service, 20);
    assertThat(service.records().await(20)).hasSize(20);
  }
}

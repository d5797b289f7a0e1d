package io.hdrlog.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.it.harness.LogRecord;
import io.hdrlog.it.harness.Pause;
import io.hdrlog.it.harness.RawClient;
import io.hdrlog.it.harness.Request;
import io.hdrlog.it.harness.Service;
import io.hdrlog.it.harness.Variant;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Log files outlive the processes that write them, whole. */
class RestartIT {
  @TempDir Path dir;

  @Test
  void after_a_kill_the_next_start_repairs_the_tail_and_goes_on() throws IOException {
    Path file = dir.resolve("it.jsonl");
    try (Service service = Service.on(Variant.NETTY_42).dir(dir).start();
        RawClient client = service.connect()) {
      ask(client, "first", 50);
      service.records().await(50);
      Thread killer =
          new Thread(
              () -> {
                Pause.millis(30);
                service.killHard();
              });
      killer.start();
      try {
        ask(client, "while-killed", 100_000);
      } catch (UncheckedIOException e) {
        // It is gone.
      }
      try {
        killer.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    // The worst place to be killed at: within a line.
    Files.writeString(file, "{\"schema\":1,\"timest", StandardOpenOption.APPEND);

    try (Service service = Service.on(Variant.NETTY_42).dir(dir).start();
        RawClient client = service.connect()) {
      ask(client, "second", 50);
      List<LogRecord> records =
          service.records().await(50, record -> record.text("request_id").startsWith("second"));
      assertThat(records).hasSize(50);
      assertThat(service.records().now())
          .filteredOn(record -> record.text("request_id").startsWith("first"))
          .hasSize(50);
    }
    try (Stream<Path> files = Files.list(dir)) {
      for (Path one : files.filter(name -> name.toString().endsWith(".jsonl")).toList()) {
        String text = Files.readString(one, StandardCharsets.UTF_8);
        assertThat(text).as("%s ends with a whole line", one).endsWith("}\n");
        assertThat(text).doesNotContain("\"timest{").doesNotContain("\n{\"schema\":1,\"timest\n");
      }
    }
  }

  @Test
  void a_service_that_is_ended_has_written_all_it_knew() {
    try (Service service = Service.on(Variant.TOMCAT_11).dir(dir).start()) {
      try (RawClient client = service.connect()) {
        ask(client, "last", 500);
      }
      service.stop();
      assertThat(service.records().now()).hasSize(500);
    }
  }

  @Test
  void files_are_for_their_owner_and_group_only() throws IOException {
    try (Service service = Service.on(Variant.TOMCAT_11).dir(dir).start();
        RawClient client = service.connect()) {
      ask(client, "one", 1);
      service.records().await(1);
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("it.jsonl"))))
          .isEqualTo("rw-r-----");
    }
  }

  @Test
  void two_jvms_with_the_same_service_and_folder_never_write_the_same_file() throws IOException {
    try (Service one = Service.on(Variant.TOMCAT_11).dir(dir).start();
        Service two = Service.on(Variant.NETTY_42).dir(dir).start();
        RawClient clientOfOne = one.connect();
        RawClient clientOfTwo = two.connect()) {
      for (int i = 0; i < 20; i++) {
        ask(clientOfOne, "one", 10);
        ask(clientOfTwo, "two", 10);
      }
      one.records().await(400);
      one.stop();
      two.stop();
      try (Stream<Path> files = Files.list(dir)) {
        List<Path> logs = files.filter(file -> file.toString().endsWith(".jsonl")).toList();
        assertThat(logs).hasSize(2);
        assertThat(logs)
            .anyMatch(file -> file.getFileName().toString().equals("it.jsonl"))
            .anyMatch(file -> file.getFileName().toString().contains(Long.toString(two.pid())));
        for (Path log : logs) {
          List<String> lines = Files.readAllLines(log);
          assertThat(lines).hasSize(200);
          long pid = log.getFileName().toString().equals("it.jsonl") ? one.pid() : two.pid();
          assertThat(lines).allMatch(line -> line.contains("\"pid\":" + pid));
        }
      }
    }
  }

  @Test
  void closed_files_are_named_by_time_compressed_and_lose_nothing() {
    try (Service service =
        Service.on(Variant.TOMCAT_11).dir(dir).option("rotate.size", "256KB").start()) {
      try (RawClient client = service.connect()) {
        ask(client, "rotated", 2_000);
      }
      service.records().await(2_000);
      service.stop();
      assertThat(service.records().now()).hasSize(2_000);
      List<Path> files = service.records().files();
      assertThat(files).hasSizeGreaterThan(2);
      assertThat(files.subList(0, files.size() - 1))
          .allMatch(
              file ->
                  file.getFileName().toString().matches("it-\\d{8}T\\d{6}Z-\\d+\\.jsonl(\\.gz)?"));
    }
  }

  private static void ask(RawClient client, String id, int times) {
    for (int i = 0; i < times; i++) {
      client.ask(Request.get("/hello").id(id + "-" + i));
    }
  }
}

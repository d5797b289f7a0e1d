package io.hdrlog.it.harness;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/** What a service has logged: its open file and its closed ones. */
public final class Records {
  /** How long no record may come before it is believed that none will. */
  private static final Duration QUIET = Duration.ofMillis(700);

  private static final int CLOCKS_DIFFER_MS_MAX = 20;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private final Path dir;
  private final String service;

  Records(Path dir, String service) {
    this.dir = dir;
    this.service = service;
  }

  /** Whether a record is of that client's connection: its port, and no earlier user of that. */
  public static Predicate<LogRecord> of(RawClient client) {
    int port = client.localPort();
    Instant earliest = client.connectedAt().minusMillis(CLOCKS_DIFFER_MS_MAX);
    return record ->
        record.optionalNumber("network.peer.port").orElse(-1L) == port
            && Instant.parse(record.text("timestamp")).isAfter(earliest);
  }

  /** All complete lines there are now, closed files first. */
  public List<LogRecord> now() {
    List<LogRecord> records = new ArrayList<>();
    for (Path file : files()) {
      read(file, records);
    }
    return records;
  }

  /** The log files, oldest first, the open one last. */
  public List<Path> files() {
    if (!Files.isDirectory(dir)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(dir)) {
      List<Path> files =
          new ArrayList<>(
              entries
                  .filter(
                      file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(service + "-")
                            && (name.endsWith(".jsonl") || name.endsWith(".jsonl.gz"));
                      })
                  // A file being compressed is there twice for a moment.
                  .filter(
                      file ->
                          file.toString().endsWith(".gz") || !Files.exists(Path.of(file + ".gz")))
                  .sorted()
                  .toList());
      Path open = dir.resolve(service + ".jsonl");
      if (Files.exists(open)) {
        files.add(open);
      }
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How many complete lines there are now: for counts too large to look at each. */
  public int count() {
    int count = 0;
    for (Path file : files()) {
      for (byte b : bytes(file)) {
        count += b == '\n' ? 1 : 0;
      }
    }
    return count;
  }

  /** Waits until there are so many, or no more come. */
  public int awaitCount(int count) {
    int now = count();
    for (int before = -1; now < count && now != before; now = count()) {
      before = now;
      Pause.millis(2 * QUIET.toMillis());
    }
    return now;
  }

  /** Waits for so many, then until no more come: so a surplus is seen as well as a lack. */
  public List<LogRecord> await(int count) {
    return await(count, record -> true);
  }

  /** As {@link #await(int)}, of those that match. */
  public List<LogRecord> await(int count, Predicate<LogRecord> matching) {
    long end = System.nanoTime() + LIMIT.toNanos();
    List<LogRecord> records = matching(matching);
    while (records.size() < count && System.nanoTime() < end) {
      Pause.millis(20);
      records = matching(matching);
    }
    int before;
    do {
      before = records.size();
      Pause.millis(QUIET.toMillis());
      records = matching(matching);
    } while (records.size() != before);
    return records;
  }

  /** The one record that matches; fails if there is none or more than one. */
  public LogRecord only(Predicate<LogRecord> matching) {
    List<LogRecord> records = await(1, matching);
    if (records.size() != 1) {
      throw new AssertionError(
          "expected exactly one record, found "
              + records.size()
              + ": "
              + records
              + "\nof "
              + now());
    }
    return records.get(0);
  }

  /** The first record that matches, as soon as it is there. */
  public LogRecord first(Predicate<LogRecord> matching) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      List<LogRecord> records = matching(matching);
      if (!records.isEmpty()) {
        return records.get(0);
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("no such record within " + LIMIT + ", of " + now());
      }
      Pause.millis(10);
    }
  }

  /** The one record of a request whose path is this. */
  public LogRecord onlyWithPath(String path) {
    return only(record -> path.equals(record.text("url.path")));
  }

  private List<LogRecord> matching(Predicate<LogRecord> matching) {
    return now().stream().filter(matching).toList();
  }

  /** Unpacked; none of a file that is being renamed or compressed: the next look finds it. */
  private static byte[] bytes(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      if (file.toString().endsWith(".gz")) {
        try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
          return in.readAllBytes();
        }
      }
      return bytes;
    } catch (NoSuchFileException | EOFException e) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void read(Path file, List<LogRecord> into) {
    byte[] bytes = bytes(file);
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '\n') {
        String line = new String(bytes, start, i - start, StandardCharsets.UTF_8);
        start = i + 1;
        try {
          into.add(new LogRecord(MAPPER.readTree(line), line));
        } catch (JsonProcessingException e) {
          throw new AssertionError("not a JSON object: file=" + file + " line=" + line, e);
        }
      }
    }
  }
}

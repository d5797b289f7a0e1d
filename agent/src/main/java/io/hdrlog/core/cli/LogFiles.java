package io.hdrlog.core.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/** Finds log files and opens them, compressed or not. */
final class LogFiles {
  private static final Pattern CLOSED = Pattern.compile(".*-\\d{8}T\\d{6}Z-\\d+\\.jsonl(\\.gz)?");

  private LogFiles() {}

  /** The file itself; of a folder, everything that hdrlog wrote, in the order of names. */
  static List<Path> all(Path path) throws IOException {
    return list(path, "*.{jsonl,jsonl.gz}");
  }

  /** Files being written, of this service where one is named. */
  static List<Path> active(Path path, String service) throws IOException {
    List<Path> active = new ArrayList<>();
    for (Path file : list(path, "*.jsonl")) {
      String name = file.getFileName().toString();
      boolean wanted = service.isEmpty() || name.equals(service + ".jsonl");
      if (!Files.isDirectory(path) || (wanted && !CLOSED.matcher(name).matches())) {
        active.add(file);
      }
    }
    return active;
  }

  static InputStream open(Path path) throws IOException {
    InputStream in = Files.newInputStream(path);
    return path.toString().endsWith(".gz") ? new GZIPInputStream(in, 64 * 1024) : in;
  }

  private static List<Path> list(Path path, String glob) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    List<Path> files = new ArrayList<>();
    if (!Files.isDirectory(path)) {
      files.add(path);
      return files;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, glob)) {
      for (Path entry : entries) {
        files.add(entry);
      }
    }
    Collections.sort(files);
    return files;
  }
}

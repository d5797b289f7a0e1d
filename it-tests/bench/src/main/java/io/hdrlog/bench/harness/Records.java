package io.hdrlog.bench.harness;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Counts what a variant wrote. */
final class Records {
  private static final int BUFFER_BYTES = 1 << 20;

  private Records() {}

  static long count(Path dir, Variant variant) throws IOException {
    byte[] mark = variant.recordMark().getBytes(StandardCharsets.US_ASCII);
    long count = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, variant.files)) {
      for (Path file : files) {
        count += count(file, mark);
      }
    }
    return count;
  }

  /** How often the mark is in the file, told without backing up: no mark begins inside another. */
  static long count(Path file, byte[] mark) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long count = 0;
    int matched = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
        for (int i = 0; i < length; i++) {
          byte b = buffer[i];
          if (b == mark[matched]) {
            if (++matched == mark.length) {
              count++;
              matched = 0;
            }
          } else {
            matched = b == mark[0] ? 1 : 0;
          }
        }
      }
    }
    return count;
  }

  static long bytes(Path dir, Variant variant) throws IOException {
    long bytes = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, variant.files)) {
      for (Path file : files) {
        bytes += Files.size(file);
      }
    }
    return bytes;
  }
}

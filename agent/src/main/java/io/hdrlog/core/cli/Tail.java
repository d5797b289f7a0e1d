package io.hdrlog.core.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;

/** Shows the last requests of a file, and with -f those that come, over rotations. */
final class Tail {
  static final int POLL_MS = 200;

  private final PrintStream out;

  Tail(PrintStream out) {
    this.out = out;
  }

  int run(Path path, int lines, boolean follow) throws IOException, InterruptedException {
    heading();
    if (path.toString().endsWith(".gz")) {
      try (InputStream in = LogFiles.open(path)) {
        showLast(new LineReader(in), lines);
      }
      return Cli.OK;
    }
    long from = startOfLast(path, lines);
    while (true) {
      // Taken before opening: a rotation in between is then seen by the first look.
      Object key = key(path);
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        channel.position(from);
        from = 0;
        LineReader reader = new LineReader(Channels.newInputStream(channel));
        show(reader);
        while (follow && key.equals(key(path)) && channel.size() >= channel.position()) {
          Thread.sleep(POLL_MS);
          show(reader);
        }
        // What was written between the last look and the rename.
        show(reader);
      } catch (NoSuchFileException e) {
        if (!follow) {
          throw e;
        }
        Thread.sleep(POLL_MS);
      }
      if (!follow) {
        return Cli.OK;
      }
    }
  }

  private static Object key(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  /** Where the last so many lines begin. */
  private static long startOfLast(Path path, int lines) throws IOException {
    byte[] block = new byte[64 * 1024];
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long end = file.length();
      int found = 0;
      while (end > 0) {
        int length = (int) Math.min(block.length, end);
        file.seek(end - length);
        file.readFully(block, 0, length);
        for (int i = length - 1; i >= 0; i--) {
          // The last line's own end counts as well, so one more than asked for is looked for.
          if (block[i] == '\n' && ++found > lines) {
            return end - length + i + 1;
          }
        }
        end -= length;
      }
    }
    return 0;
  }

  private void heading() {
    out.println(line("time", "status", "method", "total", "queue", "handler", "path"));
    out.flush();
  }

  private void show(LineReader reader) throws IOException {
    for (byte[] line = reader.next(); line != null; line = reader.next()) {
      out.println(format(line));
    }
    out.flush();
  }

  /** Of what cannot be read from its end. */
  private void showLast(LineReader reader, int lines) throws IOException {
    ArrayDeque<byte[]> last = new ArrayDeque<>();
    for (byte[] line = reader.next(); line != null; line = reader.next()) {
      last.add(line);
      if (last.size() > lines) {
        last.remove();
      }
    }
    for (byte[] line : last) {
      out.println(format(line));
    }
    out.flush();
  }

  static String format(byte[] line) {
    LogRecord record;
    try {
      record = LogRecord.parse(line);
    } catch (IOException e) {
      return "(not a record: " + line.length + " bytes)";
    }
    String path = Text.printable(record.path);
    if (!record.outcome.equals("complete") && !record.outcome.isEmpty()) {
      path += "  (" + Text.printable(record.outcome) + ")";
    }
    return line(
        time(record.timestamp),
        record.status == 0 ? "-" : String.valueOf(record.status),
        Text.printable(record.method.isEmpty() ? "-" : record.method),
        Text.duration(record.ns[LogRecord.TOTAL]),
        Text.duration(record.ns[LogRecord.QUEUE]),
        Text.duration(record.ns[LogRecord.HANDLER]),
        path);
  }

  /** To the millisecond, without the day. */
  private static String time(String timestamp) {
    return timestamp.length() >= 23 ? timestamp.substring(11, 23) : Text.printable(timestamp);
  }

  private static String line(
      String time,
      String status,
      String method,
      String total,
      String queue,
      String handler,
      String path) {
    return Text.left(time, 12)
        + "  "
        + Text.left(status, 6)
        + "  "
        + Text.left(method, 7)
        + Text.right(total, 9)
        + Text.right(queue, 11)
        + Text.right(handler, 11)
        + "  "
        + path;
  }
}

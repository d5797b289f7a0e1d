package io.hdrlog.it.demo;

import io.hdrlog.it.demo.Screen.Style;
import io.hdrlog.it.harness.LogRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** One request's time, drawn: a bar for each part, where it began and as long as it took. */
final class Timeline {
  private static final int WIDTH = 44;
  private static final String FULL = "\u2588";
  private static final String THIN = "\u258f";
  private static final double NS_PER_MS = 1e6;

  private record Part(String name, long beginNs, long lengthNs, String says) {}

  private final Screen screen;

  Timeline(Screen screen) {
    this.screen = screen;
  }

  void draw(LogRecord record) {
    List<Part> parts = parts(record);
    long end = 0;
    for (Part part : parts) {
      end = Math.max(end, part.beginNs + part.lengthNs);
    }
    for (Part part : parts) {
      String bar = bar(part, end);
      screen.line(
          String.format(
              Locale.ROOT,
              "  %-9s %s %s %s",
              part.name,
              screen.styled(Style.NUMBER, duration(part.lengthNs)),
              screen.styled(Style.DIM, "\u2502")
                  + screen.styled(Style.BAR, bar)
                  + screen.styled(Style.DIM, "\u2502"),
              screen.styled(Style.DIM, part.says)));
    }
  }

  /** The parts that were measured, each from where the contract says it begins. */
  private static List<Part> parts(LogRecord record) {
    List<Part> parts = new ArrayList<>();
    long headers = time(record, "receive_ns").orElse(0L);
    long read = headers + time(record, "queue_ns").orElse(0L);
    long entered = read + time(record, "dispatch_ns").orElse(0L);
    long firstByte =
        time(record, "first_byte_ns")
            .map(length -> headers + length)
            .orElse(entered + time(record, "handler_ns").orElse(0L));
    long lastByte = firstByte + time(record, "send_ns").orElse(0L);
    add(parts, record, "receive", 0, "the request's header block arrives");
    add(parts, record, "queue", headers, "it waits in the socket for the JVM to read it");
    add(parts, record, "dispatch", read, "parsing, and the hand-over to a thread");
    add(parts, record, "handler", entered, "the application");
    add(parts, record, "send", firstByte, "first to last byte of the response");
    add(parts, record, "ack", lastByte, "until the peer has acknowledged the last one");
    return parts;
  }

  private static void add(
      List<Part> parts, LogRecord record, String name, long beginNs, String says) {
    time(record, name + "_ns").ifPresent(ns -> parts.add(new Part(name, beginNs, ns, says)));
  }

  private static Optional<Long> time(LogRecord record, String name) {
    return record.optionalNumber("timing." + name);
  }

  /** As long as the part took; a thin line where that is less than a character. */
  private static String bar(Part part, long endNs) {
    int begin = column(part.beginNs, endNs);
    int length = column(part.beginNs + part.lengthNs, endNs) - begin;
    int from = Math.min(begin, WIDTH - 1);
    String drawn = length <= 0 ? THIN : FULL.repeat(length);
    return " ".repeat(from) + drawn + " ".repeat(WIDTH - from - Math.max(length, 1));
  }

  private static int column(long ns, long endNs) {
    return endNs == 0 ? 0 : (int) Math.round((double) ns * WIDTH / endNs);
  }

  /** Ten characters: microseconds below a millisecond, milliseconds above. */
  static String duration(long ns) {
    if (ns == 0) {
      return "   at once";
    }
    return ns < NS_PER_MS
        ? String.format(Locale.ROOT, "%7.1f us", ns / 1e3)
        : String.format(Locale.ROOT, "%7.2f ms", ns / NS_PER_MS);
  }
}

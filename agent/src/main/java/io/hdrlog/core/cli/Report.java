package io.hdrlog.core.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A summary of log files: how many, how they ended, where the time went, what was slow. */
final class Report {
  /** A path may hold ids; beyond so many different ones the rest is one line. */
  private static final int ROUTES_MAX = 2000;

  private static final int ROUTES_SHOWN = 10;
  private static final int VALUES_SHOWN = 12;

  /** What {@code total} is made of; the others overlap these. */
  private static final boolean[] IS_PART = {
    false, true, true, true, true, false, true, true, false, false
  };

  private static final String[] SAYS = {
    "accept queue",
    "a slow client",
    "waiting in the socket: GC, busy threads, a starved event loop",
    "TLS, parsing, thread-pool hand-over",
    "the application",
    "what the peer waited for, less the network",
    "a large or slowly produced response",
    "a slow reader or a lossy line",
    "of it, the JVM stood at a safepoint",
    ""
  };

  private final Histogram[] spans = new Histogram[LogRecord.SPANS.length];
  private final Map<String, Long> outcomes = new HashMap<>();
  private final Map<String, Long> statuses = new TreeMap<>();
  private final Map<String, Long> services = new HashMap<>();
  private final Map<String, Route> routes = new HashMap<>();
  private long files;
  private long records;
  private long broken;
  private long withKernel;
  private String first = "";
  private String last = "";

  Report() {
    for (int i = 0; i < spans.length; i++) {
      spans[i] = new Histogram(7);
    }
  }

  /** A file that cannot be read costs a line on {@code err}; the others are still read. */
  void read(Path path, PrintStream err) {
    files++;
    try (InputStream in = LogFiles.open(path)) {
      LineReader reader = new LineReader(in);
      for (byte[] line = reader.next(); line != null; line = reader.next()) {
        try {
          add(LogRecord.parse(line));
        } catch (IOException e) {
          broken++;
        }
      }
    } catch (IOException e) {
      err.println("hdrlog: cannot be read to its end: file=" + path + " reason=\"" + e + "\"");
    }
  }

  private void add(LogRecord record) {
    records++;
    count(outcomes, record.outcome.isEmpty() ? "(none)" : record.outcome);
    count(statuses, record.status == 0 ? "none" : record.status / 100 + "xx");
    count(services, record.service);
    withKernel += record.kernel ? 1 : 0;
    if (!record.timestamp.isEmpty()) {
      // All are UTC with the same digits, so text order is the order of time.
      first = first.isEmpty() || record.timestamp.compareTo(first) < 0 ? record.timestamp : first;
      last = record.timestamp.compareTo(last) > 0 ? record.timestamp : last;
    }
    for (int i = 0; i < spans.length; i++) {
      if (record.ns[i] >= 0) {
        spans[i].add(record.ns[i]);
      }
    }
    route(record).add(record);
  }

  private Route route(LogRecord record) {
    String where = record.route.isEmpty() ? record.path : record.route;
    String key = (record.method.isEmpty() ? "-" : record.method) + " " + where;
    Route route = routes.get(key);
    if (route == null) {
      if (routes.size() >= ROUTES_MAX) {
        key = "(all others)";
        route = routes.get(key);
      }
      if (route == null) {
        route = new Route(key);
        routes.put(key, route);
      }
    }
    return route;
  }

  private static void count(Map<String, Long> counts, String key) {
    counts.merge(key, 1L, Long::sum);
  }

  void print(PrintStream out) {
    out.println("requests   " + records + " in " + files + (files == 1 ? " file" : " files"));
    if (broken > 0) {
      out.println("unreadable " + broken + (broken == 1 ? " line" : " lines"));
    }
    if (records == 0) {
      return;
    }
    out.println("from       " + Text.printable(first));
    out.println("to         " + Text.printable(last));
    print(out, "service    ", services);
    print(out, "outcome    ", outcomes);
    print(out, "status     ", statuses);
    out.println("kernel     " + Text.percent((double) withKernel / records) + " with its timing");
    printSpans(out);
    printRoutes(out);
  }

  private void print(PrintStream out, String label, Map<String, Long> counts) {
    List<Map.Entry<String, Long>> entries = new ArrayList<>(counts.entrySet());
    entries.sort((a, b) -> Long.compare(b.getValue(), a.getValue()));
    StringBuilder line = new StringBuilder(label);
    for (int i = 0; i < entries.size() && i < VALUES_SHOWN; i++) {
      line.append(i == 0 ? "" : ", ").append(Text.printable(entries.get(i).getKey()));
      line.append(' ').append(entries.get(i).getValue());
    }
    if (entries.size() > VALUES_SHOWN) {
      line.append(", and ").append(entries.size() - VALUES_SHOWN).append(" more");
    }
    out.println(line);
  }

  private void printSpans(PrintStream out) {
    long partsSum = 0;
    for (int i = 0; i < spans.length; i++) {
      partsSum += IS_PART[i] ? spans[i].sum() : 0;
    }
    out.println();
    out.println("where the time goes");
    out.println(span("", "share", "p50", "p90", "p99", "max", ""));
    for (int i = 0; i < spans.length; i++) {
      Histogram h = spans[i];
      if (h.count() > 0) {
        out.println(
            span(
                LogRecord.SPANS[i],
                IS_PART[i] && partsSum > 0 ? Text.percent((double) h.sum() / partsSum) : "",
                Text.duration(h.percentile(0.5)),
                Text.duration(h.percentile(0.9)),
                Text.duration(h.percentile(0.99)),
                Text.duration(h.max()),
                SAYS[i]));
      }
    }
  }

  private static String span(
      String name, String share, String p50, String p90, String p99, String max, String says) {
    String line =
        "  "
            + Text.left(name, 10)
            + Text.right(share, 8)
            + Text.right(p50, 10)
            + Text.right(p90, 10)
            + Text.right(p99, 10)
            + Text.right(max, 10)
            + "   "
            + says;
    return line.stripTrailing();
  }

  private void printRoutes(PrintStream out) {
    List<Route> slowest = new ArrayList<>(routes.values());
    slowest.sort(Route::slowestFirst);
    out.println();
    out.println("slowest routes, by p99 of total");
    out.println("  requests    failed       p50       p99       max  slowest in  route");
    for (int i = 0; i < slowest.size() && i < ROUTES_SHOWN; i++) {
      out.println(slowest.get(i).line());
    }
    if (slowest.size() > ROUTES_SHOWN) {
      out.println("  and " + (slowest.size() - ROUTES_SHOWN) + " more");
    }
  }

  /** A method and a route, or a path where the route is not known. */
  private static final class Route {
    private final String key;
    private final Histogram total = new Histogram(4);
    private final long[] partNs = new long[LogRecord.SPANS.length];
    private long count;
    private long failed;

    Route(String key) {
      this.key = key;
    }

    void add(LogRecord record) {
      count++;
      failed += record.status >= 500 || !record.outcome.equals("complete") ? 1 : 0;
      if (record.ns[LogRecord.TOTAL] >= 0) {
        total.add(record.ns[LogRecord.TOTAL]);
      }
      for (int i = 0; i < partNs.length; i++) {
        partNs[i] += IS_PART[i] && record.ns[i] > 0 ? record.ns[i] : 0;
      }
    }

    int slowestFirst(Route other) {
      int byTime = Long.compare(other.total.percentile(0.99), total.percentile(0.99));
      return byTime != 0 ? byTime : Long.compare(other.count, count);
    }

    String line() {
      int most = 0;
      for (int i = 1; i < partNs.length; i++) {
        most = partNs[i] > partNs[most] ? i : most;
      }
      return "  "
          + Text.right(String.valueOf(count), 8)
          + Text.right(String.valueOf(failed), 10)
          + Text.right(Text.duration(total.percentile(0.5)), 10)
          + Text.right(Text.duration(total.percentile(0.99)), 10)
          + Text.right(Text.duration(total.max()), 10)
          + "  "
          + Text.left(partNs[most] == 0 ? "-" : LogRecord.SPANS[most], 10)
          + "  "
          + Text.cut(Text.printable(key), 80);
    }
  }
}

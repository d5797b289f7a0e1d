package io.hdrlog.bench.harness;

import io.hdrlog.bench.Headers;
import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Closed-loop load to saturation, on the core of the load. */
final class Wrk {
  private static final Pattern TOTAL = Pattern.compile("(\\d+) requests in ([0-9.]+)(ms|s|m),");
  private static final Pattern RATE = Pattern.compile("Requests/sec: +([0-9.]+)");

  record Result(long requests, double perSecond) {}

  private final Options options;

  Wrk(Options options) {
    this.options = options;
  }

  Result run(int port, boolean tls, int seconds) throws IOException {
    String output =
        Shell.run(
            seconds + 20,
            List.of(
                "taskset",
                "-c",
                String.valueOf(Bench.LOAD_CORE),
                "wrk",
                "-t1",
                "-c" + options.connections,
                "-d" + seconds + "s",
                "-s",
                options.home.resolve("src/main/wrk/headers.lua").toString(),
                (tls ? "https" : "http") + "://127.0.0.1:" + port + Headers.PATH));
    Matcher total = TOTAL.matcher(output);
    Matcher rate = RATE.matcher(output);
    if (!total.find() || !rate.find() || output.contains("Non-2xx")) {
      throw new IOException("wrk says: " + output);
    }
    return new Result(Long.parseLong(total.group(1)), Double.parseDouble(rate.group(1)));
  }
}

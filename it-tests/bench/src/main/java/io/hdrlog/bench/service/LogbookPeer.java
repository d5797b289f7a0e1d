package io.hdrlog.bench.service;

import jakarta.servlet.Filter;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.zalando.logbook.Logbook;
import org.zalando.logbook.core.DefaultSink;
import org.zalando.logbook.core.StreamHttpLogWriter;
import org.zalando.logbook.core.WithoutBodyStrategy;
import org.zalando.logbook.json.JsonHttpLogFormatter;
import org.zalando.logbook.servlet.LogbookFilter;

/**
 * Logbook as JSON, headers only, into a buffered file: its own sink and no logging framework, which
 * would only add to its cost.
 */
final class LogbookPeer {
  private static final int BUFFER_BYTES = 64 * 1024;

  private LogbookPeer() {}

  static Filter filter(File dir) throws IOException {
    PrintStream out =
        new PrintStream(
            new BufferedOutputStream(
                new FileOutputStream(new File(dir, "logbook.log")), BUFFER_BYTES),
            false,
            StandardCharsets.UTF_8);
    Runtime.getRuntime().addShutdownHook(new Thread(out::close, "bench-logbook-close"));
    return new LogbookFilter(
        Logbook.builder()
            .strategy(new WithoutBodyStrategy())
            .sink(new DefaultSink(new JsonHttpLogFormatter(), new StreamHttpLogWriter(out)))
            .build());
  }
}

package io.hdrlog.core.health;

import io.hdrlog.core.file.ClaimedFile;
import io.hdrlog.core.file.Processes;
import io.hdrlog.core.file.UtcTime;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;

/**
 * {@code DIR/SERVICE.agent.log}, opened by the first line. Lines that cannot be written there go to
 * stderr, at a bounded rate. Any thread may log; lines are rare.
 */
public final class FileAgentLog implements AgentLog, AutoCloseable {
  public static final String SUFFIX = ".agent.log";

  /** Added to the name of the one older file that is kept. */
  public static final String OLDER_SUFFIX = ".1";

  /** How the first line of a start begins; {@code doctor} reads from the last such line on. */
  public static final String STARTED = "started";

  private static final String INFO = "info ";
  private static final long SIZE_MAX_BYTES = 4L << 20;
  private static final int LINE_MAX = 8192;
  private static final int RETRY_MS = 1000;
  private static final int STDERR_WINDOW_MS = 60_000;
  private static final int STDERR_LINES_MAX = 20;

  private final Path dir;
  private final String service;
  private final InstantSource clock;
  private final PrintStream stderr;
  private final long sizeMaxBytes;
  private final long pid = Processes.ownPid();

  private ClaimedFile file;
  private long retryMs;
  private long lookedMs;
  private long windowMs = Long.MIN_VALUE;

  // What a start tells must not use up the room of what goes wrong.
  private int windowInfos;
  private int windowProblems;
  private long suppressed;
  private boolean closed;

  /** {@code service} in a form that is safe in a file's name. */
  public FileAgentLog(Path dir, String service, InstantSource clock) {
    this(dir, service, clock, System.err, SIZE_MAX_BYTES);
  }

  FileAgentLog(
      Path dir, String service, InstantSource clock, PrintStream stderr, long sizeMaxBytes) {
    this.dir = dir;
    this.service = service;
    this.clock = clock;
    this.stderr = stderr;
    this.sizeMaxBytes = sizeMaxBytes;
  }

  @Override
  public void info(String line) {
    log(INFO, line);
  }

  @Override
  public void warn(String line) {
    log("warn ", line);
  }

  @Override
  public void error(String line) {
    log("error ", line);
  }

  @Override
  public synchronized void close() {
    closed = true;
    drop();
  }

  private synchronized void log(String level, String line) {
    long now = clock.millis();
    String text = oneLine(level, line);
    try {
      if (append(now, UtcTime.iso(now) + ' ' + text + '\n')) {
        return;
      }
    } catch (IOException | RuntimeException e) {
      // A half line is cut when the file is opened again.
      retryMs = now + RETRY_MS;
      drop();
    }
    toStderr(now, text, level.equals(INFO));
  }

  private boolean append(long now, String line) throws IOException {
    if (closed || (now < retryMs && retryMs - now <= RETRY_MS)) {
      return false;
    }
    if (file != null && (now - lookedMs >= RETRY_MS || now < lookedMs)) {
      lookedMs = now;
      if (!file.isInPlace()) {
        drop();
      }
    }
    if (file != null && file.size() >= sizeMaxBytes) {
      Path older = file.path().resolveSibling(file.path().getFileName() + OLDER_SUFFIX);
      Files.move(file.path(), older, StandardCopyOption.REPLACE_EXISTING);
      drop();
    }
    // A channel used by an interrupted thread closes; whose thread logs here is not ours to know.
    boolean interrupted = Thread.interrupted();
    try {
      if (file == null) {
        file = ClaimedFile.claim(dir, service, SUFFIX, pid);
        lookedMs = now;
      }
      ByteBuffer bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        file.append(bytes);
      }
      return true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void toStderr(long now, String text, boolean info) {
    if (now - windowMs >= STDERR_WINDOW_MS || now < windowMs) {
      if (suppressed > 0) {
        stderr.println("hdrlog: lines not shown count=" + suppressed);
      }
      windowMs = now;
      windowInfos = 0;
      windowProblems = 0;
      suppressed = 0;
    }
    int lines = info ? ++windowInfos : ++windowProblems;
    if (lines <= STDERR_LINES_MAX) {
      stderr.println("hdrlog: " + text);
    } else {
      suppressed++;
    }
  }

  private void drop() {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  /** What a client or a file name put into a message must not forge a line of its own. */
  private static String oneLine(String level, String line) {
    StringBuilder out = new StringBuilder(level.length() + line.length()).append(level);
    int length = Math.min(line.length(), LINE_MAX);
    for (int i = 0; i < length; i++) {
      char c = line.charAt(i);
      out.append(c < ' ' || c == 0x7f ? ' ' : c);
    }
    return out.toString();
  }
}

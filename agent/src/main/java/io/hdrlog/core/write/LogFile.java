package io.hdrlog.core.write;

import io.hdrlog.core.file.ClaimedFile;
import io.hdrlog.core.file.Processes;
import io.hdrlog.core.file.SystemCalls;
import io.hdrlog.core.file.UtcTime;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.health.LossReason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * The file that records are appended to. One thread, the consumer, calls everything here; only what
 * happens to closed files is on {@link Housekeeper}'s thread.
 *
 * <p>Nothing here throws. While the file cannot be written, what fits into the buffer waits, the
 * rest is counted as lost, and about once a second it is tried again.
 */
public final class LogFile implements AutoCloseable {
  /**
   * The larger a call, the less the kernel takes for a record: of 256 KB it takes a fifth more. It
   * is filled only by what comes between two of the consumer's sleeps.
   */
  static final int BUFFER_BYTES = 1024 * 1024;

  /**
   * So much a call where the last one took long: on a slow disk there must be time between calls to
   * see that the JVM is on its way down.
   */
  private static final int SLOW_BYTES = 64 * 1024;

  private static final long SLOW_NS = 20_000_000;

  /** The JDK keeps a direct copy as large as the largest heap buffer that was ever written. */
  private static final int SLICE_BYTES = 64 * 1024;

  private static final int RETRY_MS = 1000;
  private static final int LOOK_MS = 1000;

  /** Old files are seen to when the service had time to start. */
  private static final int FIRST_SWEEP_MS = 2000;

  /** A closed file's name that is taken gets the next number; so many in a second are refused. */
  private static final int NUMBER_MAX = 100_000;

  private static final byte[] TIMESTAMP = {'"', 't', 'i', 'm', 'e', 's', 't', 'a', 'm', 'p', '"'};

  private final LogFileOptions options;
  private final InstantSource clock;
  private final Counters counters;
  private final AgentLog log;
  private final Housekeeper housekeeper;
  private final WrittenPages pages;
  private final long pid = Processes.ownPid();
  private final long rotateTimeMs;

  private final ByteBuffer buffer = newBuffer();
  private long buffered;

  /** So much is collected for a call. */
  private int collectedMax = BUFFER_BYTES;

  private ClaimedFile file;
  private long size;
  private long firstRecordMs;
  private long lookedMs;
  private long firstSweepMs = Long.MAX_VALUE;
  private long rotateAgainMs;
  private String closedStamp = "";
  private int closedNumber;

  private boolean closed;
  private boolean failing;
  private long retryMs;
  private long lostWhileFailing;

  public LogFile(LogFileOptions options, InstantSource clock, Counters counters, AgentLog log) {
    this(options, clock, counters, log, SystemCalls::find);
  }

  LogFile(
      LogFileOptions options,
      InstantSource clock,
      Counters counters,
      AgentLog log,
      Supplier<SystemCalls> system) {
    this.options = options;
    this.clock = clock;
    this.counters = counters;
    this.log = log;
    this.housekeeper = new Housekeeper(options, clock, log, system);
    this.pages = new WrittenPages(system, log);
    // A limit below a millisecond is still a limit.
    this.rotateTimeMs =
        options.rotateTimeNs() == 0 ? 0 : Math.max(1, options.rotateTimeNs() / 1_000_000);
  }

  /** The service may have used up, or forbidden, memory outside the heap. */
  private static ByteBuffer newBuffer() {
    try {
      return ByteBuffer.allocateDirect(BUFFER_BYTES);
    } catch (OutOfMemoryError noneLeft) {
      return ByteBuffer.allocate(BUFFER_BYTES);
    }
  }

  /** Takes whole lines; {@code records} of them. */
  public void write(byte[] lines, int offset, int length, int records) {
    if (closed) {
      lose(records);
      return;
    }
    if (length > collectedMax - buffer.position()) {
      drain(false);
    }
    if (length <= buffer.remaining()) {
      buffer.put(lines, offset, length);
      buffered += records;
    } else if (buffer.position() > 0) {
      lose(records);
    } else {
      ByteBuffer large = ByteBuffer.wrap(lines, offset, length);
      lose(records - writeOut(large, records, false));
    }
  }

  /** To be called when the consumer has nothing else to do; costs next to nothing then. */
  public void flush() {
    if (!closed) {
      drain(false);
    }
  }

  /** The file being written; null before the first and while none can be opened. */
  public Path path() {
    return file == null ? null : file.path();
  }

  /** There may be no later: what cannot be written now is lost, and counted. */
  public void settle() {
    if (closed) {
      return;
    }
    drain(true);
    lose(buffered);
    buffer.clear();
    buffered = 0;
  }

  /** Writes what is buffered; what comes later is lost, and counted. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    settle();
    closed = true;
    if (failing) {
      log.error(failureEnd("records were lost until the end"));
    }
    housekeeper.stop();
    pages.left();
    if (file != null) {
      try {
        file.force();
      } catch (IOException e) {
        log.warn("file could not be forced to disk: " + about(file.path(), e));
      }
      file.close();
      file = null;
    }
  }

  /** Waits for the work on closed files; for tests. */
  boolean awaitHousekeeping(long timeoutMs) throws InterruptedException {
    return housekeeper.await(timeoutMs);
  }

  private void drain(boolean last) {
    if (buffer.position() == 0) {
      if (!last && ready(false) && failing) {
        recovered();
      }
      return;
    }
    buffer.flip();
    buffered -= writeOut(buffer, buffered, last);
    if (buffer.hasRemaining()) {
      buffer.compact();
    } else {
      buffer.clear();
      buffered = 0;
    }
  }

  /** Writes what it can, in whole lines; answers how many of the records are in the file. */
  private long writeOut(ByteBuffer lines, long records, boolean last) {
    long done = 0;
    while (lines.hasRemaining()) {
      if (!ready(last)) {
        return done;
      }
      int length = fitting(lines);
      if (length == 0) {
        rotate();
        continue;
      }
      int from = lines.position();
      boolean all = length == lines.remaining();
      boolean ok = append(lines, length);
      // Lines are counted only where a part was written; nearly always it was everything.
      long count = ok && all ? records - done : countLines(lines, from, lines.position());
      done += count;
      counters.written(count);
      if (!ok) {
        return done;
      }
    }
    if (failing) {
      recovered();
    }
    return done;
  }

  /** Bytes of whole lines that go into this file; at least one line into an empty one. */
  private int fitting(ByteBuffer lines) {
    long room = options.rotateSizeBytes() - size;
    if (lines.remaining() <= room || rotateAgainMs > clock.millis()) {
      return lines.remaining();
    }
    int from = lines.position();
    int fits = room <= 0 ? 0 : afterLastLine(lines, from, from + (int) room) - from;
    if (fits > 0 || size > 0) {
      return fits;
    }
    for (int i = from; i < lines.limit(); i++) {
      if (lines.get(i) == '\n') {
        return i + 1 - from;
      }
    }
    return lines.remaining();
  }

  private boolean append(ByteBuffer lines, int length) {
    int from = lines.position();
    int limit = lines.limit();
    int end = from + length;
    try {
      if (size == 0) {
        firstRecordMs = clock.millis();
      }
      long beganNs = System.nanoTime();
      while (lines.position() < end) {
        int sliceEnd = lines.isDirect() ? end : Math.min(end, lines.position() + SLICE_BYTES);
        lines.limit(sliceEnd);
        size += file.append(lines);
      }
      collectedMax = System.nanoTime() - beganNs > SLOW_NS ? SLOW_BYTES : BUFFER_BYTES;
      pages.grown(file, size - length, size);
      return true;
    } catch (IOException e) {
      int reached = lines.position();
      int whole = afterLastLine(lines, from, reached);
      lines.position(whole);
      cutTo(size - (reached - whole));
      failed(file.path(), e);
      if (!file.isOpen()) {
        // An interrupt closes a channel; the next attempt opens the file again.
        dropFile();
      }
      return false;
    } finally {
      lines.limit(limit);
    }
  }

  /** Where the half line cannot be cut now, opening the file again repairs it. */
  private void cutTo(long whole) {
    try {
      if (whole < size) {
        file.truncate(whole);
      }
      size = whole;
    } catch (IOException e) {
      file.close();
    }
  }

  private boolean ready(boolean last) {
    long now = clock.millis();
    if (failing && !last && now < retryMs && retryMs - now <= RETRY_MS) {
      return false;
    }
    if (file == null) {
      return open(now);
    }
    // A clock set back must not end the looking.
    if (now - lookedMs >= LOOK_MS || now < lookedMs) {
      lookedMs = now;
      return look(now);
    }
    return true;
  }

  /** What is seen to about once a second. */
  private boolean look(long now) {
    if (!file.isInPlace()) {
      log.info("file was moved or deleted, a new one is made: file=" + file.path());
      dropFile();
      return open(now);
    }
    try {
      size = file.size();
    } catch (IOException e) {
      failed(file.path(), e);
      dropFile();
      return false;
    }
    if (now < firstRecordMs) {
      firstRecordMs = now;
    }
    if (rotateTimeMs > 0 && size > 0 && now - firstRecordMs >= rotateTimeMs) {
      rotate();
    }
    if (now >= firstSweepMs) {
      firstSweepMs = Long.MAX_VALUE;
      housekeeper.request(null);
    }
    return file != null;
  }

  private boolean open(long now) {
    try {
      // A write to an interrupted thread's channel fails; whoever interrupts the consumer, we
      // write.
      Thread.interrupted();
      file = ClaimedFile.claim(options.dir(), options.service(), FileNames.JSONL, pid);
      size = file.size();
      firstRecordMs = size == 0 ? now : firstRecordMs(now);
      lookedMs = now;
    } catch (IOException | RuntimeException e) {
      failed(options.dir().resolve(options.service() + FileNames.JSONL), e);
      dropFile();
      return false;
    }
    if (file.repairedBytes() > 0) {
      log.warn(
          "file ended in half a line, which was cut: file="
              + file.path()
              + " bytes="
              + file.repairedBytes());
    }
    if (!file.instance().equals(housekeeper.instance())) {
      housekeeper.instance(file.instance());
      firstSweepMs = now + FIRST_SWEEP_MS;
      if (!file.instance().equals(options.service())) {
        log.info(
            "another process is writing this service's records here, so the pid was added: service="
                + options.service()
                + " file="
                + file.path());
      }
    }
    return true;
  }

  /** A file from before this start is as old as its first record says. */
  private long firstRecordMs(long now) throws IOException {
    byte[] start = new byte[256];
    int length = file.readStart(ByteBuffer.wrap(start));
    for (int i = 0; i + TIMESTAMP.length + 22 < length; i++) {
      int at = 0;
      while (at < TIMESTAMP.length && start[i + at] == TIMESTAMP[at]) {
        at++;
      }
      if (at == TIMESTAMP.length) {
        // Over the colon and the quote.
        long ms = UtcTime.parseIso(start, i + at + 2, length);
        return ms < 0 ? now : Math.min(ms, now);
      }
    }
    return Math.min(now, Files.getLastModifiedTime(file.path()).toMillis());
  }

  private void rotate() {
    long now = clock.millis();
    ClaimedFile closing = file;
    try {
      close(closing, now);
    } catch (IOException e) {
      // Better a file that is too large than no records.
      rotateAgainMs = now + 60_000;
      firstRecordMs = now;
      log.warn("file could not be closed, it grows on: " + about(closing.path(), e));
      return;
    }
    rotateAgainMs = 0;
    // Not before it is renamed: with the pages' descriptor goes the lock.
    pages.left();
    file = null;
    closing.giveUpPath();
    housekeeper.request(closing);
    open(now);
  }

  private void close(ClaimedFile closing, long now) throws IOException {
    String stamp = UtcTime.stamp(now);
    // Numbers go up within a second even where the first files are deleted already.
    int first = stamp.equals(closedStamp) ? closedNumber + 1 : 1;
    for (int number = first; number < NUMBER_MAX; number++) {
      Path target =
          closing.path().resolveSibling(FileNames.closed(closing.instance(), stamp, number));
      if (Files.exists(target.resolveSibling(target.getFileName() + FileNames.GZ))) {
        continue;
      }
      try {
        Files.move(closing.path(), target);
        closedStamp = stamp;
        closedNumber = number;
        return;
      } catch (FileAlreadyExistsException e) {
        // The next number may be free.
      }
    }
    throw new IOException("no free name for a closed file at " + stamp);
  }

  private void dropFile() {
    if (file != null) {
      pages.left();
      file.close();
      file = null;
    }
  }

  private void failed(Path path, Exception e) {
    retryMs = clock.millis() + RETRY_MS;
    if (!failing) {
      failing = true;
      lostWhileFailing = 0;
      log.error("records cannot be written, trying again every second: " + about(path, e));
    }
  }

  private void recovered() {
    failing = false;
    log.info(failureEnd("records are written again"));
  }

  private String failureEnd(String what) {
    return what
        + ": file="
        + (file == null ? options.dir().resolve(options.service() + FileNames.JSONL) : file.path())
        + " lost="
        + lostWhileFailing;
  }

  private void lose(long records) {
    if (records > 0) {
      lostWhileFailing += records;
      counters.lost(LossReason.WRITE_FAILED, records);
    }
  }

  static String about(Path path, Exception e) {
    return "file="
        + path
        + " reason=\""
        + e.getClass().getSimpleName()
        + ": "
        + e.getMessage()
        + "\"";
  }

  private static int afterLastLine(ByteBuffer lines, int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      if (lines.get(i) == '\n') {
        return i + 1;
      }
    }
    return from;
  }

  private static long countLines(ByteBuffer lines, int from, int to) {
    long count = 0;
    for (int i = from; i < to; i++) {
      if (lines.get(i) == '\n') {
        count++;
      }
    }
    return count;
  }
}

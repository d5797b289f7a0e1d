package io.hdrlog.core.write;

import io.hdrlog.core.file.ClaimedFile;
import io.hdrlog.core.file.Processes;
import io.hdrlog.core.file.SystemCalls;
import io.hdrlog.core.file.UtcTime;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.FileAgentLog;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * What happens to closed files: forced to disk, compressed, deleted when there are too many. A
 * thread exists only while there is something to do. Everything is decided from the folder's
 * content, so what a killed process left half done is done by the next.
 */
final class Housekeeper {
  private static final int COPY_BYTES = 64 * 1024;

  /** The nice value of a thread that all others go before. */
  private static final int LAST = 19;

  /** Closed files waiting to be forced; beyond it they are closed without, to bound descriptors. */
  private static final int FORCE_MAX = 8;

  /** One sweep at a time in a JVM: two would compress the same file. */
  private static final Object SWEEP = new Object();

  private final LogFileOptions options;
  private final InstantSource clock;
  private final AgentLog log;
  private final Supplier<SystemCalls> system;
  private final long pid = Processes.ownPid();

  private final Deque<ClaimedFile> toForce = new ArrayDeque<>();
  private boolean wanted;
  private boolean wantedSinceLook;
  private boolean running;
  private volatile boolean stopping;
  private volatile String instance;

  Housekeeper(
      LogFileOptions options, InstantSource clock, AgentLog log, Supplier<SystemCalls> system) {
    this.options = options;
    this.clock = clock;
    this.log = log;
    this.system = system;
  }

  /** The name this process writes under; null before the first file. */
  String instance() {
    return instance;
  }

  void instance(String name) {
    instance = name;
  }

  /** Returns at once. {@code closed} may be null; it is forced to disk and closed. */
  synchronized void request(ClaimedFile closed) {
    if (closed != null) {
      if (toForce.size() >= FORCE_MAX) {
        closed.close();
      } else {
        toForce.add(closed);
      }
    }
    wanted = true;
    wantedSinceLook = true;
    if (!running && !stopping) {
      Thread thread = new Thread(this::run, "hdrlog-files");
      thread.setDaemon(true);
      try {
        thread.start();
        running = true;
      } catch (OutOfMemoryError e) {
        // No thread is to be had, of which there may be a limit: the next request tries again.
        running = false;
      }
    }
  }

  /** Gives up what is under way; the next start goes on with it. */
  synchronized void stop() {
    stopping = true;
    while (!toForce.isEmpty()) {
      toForce.poll().close();
    }
  }

  synchronized boolean await(long timeoutMs) throws InterruptedException {
    long endNs = System.nanoTime() + timeoutMs * 1_000_000;
    while (running) {
      long leftMs = (endNs - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        return false;
      }
      wait(leftMs);
    }
    return true;
  }

  private void run() {
    while (next()) {
      try {
        force();
        synchronized (SWEEP) {
          sweep();
        }
      } catch (IOException | RuntimeException e) {
        log.warn("closed files could not be seen to: " + LogFile.about(options.dir(), e));
      }
    }
  }

  private synchronized boolean next() {
    if (stopping || !wanted) {
      running = false;
      notifyAll();
      return false;
    }
    wanted = false;
    return true;
  }

  private void force() {
    while (true) {
      ClaimedFile file = poll();
      if (file == null) {
        return;
      }
      try {
        file.force();
      } catch (IOException e) {
        log.warn("file could not be forced to disk: " + LogFile.about(file.path(), e));
      } finally {
        file.close();
      }
    }
  }

  private synchronized ClaimedFile poll() {
    return toForce.poll();
  }

  private void sweep() throws IOException {
    boolean main = options.service().equals(instance);
    if (main) {
      closeWhatTheDeadLeft();
      deleteAgentLogsOfTheDead();
    }
    // Anew for each file: while one is compressed, a busy service closes several more.
    Set<String> tried = new HashSet<>();
    Closed next;
    do {
      next = null;
      List<Closed> closed = closedFiles(main);
      deleteOldest(closed);
      for (int i = closed.size() - 1; i >= 0 && next == null && options.compress(); i--) {
        // The newest first: where files come faster than they are compressed, the oldest go soon.
        Closed file = closed.get(i);
        if (file.isPlain() && !isOfAnotherLivingProcess(file.name()) && tried.add(file.name())) {
          next = file;
        }
      }
      if (next != null) {
        yieldToTheService();
        compress(next.path());
      }
    } while (next != null && !stopping);
  }

  /** The JVM heeds no priorities on Linux (ThreadPriorityPolicy); the kernel does. */
  private void yieldToTheService() {
    SystemCalls calls = system.get();
    if (calls != null) {
      boolean unused = calls.nice(LAST);
    }
  }

  private List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(options.dir())) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    }
    return names;
  }

  private void closeWhatTheDeadLeft() throws IOException {
    for (String name : names()) {
      long tmpPid = FileNames.tmpPid(options.service(), name);
      if (tmpPid >= 0 && (tmpPid == pid || !Processes.isAlive(tmpPid))) {
        Files.deleteIfExists(options.dir().resolve(name));
      }
      String left = FileNames.pidInstance(options.service(), name, FileNames.JSONL);
      if (left != null) {
        closeLeft(options.dir().resolve(name), left);
      }
    }
  }

  private void closeLeft(Path path, String left) throws IOException {
    try (ClaimedFile file = ClaimedFile.tryClaim(path, left, false)) {
      if (file == null) {
        return;
      }
      if (file.size() == 0) {
        Files.deleteIfExists(path);
        return;
      }
      long lastMs = Files.getLastModifiedTime(path).toMillis();
      String stamp = UtcTime.stamp(Math.min(lastMs, clock.millis()));
      int number = 1;
      Path target = path.resolveSibling(FileNames.closed(left, stamp, number));
      while (Files.exists(target)
          || Files.exists(target.resolveSibling(target.getFileName() + FileNames.GZ))) {
        number++;
        target = path.resolveSibling(FileNames.closed(left, stamp, number));
      }
      Files.move(path, target);
    }
  }

  private void deleteAgentLogsOfTheDead() throws IOException {
    List<Path> logs = new ArrayList<>();
    for (String name : names()) {
      if (FileNames.pidInstance(options.service(), name, FileAgentLog.SUFFIX) != null) {
        logs.add(options.dir().resolve(name));
      }
    }
    if (logs.size() <= options.keepFiles()) {
      return;
    }
    logs.sort((a, b) -> Long.compare(modifiedMs(a), modifiedMs(b)));
    for (int i = 0; i < logs.size() - options.keepFiles(); i++) {
      Path path = logs.get(i);
      try (ClaimedFile file = ClaimedFile.tryClaim(path, "", false)) {
        if (file != null) {
          Files.deleteIfExists(path);
          Files.deleteIfExists(path.resolveSibling(path.getFileName() + FileAgentLog.OLDER_SUFFIX));
        }
      }
    }
  }

  private static long modifiedMs(Path path) {
    try {
      return Files.getLastModifiedTime(path).toMillis();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Oldest first. The one with the plain name sees to all, one with a pid to its own. */
  private List<Closed> closedFiles(boolean main) throws IOException {
    List<Closed> closed = new ArrayList<>();
    for (String name : names()) {
      String order = FileNames.closedOrder(options.service(), name);
      if (order != null && (main || name.startsWith(instance + "-"))) {
        closed.add(new Closed(options.dir().resolve(name), name, order));
      }
    }
    Collections.sort(closed);
    return closed;
  }

  private void deleteOldest(List<Closed> oldestFirst) throws IOException {
    long bytes = 0;
    int kept = 0;
    for (int i = oldestFirst.size() - 1; i >= 0; i--) {
      Path path = oldestFirst.get(i).path();
      try {
        bytes += Files.size(path);
      } catch (NoSuchFileException e) {
        oldestFirst.remove(i);
        continue;
      }
      if (kept >= options.keepFiles() || bytes > options.keepTotalBytes()) {
        Files.deleteIfExists(path);
        oldestFirst.remove(i);
      } else {
        kept++;
      }
    }
  }

  private void compress(Path path) {
    Path target = path.resolveSibling(path.getFileName() + FileNames.GZ);
    Path tmp = path.resolveSibling(target.getFileName() + "." + pid + FileNames.TMP);
    try {
      FileTime modified = Files.getLastModifiedTime(path);
      if (!copyCompressed(path, tmp)) {
        Files.deleteIfExists(tmp);
        return;
      }
      Files.setLastModifiedTime(tmp, modified);
      Files.move(tmp, target, StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(path);
    } catch (NoSuchFileException e) {
      deleteQuietly(tmp); // someone deleted the closed file meanwhile, which is their right
    } catch (IOException e) {
      deleteQuietly(tmp);
      log.warn("closed file could not be compressed: " + LogFile.about(path, e));
    }
  }

  /** False when it was stopped half-way, or the file was deleted by {@link #deleteOldest}. */
  @SuppressWarnings("ThreadPriorityCheck") // nice alone may keep the core for a whole time slice
  private boolean copyCompressed(Path from, Path to) throws IOException {
    byte[] block = new byte[COPY_BYTES];
    Files.deleteIfExists(to);
    Files.createFile(to, PosixFilePermissions.asFileAttribute(ClaimedFile.mode()));
    Files.setPosixFilePermissions(to, ClaimedFile.mode());
    try (InputStream in = Files.newInputStream(from);
        FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE);
        OutputStream out = new QuickGzip(Channels.newOutputStream(channel))) {
      for (int read = in.read(block); read > 0; read = in.read(block)) {
        if (stopping || !isStillKept(from)) {
          return false;
        }
        out.write(block, 0, read);
        Thread.yield();
      }
    }
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    return true;
  }

  /** Files may be closed faster than this one is compressed: what is too much goes meanwhile. */
  private boolean isStillKept(Path compressing) throws IOException {
    if (!isWanted()) {
      return true;
    }
    deleteOldest(closedFiles(options.service().equals(instance)));
    return Files.exists(compressing);
  }

  /** Whether there was a request since the last look. */
  private synchronized boolean isWanted() {
    boolean is = wantedSinceLook;
    wantedSinceLook = false;
    return is;
  }

  /**
   * The fastest level: of 100 MB of a log with few clients it makes 6.5 MB at 400 MB/s, where the
   * default makes 4.9 MB at 160 MB/s. What the service has no use for is its time.
   */
  private static final class QuickGzip extends GZIPOutputStream {
    QuickGzip(OutputStream out) throws IOException {
      super(out, COPY_BYTES);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }

  private boolean isOfAnotherLivingProcess(String name) {
    long owner = FileNames.pidOf(options.service(), name);
    return owner >= 0 && owner != pid && Processes.isAlive(owner);
  }

  private static void deleteQuietly(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The next sweep, or the next start, tries again.
    }
  }

  /** A closed file; the order is that of closing. */
  private record Closed(Path path, String name, String order) implements Comparable<Closed> {
    @Override
    public int compareTo(Closed other) {
      int byOrder = order.compareTo(other.order);
      return byOrder != 0 ? byOrder : name.compareTo(other.name);
    }

    boolean isPlain() {
      return name.endsWith(FileNames.JSONL);
    }
  }
}

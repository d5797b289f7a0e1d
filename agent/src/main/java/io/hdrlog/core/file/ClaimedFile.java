package io.hdrlog.core.file;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A file that this JVM alone appends to: it holds an exclusive lock on it. The lock lies on the
 * data file itself, so that there is no other file to lose, and a file whose writer died is told by
 * its lock being free.
 *
 * <p>Two channels: POSIX drops a process's locks on a file as soon as any descriptor of it is
 * closed, so the one that repairs is the one that locks and stays open; the other appends, which
 * stays right when someone truncates the file under it.
 */
public final class ClaimedFile implements AutoCloseable {
  /** More JVMs than this with one service and folder get no file. */
  private static final int ATTEMPTS_MAX = 64;

  /** Between the service's name and the pid of a JVM that found the file taken. */
  public static final String PID_MARK = "-pid";

  private static final int REPAIR_BLOCK_BYTES = 64 * 1024;

  private static final FileAttribute<Set<PosixFilePermission>> MODE =
      PosixFilePermissions.asFileAttribute(mode());

  /** Paths held by this JVM; asking the kernel would drop our own lock on closing. */
  private static final Set<Path> HELD = new HashSet<>();

  /** Channels to files that another class loader's copy of this class holds; never closed. */
  private static final List<FileChannel> NEVER_CLOSED =
      Collections.synchronizedList(new ArrayList<>());

  private final Path path;
  private final String instance;
  private final FileChannel guard;
  private final FileChannel out;
  private final Object key;
  private final long repairedBytes;
  private boolean holdsPath = true;

  private ClaimedFile(
      Path path,
      String instance,
      FileChannel guard,
      FileChannel out,
      Object key,
      long repairedBytes) {
    this.path = path;
    this.instance = instance;
    this.guard = guard;
    this.out = out;
    this.key = key;
    this.repairedBytes = repairedBytes;
  }

  /** The service's file, or, where another JVM has that, one with the pid in its name. */
  public static ClaimedFile claim(Path dir, String service, String suffix, long pid)
      throws IOException {
    // A link to a folder is one, which createDirectories before JDK 20 does not see.
    if (!Files.isDirectory(dir)) {
      Files.createDirectories(dir);
    }
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      String instance = instanceName(service, pid, attempt);
      ClaimedFile file = tryClaim(dir.resolve(instance + suffix), instance, true);
      if (file != null) {
        return file;
      }
    }
    throw new IOException("all of " + ATTEMPTS_MAX + " names are taken: service=" + service);
  }

  private static String instanceName(String service, long pid, int attempt) {
    if (attempt == 0) {
      return service;
    }
    // Two containers over one volume may both be process 1.
    return service + PID_MARK + pid + (attempt == 1 ? "" : "." + attempt);
  }

  /** The file, or null where another JVM, or this one, has it, or where it is gone. */
  public static ClaimedFile tryClaim(Path path, String instance, boolean create)
      throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    synchronized (HELD) {
      if (!HELD.add(absolute)) {
        return null;
      }
    }
    FileChannel guard = null;
    FileChannel out = null;
    ClaimedFile file = null;
    try {
      Object before = keyOf(absolute);
      guard = openGuard(absolute, create);
      if (guard == null || !lock(guard)) {
        return null;
      }
      long repaired = repair(guard);
      out = FileChannel.open(absolute, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
      Object after = keyOf(absolute);
      if (before != null && !before.equals(after)) {
        throw new IOException("file was replaced while it was opened: " + absolute);
      }
      file = new ClaimedFile(absolute, instance, guard, out, after, repaired);
      return file;
    } catch (OverlappingFileLockException e) {
      NEVER_CLOSED.add(guard);
      guard = null;
      return null;
    } finally {
      if (file == null) {
        closeQuietly(out);
        closeQuietly(guard);
        release(absolute);
      }
    }
  }

  /** The inode; null where there is no file. */
  private static Object keyOf(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  private static FileChannel openGuard(Path path, boolean create) throws IOException {
    Set<OpenOption> options = new HashSet<>();
    options.add(StandardOpenOption.READ);
    options.add(StandardOpenOption.WRITE);
    try {
      return FileChannel.open(path, options);
    } catch (NoSuchFileException e) {
      if (!create) {
        return null;
      }
    }
    options.add(StandardOpenOption.CREATE);
    FileChannel channel = FileChannel.open(path, options, MODE);
    // The mode given on opening is cut by the umask, which commonly takes the group's right.
    Files.setPosixFilePermissions(path, mode());
    return channel;
  }

  /** A file system without locks is no reason not to log: there the file counts as ours. */
  private static boolean lock(FileChannel channel) {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (IOException e) {
      return true;
    }
  }

  /** Cuts what follows the last full line: a kill -9 or a lost machine left it. */
  private static long repair(FileChannel channel) throws IOException {
    long size = channel.size();
    long end = size;
    ByteBuffer block = ByteBuffer.allocate(1);
    while (end > 0) {
      int length = (int) Math.min(block.capacity(), end);
      block.clear().limit(length);
      readFully(channel, block, end - length);
      int at = length - 1;
      while (at >= 0 && block.get(at) != '\n') {
        at--;
      }
      if (at >= 0) {
        end = end - length + at + 1;
        break;
      }
      end -= length;
      if (block.capacity() == 1) {
        // Nearly always the first byte looked at is the line's end, and no block is needed.
        block = ByteBuffer.allocate(REPAIR_BLOCK_BYTES);
      }
    }
    if (end < size) {
      channel.truncate(end);
    }
    return size - end;
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long position)
      throws IOException {
    long at = position;
    while (into.hasRemaining()) {
      int read = channel.read(into, at);
      if (read < 0) {
        throw new IOException("file became shorter while it was read");
      }
      at += read;
    }
  }

  public Path path() {
    return path;
  }

  /** The service's name, with the pid where one was added. */
  public String instance() {
    return instance;
  }

  public long repairedBytes() {
    return repairedBytes;
  }

  public long size() throws IOException {
    return out.size();
  }

  public boolean isOpen() {
    return out.isOpen() && guard.isOpen();
  }

  /** Appends; may write a part only. */
  public int append(ByteBuffer bytes) throws IOException {
    return out.write(bytes);
  }

  public void truncate(long size) throws IOException {
    guard.truncate(size);
  }

  public void force() throws IOException {
    out.force(false);
  }

  public int readStart(ByteBuffer into) throws IOException {
    return guard.read(into, 0);
  }

  /** False when someone moved or deleted the file, so that what we append nobody finds. */
  public boolean isInPlace() {
    try {
      Object now = keyOf(path);
      return now != null && now.equals(key);
    } catch (IOException e) {
      return false;
    }
  }

  /** The path may be claimed anew from now on; the channels stay open until {@link #close}. */
  public void giveUpPath() {
    if (holdsPath) {
      holdsPath = false;
      release(path);
    }
  }

  @Override
  public void close() {
    closeQuietly(out);
    closeQuietly(guard);
    giveUpPath();
  }

  /** Of every file that hdrlog makes: 0640. */
  public static Set<PosixFilePermission> mode() {
    return EnumSet.of(
        PosixFilePermission.OWNER_READ,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.GROUP_READ);
  }

  private static void release(Path path) {
    synchronized (HELD) {
      HELD.remove(path);
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // What was appended is with the kernel already; there is nothing left to do.
      }
    }
  }
}

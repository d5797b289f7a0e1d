package io.hdrlog.core.mask;

import io.hdrlog.core.file.Processes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * A service's key for hashes: {@code DIR/.SERVICE.key}, 32 random bytes that only the owner may
 * read, made at the first start and kept, so that equal values can be matched across restarts.
 */
public final class KeyFile {
  public static final int LENGTH = 32;

  private final byte[] key;
  private final String problem;

  private KeyFile(byte[] key, String problem) {
    this.key = key;
    this.problem = problem;
  }

  /** Reads the key or makes it. Never throws: without a usable file the key lives in memory. */
  public static KeyFile load(Path dir, String service) {
    Path file = dir.resolve("." + service + ".key");
    byte[] made = new byte[LENGTH];
    new SecureRandom().nextBytes(made);
    try {
      if (!Files.exists(file)) {
        create(file, made);
      }
      byte[] key = Files.readAllBytes(file);
      if (key.length == LENGTH) {
        return new KeyFile(key, null);
      }
      return new KeyFile(made, problem(file, "length=" + key.length + " expected=" + LENGTH));
    } catch (IOException | RuntimeException e) {
      return new KeyFile(made, problem(file, String.valueOf(e)));
    }
  }

  public byte[] key() {
    return key.clone();
  }

  /** What to tell the user, or null. */
  public String problem() {
    return problem;
  }

  private static String problem(Path file, String reason) {
    return "key file unusable, hashes change with every start: file=" + file + " " + reason;
  }

  /** Written aside and linked, so that another JVM that starts now never reads half a key. */
  private static void create(Path file, byte[] key) throws IOException {
    Path dir = file.toAbsolutePath().getParent();
    // Before 20, createDirectories refuses a link to a folder (JDK-8294193).
    if (!Files.isDirectory(dir)) {
      Files.createDirectories(dir);
    }
    Path aside = file.resolveSibling(file.getFileName() + "." + Processes.ownPid());
    Files.deleteIfExists(aside);
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (var channel =
        Files.newByteChannel(
            aside, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), owner)) {
      channel.write(ByteBuffer.wrap(key));
    }
    try {
      Files.createLink(file, aside);
    } catch (FileAlreadyExistsException e) {
      // The other JVM was first: its key is the service's.
      return;
    } finally {
      Files.deleteIfExists(aside);
    }
  }
}

package io.hdrlog.core.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Process ids, from /proc: the first use of ProcessHandle sets up a thread pool, which costs more
 * at start-up than opening all of the agent's files.
 */
public final class Processes {
  private Processes() {}

  /** As the pid namespace has it that /proc is mounted for. */
  public static long ownPid() {
    try {
      Path link = Files.readSymbolicLink(Path.of("/proc/self"));
      return Long.parseLong(link.getFileName().toString());
    } catch (IOException | RuntimeException e) {
      return ProcessHandle.current().pid();
    }
  }

  public static boolean isAlive(long pid) {
    return Files.exists(Path.of("/proc/self"))
        ? Files.exists(Path.of("/proc/" + pid))
        : ProcessHandle.of(pid).isPresent();
  }
}

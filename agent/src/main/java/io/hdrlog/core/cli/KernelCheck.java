package io.hdrlog.core.cli;

import io.hdrlog.core.config.Config;
import java.util.List;

/** Opens the kernel stream for once and closes it; {@code doctor} shows what came of it. */
@FunctionalInterface
public interface KernelCheck {
  /** Never throws. */
  Result check(Config config);

  /**
   * What a person should read.
   *
   * @param ok false where the stream cannot be had
   * @param lines a hook a line, or the reason and what would mend it
   */
  record Result(boolean ok, List<String> lines) {}
}

package io.hdrlog.core.run;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.KernelStream;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.util.List;
import java.util.Map;

/** The kernel stream as the options ask for it, and what the log has to say of it. */
final class Kernel {
  /** Opens the stream; {@link KernelStream#open} but in tests. */
  interface Opener {
    KernelSource open(KernelOptions options) throws KernelUnavailableException;
  }

  private final Config config;
  private final String refusal;
  private final AgentLog log;
  private final Opener opener;

  private volatile KernelSource source;
  private long openedNs;
  private int told;
  private int newsTold = -1;

  /**
   * @param refusal why it cannot even be tried in this JVM; null if it can
   */
  Kernel(Config config, String refusal, AgentLog log) {
    this(config, refusal, log, KernelStream::open);
  }

  Kernel(Config config, String refusal, AgentLog log, Opener opener) {
    this.config = config;
    this.refusal = refusal;
    this.log = log;
    this.opener = opener;
  }

  boolean isToBeTried() {
    return config.kernel() != Config.Kernel.OFF && refusal == null;
  }

  /** Opens it, or says in one line why not and returns null. */
  KernelSource open() {
    if (config.kernel() == Config.Kernel.OFF) {
      log.info("kernel stream off: kernel=off");
      return null;
    }
    if (refusal != null) {
      unavailable(refusal);
      return null;
    }
    try {
      long began = System.nanoTime();
      source = opener.open(new KernelOptions(config.kernelProbes(), config.client()));
      log.info("kernel stream on: ms=" + (System.nanoTime() - began) / 1_000_000);
      tellNews();
      return source;
    } catch (KernelUnavailableException e) {
      unavailable(e.getMessage());
    } catch (RuntimeException | LinkageError e) {
      unavailable("the agent's own fault: " + e);
    }
    return null;
  }

  /** Logs the hooks that were attached or refused since; libraries are loaded at any time. */
  void tellNews() {
    // Asked ten times a second: the lines are made only when there are more of them.
    if (source == null || source.news() == newsTold) {
      return;
    }
    newsTold = source.news();
    List<String> lines = source.describe();
    for (; told < lines.size(); told++) {
      log.info("probe " + lines.get(told));
    }
  }

  private void unavailable(String reason) {
    String line = "kernel stream unavailable, the jvm stream goes on without it: " + reason;
    if (config.kernel() == Config.Kernel.ON) {
      log.error(line);
    } else {
      log.warn(line);
    }
  }

  /** Since when all hooks are in place; only meaningful once it is open. */
  long openedNs() {
    return openedNs;
  }

  /** What was lost inside the kernel, by reason. */
  Map<String, Long> losses() {
    KernelSource opened = source;
    return opened == null ? Map.of() : opened.losses();
  }
}

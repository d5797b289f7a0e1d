package io.hdrlog.core;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.Options;
import io.hdrlog.core.file.Processes;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.FileAgentLog;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The first lines of the agent's log: what runs where, and what of the options was not understood.
 */
final class Startup {
  private static final int VERSION_BYTES_MAX = 64;

  private Startup() {}

  /** The build's version, from a resource: the manifest is not read to load a class. */
  private static String version() {
    try (InputStream in = Startup.class.getResourceAsStream("version")) {
      return in == null
          ? "unknown"
          : new String(in.readNBytes(VERSION_BYTES_MAX), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      return "unknown";
    }
  }

  static void announce(AgentLog log, Config config, List<String> problems, boolean attached) {
    log.info(
        FileAgentLog.STARTED
            + " version="
            + version()
            + " service="
            + config.service()
            + " pid="
            + Processes.ownPid()
            + " java="
            + Runtime.version()
            + " kernel="
            + System.getProperty("os.version")
            + " attached="
            + attached);
    if (config.client()) {
      log.warn("client=true has no effect yet: requests that the service sends are not logged");
    }
    if (config.ringBytes() < config.bufferBytes()) {
      String cut =
          "buffer is cut to a sixteenth of the heap: bytes="
              + config.ringBytes()
              + " of="
              + config.bufferBytes()
              + " fix=-Xmx";
      if (config.source(Options.BUFFER).equals("default")) {
        log.info(cut);
      } else {
        log.warn(cut);
      }
    }
    for (String problem : problems) {
      log.warn(problem);
      // A person who starts a service looks at its output before any log.
      System.err.println("hdrlog: " + problem);
    }
  }
}

package io.hdrlog.core;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.health.AgentLog;
import io.hdrlog.core.health.FileAgentLog;
import java.util.List;

/**
 * The first lines of the agent's log: what runs where, and what of the options was not understood.
 */
final class Startup {
  private Startup() {}

  static void announce(AgentLog log, Config config, List<String> problems, boolean attached) {
    String version = Hdrlog.class.getPackage().getImplementationVersion();
    log.info(
        FileAgentLog.STARTED
            + " version="
            + (version == null ? "unknown" : version)
            + " service="
            + config.service()
            + " pid="
            + ProcessHandle.current().pid()
            + " java="
            + Runtime.version()
            + " kernel="
            + System.getProperty("os.version")
            + " attached="
            + attached);
    for (String problem : problems) {
      log.warn(problem);
      // A person who starts a service looks at its output before any log.
      System.err.println("hdrlog: " + problem);
    }
  }
}

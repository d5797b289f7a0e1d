package io.hdrlog.core.health;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps its lines for a test to read. */
public final class MemoryAgentLog implements AgentLog {
  public final List<String> lines = new CopyOnWriteArrayList<>();

  @Override
  public void info(String line) {
    lines.add("info " + line);
  }

  @Override
  public void warn(String line) {
    lines.add("warn " + line);
  }

  @Override
  public void error(String line) {
    lines.add("error " + line);
  }
}

package io.hdrlog.core.health;

/** The agent's own log: one line an event, {@code name=value}, lower case. Never throws. */
public interface AgentLog {
  void info(String line);

  void warn(String line);

  void error(String line);
}

package io.hdrlog.core.ring;

/** What happened to a connection. */
public enum WireEvent {
  RECEIVED,
  SENT,
  CLOSED
}

package io.hdrlog.core.wire;

/** How a connection ended, as far as the socket's owner could tell. */
public enum Closing {
  /** The peer closed in order: the end of its stream was read. */
  END,
  RESET_BY_PEER,
  CLOSED_BY_US,
  UNKNOWN
}

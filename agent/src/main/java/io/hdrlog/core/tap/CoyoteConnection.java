package io.hdrlog.core.tap;

/** One connection of Tomcat's connector, which many processors serve in turn. */
final class CoyoteConnection {
  final Ends ends = new Ends();

  /** False until the ends were read. */
  boolean known;

  /** Of the processor that serves it now; null between two of them. */
  CoyoteState state;

  /** Given up by the connector: what is left in its buffer is no request any more. */
  boolean closing;

  /** Whether the counts below began with the connection's first byte. */
  final boolean fromStart;

  /** Bytes received, as plaintext, and handed to the parser. */
  long received;

  /** Bytes sent, as plaintext. */
  long sent;

  long requests;

  /** When bytes came last. */
  long filledNs;

  CoyoteConnection(boolean fromStart) {
    this.fromStart = fromStart;
  }

  /** Whether the counts are positions on the wire. */
  boolean counted() {
    return fromStart && !ends.isSecure();
  }
}

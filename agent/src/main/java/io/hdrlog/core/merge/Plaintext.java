package io.hdrlog.core.merge;

/** Whoever reads the plaintext of one connection. */
public interface Plaintext {
  /**
   * The kernel has closed the connection, and nobody in the JVM did: what is open on it ends.
   *
   * @param byUs this side reset it; else the peer did, or was heard of no more
   * @param ns when that became known
   */
  void gone(boolean byUs, long ns);
}

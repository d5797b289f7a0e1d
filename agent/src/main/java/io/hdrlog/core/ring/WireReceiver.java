package io.hdrlog.core.ring;

import io.hdrlog.core.tap.WireChannel;

/** Takes what went over connections out of the ring, on the consumer's thread. Never throws. */
public interface WireReceiver {
  /**
   * Plaintext in one direction; the bytes are valid only inside the call.
   *
   * @param position of the first byte in that direction's plaintext; a jump means that bytes went
   *     by unseen
   * @param length may be 0: then only the positions and the time are new
   * @param wireStart where in the socket's stream that begins which carried these bytes
   * @param wireEnd where it ends
   */
  void moved(
      WireChannel channel,
      boolean sent,
      long position,
      byte[] bytes,
      int length,
      long wireStart,
      long wireEnd,
      long ns);

  /** The connection was closed. */
  void closed(WireChannel channel, long ns);
}

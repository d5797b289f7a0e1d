package io.hdrlog.core.ring;

import io.hdrlog.core.tap.WireChannel;

/**
 * A preallocated place in the wire's ring: what one read or write moved, and the first of its
 * bytes. More bytes go on in the chunks of the slots that follow, claimed together with the first.
 */
final class WireSlot {
  static final int CHUNK_BYTES = 1984;

  /** What a slot costs in memory, headers of objects included. */
  static final int SLOT_BYTES = 2048;

  final byte[] chunk = new byte[CHUNK_BYTES];

  /** Null once it was read: an idle ring must not keep connections alive. */
  WireChannel channel;

  WireEvent event;

  /** Position of the first byte in the plaintext of its direction. */
  long position;

  int length;
  long wireStart;
  long wireEnd;
  long ns;

  /** How many slots this occupies; 0 in one that only carries on another's bytes. */
  int slots;
}

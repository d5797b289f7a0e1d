package io.hdrlog.core.ring;

import io.hdrlog.core.exchange.Exchange;

/**
 * A preallocated place in the ring: the facts of an exchange and the first bytes of its heads.
 * Longer heads go on in the chunks of the slots that follow, claimed together with the first.
 */
final class Slot {
  /** Takes the heads of nearly all requests (16 request and 8 response headers: about 900). */
  static final int CHUNK_BYTES = 1536;

  /** What a slot costs in memory, chunk and facts, headers of objects included. */
  static final int SLOT_BYTES = 2048;

  /** Heads are in the chunks, so the facts need no arrays of their own. */
  final Exchange facts = new Exchange(0, 0);

  final byte[] chunk = new byte[CHUNK_BYTES];

  /** How many slots this exchange occupies; 0 in a slot that only carries on another's bytes. */
  int slots;
}

package io.hdrlog.core.ring;

import io.hdrlog.core.exchange.Exchange;

/**
 * What goes through the ring: the facts of an exchange and the first bytes of its heads. Longer
 * heads go on in the chunks of the parcels that follow, claimed together with the first.
 */
final class Parcel {
  /** Takes the heads of nearly all requests (16 request and 8 response headers: about 900). */
  static final int CHUNK_BYTES = 1536;

  /** What a parcel costs in memory, chunk and facts, headers of objects included. */
  static final int PARCEL_BYTES = 2048;

  /** Heads are in the chunks, so the facts need no arrays of their own. */
  final Exchange facts = new Exchange(0, 0);

  final byte[] chunk = new byte[CHUNK_BYTES];

  /** How many parcels this exchange takes; 0 where it is none, or carries on another's bytes. */
  int parcels;
}

package io.hdrlog.core.ring;

/** A place in the ring, which says whose turn it is. */
final class Slot {
  /** The parcel's number, or {@link FreeParcels#NONE}. */
  int parcel = FreeParcels.NONE;
}

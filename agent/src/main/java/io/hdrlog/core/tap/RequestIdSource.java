package io.hdrlog.core.tap;

/** Takes the request id from a head, or makes one that depends on nothing but the arguments. */
public interface RequestIdSource {
  /** The id of the request whose header block is the first {@code length} bytes. */
  String idOf(byte[] head, int length, long seenNs, long random);
}

package io.hdrlog.core.tap;

import java.nio.ByteBuffer;

/**
 * The first message of a TLS connection, RFC 8446 section 4.1.2. Its random value is the same in
 * the socket's bytes and in what the engine is given, and in no other connection: by it an engine,
 * which knows no socket, is matched to one.
 */
final class ClientHello {
  private static final int RANDOM_AT = 5 + 4 + 2;

  /** Record header, handshake header, version, and the part of the random that is looked at. */
  static final int BYTES_MIN = RANDOM_AT + Long.BYTES;

  /** The first byte of every TLS connection. */
  static final byte HANDSHAKE = 22;

  private static final byte CLIENT_HELLO = 1;

  private ClientHello() {}

  /** The key in a record that begins at the index; 0 if that is no ClientHello. */
  static long random(ByteBuffer buffer, int index, int length) {
    if (length < BYTES_MIN
        || buffer.get(index) != HANDSHAKE
        || buffer.get(index + 1) != 3
        || buffer.get(index + 5) != CLIENT_HELLO) {
      return 0;
    }
    long random = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      random = (random << 8) | (buffer.get(index + RANDOM_AT + i) & 0xff);
    }
    return random;
  }
}

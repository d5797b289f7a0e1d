package io.hdrlog.core.mask;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * HMAC-SHA256 (RFC 2104). javax.crypto.Mac allocates two arrays a call; this allocates nothing. Not
 * safe for use by several threads.
 */
public final class Hmac {
  public static final int LENGTH = 32;
  private static final int BLOCK = 64;
  private static final String HEX = "0123456789abcdef";

  private final MessageDigest sha256;
  private final byte[] inner = new byte[BLOCK];
  private final byte[] outer = new byte[BLOCK];
  private final byte[] digest = new byte[LENGTH];

  public Hmac(byte[] key) {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
    byte[] block = key.length > BLOCK ? sha256.digest(key) : key;
    for (int i = 0; i < BLOCK; i++) {
      byte k = i < block.length ? block[i] : 0;
      inner[i] = (byte) (k ^ 0x36);
      outer[i] = (byte) (k ^ 0x5c);
    }
  }

  /**
   * Writes the first {@code digits} hex digits of the HMAC of {@code purpose} and the bytes. The
   * purpose keeps one value's HMACs apart where they mean different things.
   */
  public int hex(byte purpose, byte[] b, int from, int to, int digits, byte[] into, int offset) {
    try {
      sha256.reset();
      sha256.update(inner);
      sha256.update(purpose);
      sha256.update(b, from, to - from);
      sha256.digest(digest, 0, LENGTH);
      sha256.update(outer);
      sha256.update(digest);
      sha256.digest(digest, 0, LENGTH);
    } catch (DigestException e) {
      throw new IllegalStateException("a SHA-256 is 32 bytes", e);
    }
    for (int i = 0; i < digits; i++) {
      into[offset + i] = (byte) HEX.charAt(digest[i >> 1] >>> ((i & 1) == 0 ? 4 : 0) & 15);
    }
    return offset + digits;
  }
}

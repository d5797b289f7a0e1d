package io.hdrlog.core.wire;

import com.twitter.hpack.Decoder;
import io.hdrlog.core.exchange.Exchange;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;

/**
 * The header blocks of one direction (RFC 7541). Every block must pass through here, wanted or not:
 * each may change the table that the next one is read with. Once one was missed or could not be
 * read, none that follows can be trusted.
 */
final class HeaderBlockDecoder {
  /** The size that both ends start with (RFC 9113, 6.5.2). */
  private static final int TABLE_BYTES = 4096;

  /** However large a table an endpoint allows, no more is followed. */
  private static final int TABLE_BYTES_MAX = 256 * 1024;

  /** A longer block, compressed, than any server reads. */
  private static final int BLOCK_BYTES_MAX = 256 * 1024;

  private static final int BUFFER_BYTES = 512;
  private static final int BUFFER_KEPT_BYTES = 16 * 1024;

  private final Decoder decoder = new Decoder(Exchange.HEAD_BYTES_MAX, TABLE_BYTES);
  private byte[] block = new byte[BUFFER_BYTES];
  private int length;
  private boolean lost;

  boolean isLost() {
    return lost;
  }

  /** Nothing that follows can be read. */
  void lose() {
    lost = true;
    begin();
    block = new byte[0];
  }

  /**
   * The other end allows tables of this size. A smaller one than before needs no action: the
   * encoder must say in a block that it shrinks (RFC 7541, 4.2), and when it does is not known
   * here.
   */
  void allow(long tableBytes) {
    int bytes = (int) Math.min(tableBytes, TABLE_BYTES_MAX);
    if (bytes > decoder.getMaxHeaderTableSize()) {
      decoder.setMaxHeaderTableSize(bytes);
    }
  }

  void begin() {
    length = 0;
    if (block.length > BUFFER_KEPT_BYTES) {
      block = new byte[BUFFER_BYTES];
    }
  }

  void append(byte[] bytes, int from, int to) {
    int more = to - from;
    if (lost) {
      return;
    }
    if (length + more > BLOCK_BYTES_MAX) {
      lose();
      return;
    }
    if (length + more > block.length) {
      block = Arrays.copyOf(block, Math.max(length + more, block.length * 2));
    }
    System.arraycopy(bytes, from, block, length, more);
    length += more;
  }

  /** Reads the block into the lines; false if it could not be read. */
  boolean decode(FieldLines lines) {
    if (lost) {
      return false;
    }
    lines.begin();
    ByteArrayInputStream in = new ByteArrayInputStream(block, 0, length);
    try {
      decoder.decode(in, lines);
      lines.end(decoder.endHeaderBlock());
    } catch (IOException | RuntimeException | AssertionError e) {
      // The last is what the decoder throws, assertions enabled or not, at a name whose Huffman
      // code is nothing but padding.
      lose();
      return false;
    }
    if (in.available() > 0) {
      // The block ends in the middle of a field.
      lose();
      return false;
    }
    begin();
    return true;
  }
}

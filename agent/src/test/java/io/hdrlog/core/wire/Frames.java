package io.hdrlog.core.wire;

import com.twitter.hpack.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** One end of HTTP/2: writes frames, and header blocks with a table of its own. */
final class Frames {
  static final byte[] PREFACE = Talk.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITY = 0x20;

  private final Encoder encoder = new Encoder(4096);

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) (payload.length >>> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  static byte[] settings(int... idsAndValues) {
    ByteBuffer b = ByteBuffer.allocate(idsAndValues.length * 3);
    for (int i = 0; i < idsAndValues.length; i += 2) {
      b.putShort((short) idsAndValues[i]).putInt(idsAndValues[i + 1]);
    }
    return frame(4, 0, 0, b.array());
  }

  static byte[] settingsAck() {
    return frame(4, 1, 0, new byte[0]);
  }

  static byte[] data(int stream, boolean end, int length) {
    return frame(0, end ? END_STREAM : 0, stream, new byte[length]);
  }

  static byte[] reset(int stream, int error) {
    return frame(3, 0, stream, ByteBuffer.allocate(4).putInt(error).array());
  }

  static byte[] goAway(int last, int error) {
    return frame(7, 0, 0, ByteBuffer.allocate(8).putInt(last).putInt(error).array());
  }

  /** The encoder may use a table of this size from now on, and says so in its next block. */
  byte[] tableSize(int size) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      encoder.setMaxHeaderTableSize(out, size);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] block(String... namesAndValues) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      for (int i = 0; i < namesAndValues.length; i += 2) {
        encoder.encodeHeader(
            out, Talk.bytes(namesAndValues[i]), Talk.bytes(namesAndValues[i + 1]), false);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] headers(int stream, boolean end, String... namesAndValues) {
    int flags = END_HEADERS | (end ? END_STREAM : 0);
    return frame(1, flags, stream, block(namesAndValues));
  }

  byte[] get(int stream, String path, String... more) {
    return headers(stream, true, request("GET", path, more));
  }

  byte[] post(int stream, String path, String... more) {
    return headers(stream, false, request("POST", path, more));
  }

  private static String[] request(String method, String path, String... more) {
    String[] all = {
      ":method", method, ":scheme", "https", ":path", path, ":authority", "example.org"
    };
    String[] joined = Arrays.copyOf(all, all.length + more.length);
    System.arraycopy(more, 0, joined, all.length, more.length);
    return joined;
  }

  /** HEADERS with padding and priority, and the rest of the block in CONTINUATIONs. */
  byte[] scattered(int stream, boolean end, int padding, String... namesAndValues) {
    byte[] block = block(namesAndValues);
    int first = block.length / 3;
    ByteBuffer payload = ByteBuffer.allocate(6 + first + padding);
    payload.put((byte) padding).putInt(0).put((byte) 16).put(block, 0, first);
    byte[] last = Arrays.copyOfRange(block, first + 1, block.length);
    return Talk.join(
        frame(1, PADDED | PRIORITY | (end ? END_STREAM : 0), stream, payload.array()),
        frame(9, 0, stream, Arrays.copyOfRange(block, first, first + 1)),
        frame(9, END_HEADERS, stream, last));
  }
}

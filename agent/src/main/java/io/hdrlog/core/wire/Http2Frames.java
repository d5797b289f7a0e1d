package io.hdrlog.core.wire;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.http.Ascii;

/**
 * One direction of HTTP/2, cut into frames (RFC 9113, 4 and 6). What a frame carries goes where it
 * is needed piece by piece; DATA, padding and what is not needed is passed over.
 *
 * <pre>
 *   length (24) | type (8) | flags (8) | R, stream (32) | payload
 *   payload of HEADERS: [pad length (8)] [priority (40)] fragment [padding]
 * </pre>
 */
final class Http2Frames {
  private static final byte[] PREFACE = Ascii.bytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

  /** What {@link Http1Requests} has read of it as if it were a request. */
  private static final int PREFACE_HEAD_LENGTH = 18;

  private static final int HEADER_LENGTH = 9;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PUSH_PROMISE = 5;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;

  private static final int END_STREAM = 0x1;
  private static final int ACK = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int PADDED = 0x8;
  private static final int PRIORITY = 0x20;

  private static final int SETTINGS_HEADER_TABLE_SIZE = 1;
  private static final int SETTING_LENGTH = 6;

  private final Http2Connection connection;
  private final boolean receives;
  private final HeaderBlockDecoder decoder = new HeaderBlockDecoder();
  private int prefaceRead;

  private final byte[] header = new byte[HEADER_LENGTH];
  private int headerLength;
  private int type;
  private int flags;
  private int stream;

  /**
   * Bytes of the payload that are still to come, in this order: fields in front, content, padding.
   */
  private int fieldsLeft;

  private int contentLeft;
  private int paddingLeft;

  /** The last fields or content bytes of a frame that is read itself. */
  private final byte[] small = new byte[8];

  private int smallLength;

  private long frameStart;
  private long frameNs;
  private long end;

  // The header block that is being gathered, over one frame or more.
  private boolean inBlock;
  private boolean blockPromised;
  private int blockStream;
  private boolean blockEndsStream;
  private long blockStart;
  private long blockNs;
  private long blockBytes;

  Http2Frames(Http2Connection connection, boolean receives) {
    this.connection = connection;
    this.receives = receives;
    prefaceRead = receives ? 0 : PREFACE.length;
  }

  /** The first half of the preface is read. */
  void prefaced() {
    prefaceRead = PREFACE_HEAD_LENGTH;
  }

  HeaderBlockDecoder decoder() {
    return decoder;
  }

  /** Where what is not finished begins: a frame, a header block, or the next byte. */
  long floor() {
    if (inBlock) {
      return blockStart;
    }
    return headerLength > 0 ? frameStart : end;
  }

  /** Of the header block that was gathered. */
  long blockStart() {
    return blockStart;
  }

  long blockNs() {
    return blockNs;
  }

  /** With the headers of its frames. */
  long blockBytes() {
    return blockBytes;
  }

  void read(Chunk c) {
    while (!c.isEmpty() && !connection.isDead()) {
      if (prefaceRead < PREFACE.length) {
        preface(c);
      } else if (headerLength < HEADER_LENGTH) {
        header(c);
      } else {
        payload(c);
      }
    }
  }

  private void preface(Chunk c) {
    if (c.bytes[c.at] != PREFACE[prefaceRead]) {
      connection.lost();
      return;
    }
    prefaceRead++;
    c.at++;
  }

  private void header(Chunk c) {
    if (headerLength == 0) {
      frameStart = c.before(c.at);
      frameNs = c.ns;
    }
    header[headerLength++] = c.bytes[c.at++];
    if (headerLength == HEADER_LENGTH) {
      type = header[3] & 0xff;
      flags = header[4] & 0xff;
      stream = number(header, 5) & 0x7fff_ffff;
      begin(number(header, 0) >>> 8);
      if (fieldsLeft + contentLeft + paddingLeft == 0) {
        frameEnd(c.after(c.at), c.ns);
      }
    }
  }

  private void begin(int length) {
    boolean padded = (flags & PADDED) != 0 && mayBePadded();
    int fields = padded ? 1 : 0;
    if (type == HEADERS && (flags & PRIORITY) != 0) {
      fields += 5;
    } else if (type == PUSH_PROMISE) {
      fields += 4;
    }
    fieldsLeft = Math.min(fields, length);
    contentLeft = length - fieldsLeft;
    paddingLeft = 0;
    smallLength = 0;
    if (inBlock != (type == CONTINUATION) || (inBlock && stream != blockStream)) {
      // RFC 9113, 6.10: nothing may come between the frames of a block.
      if (inBlock || type == CONTINUATION) {
        decoder.lose();
        inBlock = false;
        connection.decoderLost(receives);
      }
    }
    if (type == HEADERS || type == PUSH_PROMISE) {
      inBlock = true;
      blockPromised = type == PUSH_PROMISE;
      blockStream = stream;
      blockEndsStream = type == HEADERS && (flags & END_STREAM) != 0;
      blockStart = frameStart;
      blockNs = frameNs;
      blockBytes = 0;
      decoder.begin();
    }
    if (isBlock()) {
      blockBytes += HEADER_LENGTH + length;
    }
  }

  private boolean mayBePadded() {
    return type == DATA || type == HEADERS || type == PUSH_PROMISE;
  }

  private boolean isBlock() {
    return type == HEADERS || type == PUSH_PROMISE || type == CONTINUATION;
  }

  private void payload(Chunk c) {
    int available = c.limit - c.at;
    if (fieldsLeft > 0) {
      small[smallLength++] = c.bytes[c.at++];
      if (--fieldsLeft == 0) {
        fieldsEnd();
      }
    } else if (contentLeft > 0) {
      int n = Math.min(contentLeft, available);
      content(c, c.at, c.at + n);
      contentLeft -= n;
      c.at += n;
    } else {
      int n = Math.min(paddingLeft, available);
      paddingLeft -= n;
      c.at += n;
    }
    if (fieldsLeft + contentLeft + paddingLeft == 0) {
      frameEnd(c.after(c.at), c.ns);
    }
  }

  private void fieldsEnd() {
    if ((flags & PADDED) == 0) {
      return;
    }
    int padding = small[0] & 0xff;
    if (padding > contentLeft) {
      // RFC 9113, 6.1: an error of the connection. All of it is padding then.
      padding = contentLeft;
      if (isBlock()) {
        decoder.lose();
        connection.decoderLost(receives);
      }
    }
    contentLeft -= padding;
    paddingLeft = padding;
  }

  private void content(Chunk c, int from, int to) {
    switch (type) {
      case HEADERS, PUSH_PROMISE, CONTINUATION -> decoder.append(c.bytes, from, to);
      case SETTINGS -> settings(c.bytes, from, to);
      case RST_STREAM, GOAWAY -> {
        for (int i = from; i < to && smallLength < small.length; i++) {
          small[smallLength++] = c.bytes[i];
        }
      }
      case DATA -> connection.data(receives, stream, to - from);
      default -> {
        // PRIORITY, PING, WINDOW_UPDATE and what later standards add say nothing of requests.
      }
    }
  }

  private void settings(byte[] b, int from, int to) {
    if (stream != 0 || (flags & ACK) != 0) {
      return;
    }
    for (int i = from; i < to; i++) {
      small[smallLength++] = b[i];
      if (smallLength == SETTING_LENGTH) {
        smallLength = 0;
        if (number(small, 0) >>> 16 == SETTINGS_HEADER_TABLE_SIZE) {
          // What one end allows is for the encoder of the other.
          connection.other(this).decoder.allow(number(small, 2) & 0xffff_ffffL);
        }
      }
    }
  }

  private void frameEnd(long position, long ns) {
    end = position;
    headerLength = 0;
    if (type == DATA) {
      connection.dataEnd(receives, stream, frameLength(), (flags & END_STREAM) != 0, end, ns);
    } else if (isBlock()) {
      if (inBlock && (flags & END_HEADERS) != 0) {
        inBlock = false;
        blockEnd(ns);
      }
    } else if (type == RST_STREAM && smallLength >= 4) {
      connection.reset(receives, stream, number(small, 0), ns);
    } else if (type == GOAWAY && smallLength >= 8) {
      connection.goAway(receives, number(small, 0) & 0x7fff_ffff, number(small, 4), ns);
    }
  }

  private void blockEnd(long ns) {
    if (!decoder.isLost() && !decoder.decode(connection.lines())) {
      connection.decoderLost(receives);
    }
    if (!blockPromised) {
      // A promised request was not received; its block was read for the table's sake.
      connection.headers(this, blockStream, blockEndsStream, end, ns);
    }
  }

  boolean receives() {
    return receives;
  }

  private long frameLength() {
    return (long) HEADER_LENGTH + (number(header, 0) >>> 8);
  }

  private static int number(byte[] b, int at) {
    return b[at] << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | (b[at + 3] & 0xff);
  }

  /** How many of the next bytes need not be seen. */
  long skippable() {
    if (headerLength < HEADER_LENGTH || fieldsLeft > 0) {
      return 0;
    }
    boolean needed = isBlock() || type == SETTINGS || type == RST_STREAM || type == GOAWAY;
    if (needed) {
      return contentLeft > 0 ? 0 : paddingLeft;
    }
    return (long) contentLeft + paddingLeft;
  }

  /** False if the bytes that went by unseen were more than can be told. */
  boolean gap(long length, long wireEnd, long ns) {
    if (length > skippable()) {
      return false;
    }
    int content = (int) Math.min(length, contentLeft);
    if (type == DATA) {
      connection.data(receives, stream, content);
    }
    contentLeft -= content;
    paddingLeft -= (int) (length - content);
    if (contentLeft + paddingLeft == 0) {
      frameEnd(wireEnd < 0 ? Exchange.UNKNOWN : wireEnd, ns);
    }
    return true;
  }
}

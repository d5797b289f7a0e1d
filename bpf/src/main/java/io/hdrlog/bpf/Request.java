package io.hdrlog.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The struct that one call takes ({@code library.h}): fields of eight bytes, numbered from 0, and
 * behind them what they point to.
 *
 * <p>Written through a ByteBuffer: each kind of access to a MemorySegment would cost the start some
 * method handles of its own.
 */
final class Request {
  private static final int FIELD_BYTES = 8;

  private final ByteBuffer memory;
  private final long address;
  private int end;

  Request(Arena arena, int fields, int bytes) {
    MemorySegment segment = arena.allocate((long) fields * FIELD_BYTES + bytes, FIELD_BYTES);
    this.memory = segment.asByteBuffer().order(ByteOrder.nativeOrder());
    this.address = segment.address();
    this.end = fields * FIELD_BYTES;
  }

  long address() {
    return address;
  }

  Request number(int field, long value) {
    memory.putLong(field * FIELD_BYTES, value);
    return this;
  }

  long number(int field) {
    return memory.getLong(field * FIELD_BYTES);
  }

  /** The field points to a copy of the bytes. */
  Request bytes(int field, byte[] bytes) {
    memory.put(room(field, bytes.length), bytes);
    return this;
  }

  /** The field points to a C string. */
  Request text(int field, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    // What was allocated is zero, so the string ends where it should.
    memory.put(room(field, bytes.length + 1), bytes);
    return this;
  }

  Request numbers(int field, long[] values) {
    int at = room(field, values.length * FIELD_BYTES);
    for (int i = 0; i < values.length; i++) {
      memory.putLong(at + i * FIELD_BYTES, values[i]);
    }
    return this;
  }

  /** Lets the field point to room for an answer; returns where {@link #numberAt} finds it. */
  int room(int field, int bytes) {
    int at = end;
    end += (bytes + FIELD_BYTES - 1) / FIELD_BYTES * FIELD_BYTES;
    number(field, address + at);
    return at;
  }

  long numberAt(int place, int index) {
    return memory.getLong(place + index * FIELD_BYTES);
  }

  /** The bytes that a text of this length takes. */
  static int room(String text) {
    return 3 * text.length() + 2 * FIELD_BYTES;
  }
}

package io.hdrlog.bpf;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The structs in an object's {@code .BTF} section (Documentation/bpf/btf.rst). */
final class BtfTypes {
  private static final int MAGIC = 0xeb9f;
  private static final int KIND_INT = 1;
  private static final int KIND_PTR = 2;
  private static final int KIND_ARRAY = 3;
  private static final int KIND_STRUCT = 4;
  private static final int KIND_UNION = 5;
  private static final int KIND_ENUM = 6;
  private static final int KIND_TYPEDEF = 8;
  private static final int KIND_VOLATILE = 9;
  private static final int KIND_CONST = 10;
  private static final int KIND_FUNC_PROTO = 13;
  private static final int KIND_VAR = 14;
  private static final int KIND_DATASEC = 15;
  private static final int KIND_DECL_TAG = 17;
  private static final int KIND_ENUM64 = 19;

  private final ByteBuffer btf;
  private final int strings;
  private final List<Integer> types = new ArrayList<>();

  /**
   * @param length of the array, 0 if it is none
   */
  record Field(String name, int offset, int bytes, int length) {}

  record Struct(String name, int bytes, List<Field> fields) {}

  BtfTypes(ByteBuffer btf) {
    this.btf = btf;
    if (Short.toUnsignedInt(btf.getShort(0)) != MAGIC) {
      throw new IllegalArgumentException("no BTF");
    }
    int header = btf.getInt(4);
    int start = header + btf.getInt(8);
    int end = start + btf.getInt(12);
    strings = header + btf.getInt(16);
    types.add(0); // void
    int at = start;
    while (at < end) {
      types.add(at);
      at += 12 + tail(at);
    }
  }

  Struct struct(String name) {
    for (int at : types.subList(1, types.size())) {
      if (kind(at) == KIND_STRUCT && string(btf.getInt(at)).equals(name)) {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < vlen(at); i++) {
          int member = at + 12 + 12 * i;
          int type = btf.getInt(member + 4);
          fields.add(
              new Field(
                  string(btf.getInt(member)),
                  (btf.getInt(member + 8) & 0xffffff) / 8,
                  size(type),
                  length(type)));
        }
        return new Struct(name, btf.getInt(at + 8), fields);
      }
    }
    throw new IllegalArgumentException("no struct in the object's BTF, name=" + name);
  }

  private int tail(int at) {
    return switch (kind(at)) {
      case KIND_INT, KIND_VAR, KIND_DECL_TAG -> 4;
      case KIND_ARRAY -> 12;
      case KIND_STRUCT, KIND_UNION, KIND_DATASEC, KIND_ENUM64 -> 12 * vlen(at);
      case KIND_ENUM, KIND_FUNC_PROTO -> 8 * vlen(at);
      default -> 0;
    };
  }

  private int kind(int at) {
    return btf.getInt(at + 4) >>> 24 & 0x1f;
  }

  private int vlen(int at) {
    return btf.getInt(at + 4) & 0xffff;
  }

  private int size(int type) {
    int at = types.get(type);
    return switch (kind(at)) {
      case KIND_PTR -> 8;
      case KIND_ARRAY -> size(btf.getInt(at + 12)) * btf.getInt(at + 20);
      case KIND_TYPEDEF, KIND_VOLATILE, KIND_CONST -> size(btf.getInt(at + 8));
      default -> btf.getInt(at + 8);
    };
  }

  private int length(int type) {
    int at = types.get(type);
    return switch (kind(at)) {
      case KIND_ARRAY -> btf.getInt(at + 20);
      case KIND_TYPEDEF, KIND_VOLATILE, KIND_CONST -> length(btf.getInt(at + 8));
      default -> 0;
    };
  }

  private String string(int offset) {
    int end = strings + offset;
    while (btf.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - strings - offset];
    btf.get(strings + offset, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}

package io.hdrlog.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** As much of a 64-bit little-endian ELF file as finding a section by its name needs. */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_64_LITTLE = 0x0102;
  private static final int SECTION_BYTES = 64;

  private final ByteBuffer bytes;
  private final List<Section> sections = new ArrayList<>();

  private record Section(String name, int offset, int size, int nameAt) {}

  private ElfFile(ByteBuffer bytes) throws IOException {
    this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    try {
      if (bytes.getInt(0) != MAGIC || bytes.getShort(4) != CLASS_64_LITTLE) {
        throw new IOException("not a 64-bit little-endian ELF file");
      }
      readSections();
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      throw new IOException("malformed ELF file", e);
    }
  }

  static ElfFile of(byte[] content) throws IOException {
    return new ElfFile(ByteBuffer.wrap(content));
  }

  /** The content of the section of that name, or null. */
  ByteBuffer section(String name) {
    for (Section section : sections) {
      if (section.name.equals(name)) {
        return bytes.slice(section.offset, section.size).order(ByteOrder.LITTLE_ENDIAN);
      }
    }
    return null;
  }

  private void readSections() {
    int table = Math.toIntExact(bytes.getLong(40));
    int count = Short.toUnsignedInt(bytes.getShort(60));
    int names = Short.toUnsignedInt(bytes.getShort(62));
    for (int i = 0; i < count; i++) {
      int at = table + i * SECTION_BYTES;
      sections.add(
          new Section(
              "",
              Math.toIntExact(bytes.getLong(at + 24)),
              Math.toIntExact(bytes.getLong(at + 32)),
              bytes.getInt(at)));
    }
    for (int i = 0; i < count; i++) {
      Section s = sections.get(i);
      String name = string(sections.get(names).offset + s.nameAt);
      sections.set(i, new Section(name, s.offset, s.size, s.nameAt));
    }
  }

  private String string(int at) {
    int end = at;
    while (bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    bytes.get(at, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}

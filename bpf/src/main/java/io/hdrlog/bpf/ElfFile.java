package io.hdrlog.bpf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * As much of a 64-bit little-endian ELF file as choosing places for uprobes needs: functions by
 * name, USDT probes, where an address lies in the file. A file that is cut or twisted gives an
 * IOException.
 */
final class ElfFile {
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_64_LITTLE = 0x0102;
  private static final int PT_LOAD = 1;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_NOTE = 7;
  private static final int SHT_DYNSYM = 11;
  private static final int STT_FUNC = 2;
  private static final int NT_STAPSDT = 3;
  private static final int ENDBR64 = 0xfa1e0ff3;
  private static final int SECTION_BYTES = 64;
  private static final int SEGMENT_BYTES = 56;
  private static final int SYMBOL_BYTES = 24;

  private final ByteBuffer bytes;
  private final List<Section> sections = new ArrayList<>();

  private record Section(
      String name, int type, long address, int offset, int size, int link, int nameAt) {}

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

  static ElfFile read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new ElfFile(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
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

  /** File offsets of the functions with these names, as far as there are any. */
  Map<String, Long> functions(Set<String> names) throws IOException {
    Map<String, Long> found = new HashMap<>();
    try {
      for (Section section : sections) {
        if (section.type == SHT_SYMTAB || section.type == SHT_DYNSYM) {
          readFunctions(section, sections.get(section.link), names, found);
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("malformed ELF symbols", e);
    }
    return found;
  }

  private void readFunctions(
      Section symbols, Section strings, Set<String> names, Map<String, Long> found) {
    for (int at = symbols.offset; at < symbols.offset + symbols.size; at += SYMBOL_BYTES) {
      long address = bytes.getLong(at + 8);
      if ((bytes.get(at + 4) & 0xf) != STT_FUNC || address == 0) {
        continue;
      }
      String name = string(strings.offset + bytes.getInt(at));
      long offset = names.contains(name) ? fileOffset(address) : -1;
      if (offset >= 0) {
        found.put(name, afterLandingPad(offset));
      }
    }
  }

  /** A probe may stand behind an endbr64, which is dear to step over, as well as on it. */
  private long afterLandingPad(long offset) {
    return bytes.getInt(Math.toIntExact(offset)) == ENDBR64 ? offset + 4 : offset;
  }

  /** File offsets of a USDT probe's places; empty if the file has no such probe. */
  long[] usdt(String provider, String probe) throws IOException {
    List<Long> places = new ArrayList<>();
    try {
      for (Section section : sections) {
        if (section.type == SHT_NOTE && section.name.equals(".note.stapsdt")) {
          readUsdt(section, provider, probe, places);
        }
      }
    } catch (IndexOutOfBoundsException e) {
      throw new IOException("malformed ELF notes", e);
    }
    return places.stream().mapToLong(Long::longValue).toArray();
  }

  // note: name size, descriptor size, type, name, descriptor, both padded to 4;
  // descriptor: location, base, semaphore, then provider, probe and arguments as C strings
  private void readUsdt(Section notes, String provider, String probe, List<Long> places) {
    int at = notes.offset;
    int end = notes.offset + notes.size;
    while (at + 12 <= end) {
      int descriptor = at + 12 + padded(bytes.getInt(at));
      int next = descriptor + padded(bytes.getInt(at + 4));
      if (next <= at) {
        throw new IndexOutOfBoundsException("note at offset=" + at);
      }
      if (bytes.getInt(at + 8) == NT_STAPSDT) {
        String itsProvider = string(descriptor + 24);
        String itsProbe = string(descriptor + 24 + itsProvider.length() + 1);
        if (itsProvider.equals(provider) && itsProbe.equals(probe)) {
          long location = bytes.getLong(descriptor) + prelinkShift(bytes.getLong(descriptor + 8));
          places.add(fileOffset(location));
        }
      }
      at = next;
    }
  }

  /** How far the file was moved after its notes were written: .stapsdt.base tells. */
  private long prelinkShift(long baseInNote) {
    for (Section section : sections) {
      if (section.name.equals(".stapsdt.base")) {
        return section.address - baseInNote;
      }
    }
    return 0;
  }

  private long fileOffset(long address) {
    int table = Math.toIntExact(bytes.getLong(32));
    int count = Short.toUnsignedInt(bytes.getShort(56));
    for (int i = 0; i < count; i++) {
      int at = table + i * SEGMENT_BYTES;
      long start = bytes.getLong(at + 16);
      if (bytes.getInt(at) == PT_LOAD
          && address >= start
          && address < start + bytes.getLong(at + 32)) {
        return address - start + bytes.getLong(at + 8);
      }
    }
    return -1;
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
              bytes.getInt(at + 4),
              bytes.getLong(at + 16),
              Math.toIntExact(bytes.getLong(at + 24)),
              Math.toIntExact(bytes.getLong(at + 32)),
              bytes.getInt(at + 40),
              bytes.getInt(at)));
    }
    for (int i = 0; i < count; i++) {
      Section s = sections.get(i);
      String name = string(sections.get(names).offset + s.nameAt);
      sections.set(i, new Section(name, s.type, s.address, s.offset, s.size, s.link, s.nameAt));
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

  private static int padded(int size) {
    return (size + 3) & ~3;
  }
}

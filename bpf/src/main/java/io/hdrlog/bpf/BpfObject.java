package io.hdrlog.bpf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * {@code hdrlog.bpf.o}: opened, configured, loaded, its programs attached; closed with all that.
 */
final class BpfObject implements AutoCloseable {
  private final Libbpf libbpf;

  @SuppressWarnings("MustBeClosedChecker") // closed with the object
  private final Arena arena = Arena.ofShared();

  private final MemorySegment object;
  private final List<MemorySegment> links = new ArrayList<>();

  private BpfObject(Libbpf libbpf, byte[] elf) throws ErrnoException {
    this.libbpf = libbpf;
    try {
      object = libbpf.open(elf, arena);
    } catch (ErrnoException e) {
      arena.close();
      throw e;
    }
  }

  static BpfObject open(Libbpf libbpf, byte[] elf) throws ErrnoException {
    return new BpfObject(libbpf, elf);
  }

  /** Leaves out the programs that are not wanted. */
  void select(Set<String> all, Set<String> wanted) throws ErrnoException {
    for (String program : all) {
      libbpf.setAutoload(program(program), wanted.contains(program));
    }
  }

  /** Makes the program one for {@code uprobe.multi} links. */
  void setMulti(String program) throws ErrnoException {
    libbpf.setExpectedAttachType(program(program), Libbpf.BPF_TRACE_UPROBE_MULTI);
  }

  /** Sets the constants that the verifier is to know. */
  void configure(int fdOffset, boolean outbound, boolean byHash, boolean cookieHelper)
      throws ErrnoException {
    MemorySegment settings = libbpf.initialValue(libbpf.map(object, ".rodata"));
    if (settings.byteSize() != EventLayout.SETTINGS_BYTES) {
      throw new IllegalStateException("settings bytes=" + settings.byteSize());
    }
    settings.set(ValueLayout.JAVA_INT, EventLayout.SETTINGS_FD_OFFSET, fdOffset);
    settings.set(ValueLayout.JAVA_BYTE, EventLayout.SETTINGS_OUTBOUND, bit(outbound));
    settings.set(ValueLayout.JAVA_BYTE, EventLayout.SETTINGS_BY_HASH, bit(byHash));
    settings.set(ValueLayout.JAVA_BYTE, EventLayout.SETTINGS_COOKIE_HELPER, bit(cookieHelper));
  }

  private static byte bit(boolean value) {
    return (byte) (value ? 1 : 0);
  }

  void load() throws ErrnoException {
    libbpf.load(object);
  }

  void run(String program) throws ErrnoException {
    libbpf.run(program(program));
  }

  void attach(String program) throws ErrnoException {
    links.add(libbpf.attach(program(program)));
  }

  void attachUprobes(
      String program, boolean multi, int pid, String path, long[] fileOffsets, boolean atReturn)
      throws ErrnoException {
    MemorySegment p = program(program);
    if (multi) {
      links.add(libbpf.attachUprobeMulti(p, pid, path, fileOffsets, atReturn));
      return;
    }
    for (long offset : fileOffsets) {
      links.add(libbpf.attachUprobe(p, pid, path, offset, atReturn));
    }
  }

  int mapFd(String map) throws ErrnoException {
    return libbpf.fd(libbpf.map(object, map));
  }

  void update(int mapFd, MemorySegment key, MemorySegment value) throws ErrnoException {
    libbpf.update(mapFd, key, value);
  }

  private MemorySegment program(String name) throws ErrnoException {
    return libbpf.program(object, name);
  }

  @Override
  public void close() {
    for (MemorySegment link : links) {
      libbpf.destroyLink(link);
    }
    links.clear();
    libbpf.close(object);
    arena.close();
  }
}

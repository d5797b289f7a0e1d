package io.hdrlog.bpf;

import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Set;

/** {@code hdrlog.bpf.o} in the kernel, its programs attached and its ring mapped. */
final class BpfObject implements AutoCloseable {
  private final Libbpf libbpf;
  private final Libbpf.Handle handle;

  @SuppressWarnings("MustBeClosedChecker") // closed with the object
  private final Arena ring = Arena.ofShared();

  private BpfObject(Libbpf libbpf, Libbpf.Handle handle) {
    this.libbpf = libbpf;
    this.handle = handle;
  }

  /** What the verifier is to know, and what is left out thereby. */
  record Settings(int fdOffset, boolean outbound, boolean byHash, boolean cookieHelper) {
    /** {@code struct hdrlog_settings}, as a number of this machine's byte order. */
    long bits() {
      return (Integer.toUnsignedLong(fdOffset) << (Byte.SIZE * EventLayout.SETTINGS_FD_OFFSET))
          | bit(outbound, EventLayout.SETTINGS_OUTBOUND)
          | bit(byHash, EventLayout.SETTINGS_BY_HASH)
          | bit(cookieHelper, EventLayout.SETTINGS_COOKIE_HELPER);
    }

    private static long bit(boolean value, int offset) {
      return value ? 1L << (Byte.SIZE * offset) : 0;
    }
  }

  /** Loads the programs and attaches those that go on tracepoints. */
  static BpfObject load(
      Libbpf libbpf, byte[] elf, Set<String> programs, Settings settings, boolean multi)
      throws Libbpf.LoadFailedException {
    return new BpfObject(
        libbpf, libbpf.load(elf, programs, settings.bits(), multi, BpfKernelSource.RING_BYTES));
  }

  void attachUprobes(
      String program, boolean multi, int pid, String path, long[] fileOffsets, boolean atReturn)
      throws ErrnoException {
    libbpf.attach(handle, program, path, pid, multi, atReturn, fileOffsets);
  }

  /** Tells the programs of the ports that this process listens on already. */
  void joinListeners() throws ErrnoException {
    libbpf.join(handle);
  }

  RingReader ring() {
    int page = handle.pageBytes();
    long bytes = page + BpfKernelSource.RING_BYTES;
    ByteBuffer consumer = Libbpf.memory(handle.ringConsumer(), page, ring);
    ByteBuffer producer = Libbpf.memory(handle.ringProducer(), bytes, ring);
    return new RingReader(consumer, producer, page, (int) BpfKernelSource.RING_BYTES);
  }

  /** In the order of {@link EventLayout#LOSSES_NAMES}; null if they cannot be read. */
  long[] losses() {
    return libbpf.losses(handle);
  }

  /** After this a read that is under way finds the ring closed, not gone: the arena sees to it. */
  @Override
  public void close() {
    ring.close();
    libbpf.close(handle);
  }
}

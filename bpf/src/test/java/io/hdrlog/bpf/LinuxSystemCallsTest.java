package io.hdrlog.bpf;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hdrlog.core.file.SystemCalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxSystemCallsTest {
  private static final int PAGE_BYTES = 4_096;
  private static final int PAGES = 512;
  private static final long WAIT_NS_MAX = TimeUnit.SECONDS.toNanos(20);

  private final SystemCalls calls = SystemCalls.find();

  @Test
  void pagesThatAreOnTheDiskLeaveTheCache(@TempDir(factory = OnDisk.class) Path temp)
      throws Throwable {
    Path file = temp.resolve("written");
    Files.write(file, new byte[PAGES * PAGE_BYTES]);
    assertThat(cached(file)).as("pages in the cache once written").isEqualTo(PAGES);
    int descriptor = calls.open(file);
    try {
      calls.writeBack(descriptor, 0, PAGES * PAGE_BYTES);
      long start = System.nanoTime();
      // The disk takes its time, and what is not on it stays.
      do {
        calls.dropPages(descriptor, 0, PAGES / 2 * PAGE_BYTES);
        LockSupport.parkNanos(10_000_000);
      } while (cached(file) != PAGES / 2 && System.nanoTime() - start < WAIT_NS_MAX);
      assertThat(cached(file)).isEqualTo(PAGES / 2);
    } finally {
      calls.close(descriptor);
    }
    assertThatThrownBy(() -> calls.writeBack(descriptor, 0, 1)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> calls.open(temp.resolve("none"))).isInstanceOf(IOException.class);
  }

  /** mincore(2). */
  @SuppressWarnings("restricted")
  private static long cached(Path file) throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle mincore =
        linker.downcallHandle(
            linker.defaultLookup().find("mincore").orElseThrow(),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS));
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file)) {
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, PAGES * PAGE_BYTES, arena);
      MemorySegment resident = arena.allocate(PAGES, 1);
      int result = (int) mincore.invokeExact(mapped, mapped.byteSize(), resident);
      assertThat(result).isZero();
      long count = 0;
      for (int i = 0; i < PAGES; i++) {
        count += resident.get(JAVA_BYTE, i) & 1;
      }
      return count;
    }
  }

  @Test
  void theThreadThatAsksIsNiceAndNoOther() throws Exception {
    AtomicReference<String> niced = new AtomicReference<>();
    Thread thread =
        new Thread(
            () -> {
              assertThat(calls.nice(19)).isTrue();
              niced.set(nice());
            });
    thread.start();
    thread.join();
    assertThat(niced.get()).isEqualTo("19");
    assertThat(nice()).isNotEqualTo("19");
    assertThat(calls.niceOfProcess()).isEqualTo(Integer.parseInt(nice()));
  }

  @Test
  void oneThatMayGoesBeforeTheOthersAndBackAgain() throws Exception {
    List<String> seen = new ArrayList<>();
    Thread thread =
        new Thread(
            () -> {
              seen.add(calls.nice(calls.niceOfProcess() - 10) + " " + nice());
              seen.add(calls.nice(calls.niceOfProcess()) + " " + nice());
            });
    thread.start();
    thread.join();
    int usual = Integer.parseInt(nice());
    assertThat(seen).containsExactly("true " + (usual - 10), "true " + usual);
  }

  /** The 19th field of /proc/thread-self/stat, of which the second may hold blanks. */
  private static String nice() {
    try {
      String stat = Files.readString(Path.of("/proc/thread-self/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16];
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is read out of /proc. */
class ProcTest {
  @Test
  void librariesAreListedOnceAndDeletedOnesAreReachedThroughTheirMapping() {
    List<String> maps =
        List.of(
            "00400000-00401000 r-xp 00000000 08:01 11                         /usr/bin/java",
            "7f0000000000-7f0000001000 r--p 00000000 08:01 12   /usr/lib/jvm/lib/libnio.so",
            "7f0000001000-7f0000002000 r-xp 00001000 08:01 12   /usr/lib/jvm/lib/libnio.so",
            "7f0000003000-7f0000004000 r--p 00000000 08:01 13   /tmp/a b/libnetty7.so (deleted)",
            "7f0000005000-7f0000006000 rw-p 00000000 00:00 0 ",
            "7f0000007000-7f0000008000 r-xp 00000000 08:01 14   /lib/libc.so.6",
            "7f0000008000-7f0000009000 rw-p 00000000 00:00 0    [stack]");
    assertThat(MappedLibrary.parse(maps))
        .containsExactly(
            new MappedLibrary(
                "libnio.so", "/usr/lib/jvm/lib/libnio.so", Path.of("/usr/lib/jvm/lib/libnio.so")),
            new MappedLibrary(
                "libnetty7.so",
                "/tmp/a b/libnetty7.so",
                Path.of("/proc/self/map_files/7f0000003000-7f0000004000")),
            new MappedLibrary("libc.so.6", "/lib/libc.so.6", Path.of("/lib/libc.so.6")));
    assertThat(MappedLibrary.hasColouredPointers(maps)).isFalse();
  }

  @Test
  void zgcIsKnownByItsHeapFile() {
    assertThat(
            MappedLibrary.hasColouredPointers(
                List.of("4000000000-4000200000 rw-s 00000000 00:01 5 /memfd:java_heap (deleted)")))
        .isTrue();
  }

  @Test
  void missingCapabilitiesAreNamed() {
    assertThat(missing("0000000000000000")).containsExactly("CAP_BPF", "CAP_PERFMON");
    assertThat(missing("0000004000000000")).containsExactly("CAP_BPF");
    assertThat(missing("000000c000000000")).isEmpty();
    assertThat(missing("0000000000200000")).isEmpty();
    assertThat(missing("000001fffeffffff")).isEmpty();
  }

  private static List<String> missing(String effective) {
    return Capabilities.parse(List.of("Name:\tjava", "CapEff:\t" + effective)).missing();
  }

  @Test
  void theVerifiersLastWordIsTheReason() {
    LoadLog log =
        LoadLog.parse(
            """
            libbpf: prog 'on_read': BPF program load failed: Permission denied
            libbpf: prog 'on_read': -- BEGIN PROG LOAD LOG --
            0: (79) r6 = *(u64 *)(r1 +0)
            R1 invalid mem access 'scalar'
            processed 12 insns (limit 1000000)
            -- END PROG LOAD LOG --
            libbpf: failed to load object 'hdrlog'
            """);
    assertThat(log.program()).isEqualTo("on_read");
    assertThat(log.reason()).isEqualTo("prog 'on_read': R1 invalid mem access 'scalar'");
    assertThat(log.hookMissing()).isFalse();
  }

  @Test
  void aHookThatTheKernelLacksIsKnown() {
    LoadLog log =
        LoadLog.parse(
            """
            prog 'on_send': this kernel has no tracepoint sock_send_length
            """);
    assertThat(log.program()).isEqualTo("on_send");
    assertThat(log.hookMissing()).isTrue();
  }
}

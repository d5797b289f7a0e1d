package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where uprobes may be put, in the libraries of the JDK that runs this. */
class PlacesTest {
  private static final Path LIB = Path.of(System.getProperty("java.home"), "lib");
  private static final String BEGIN = "hs_private:safepoint__begin";
  private static final String END = "hs_private:safepoint__end";

  private static Libbpf libbpf;

  @TempDir Path folder;

  @BeforeAll
  static void library(@TempDir Path natives) throws IOException {
    String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64";
    Path file = natives.resolve("libbpf.so");
    try (InputStream in =
        Libbpf.class.getResourceAsStream("/io/hdrlog/bpf/native/linux-" + arch + "/libbpf.so")) {
      Files.write(file, in.readAllBytes());
    }
    libbpf = new Libbpf(file, Arena.global());
  }

  private static long[][] find(Path file, String... names) throws IOException {
    return libbpf.find(file.toString(), List.of(names));
  }

  @Test
  void functionsAreFoundByNameWhereTheyBegin() throws IOException {
    long[][] found =
        find(LIB.resolve("libnio.so"), "no_such_function", "Java_sun_nio_ch_Net_accept", "Java_");
    assertThat(found[0]).isEmpty();
    assertThat(found[1]).hasSize(1);
    assertThat(found[2]).isEmpty();
    byte[] file = Files.readAllBytes(LIB.resolve("libnio.so"));
    int at = Math.toIntExact(found[1][0]);
    // push %rbp, or whatever a function may begin with, but no landing pad
    assertThat(file[at] == (byte) 0xf3 && file[at + 1] == 0x0f).isFalse();
  }

  @Test
  void usdtProbesOfTheJvmAreFoundOnNops() throws IOException {
    Path jvm = LIB.resolve("server/libjvm.so");
    byte[] file = Files.readAllBytes(jvm);
    long[][] found = find(jvm, BEGIN, "hs_private:no_such_probe", END);
    for (int probe : new int[] {0, 2}) {
      assertThat(found[probe]).isNotEmpty();
      for (long place : found[probe]) {
        assertThat(file[Math.toIntExact(place)]).isEqualTo((byte) 0x90);
      }
    }
    assertThat(found[1]).isEmpty();
  }

  @Test
  void whatIsNoElfFileIsRefused() throws IOException {
    Path text = Files.write(folder.resolve("text"), new byte[100]);
    assertThatThrownBy(() -> find(text, BEGIN)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> find(folder.resolve("none"), BEGIN)).isInstanceOf(IOException.class);
  }

  @Test
  void aCutOrTwistedFileIsRefusedOrGivesNothing() throws IOException {
    byte[] whole = Files.readAllBytes(LIB.resolve("libnio.so"));
    for (int length : new int[] {3, 20, 64, 1000, whole.length / 2, whole.length - 1}) {
      tryAll(Arrays.copyOf(whole, length));
    }
    // Every header field and table once with bytes that point anywhere.
    for (int at = 16; at < whole.length; at += at < 1024 ? 4 : 997) {
      byte[] twisted = whole.clone();
      Arrays.fill(twisted, at, Math.min(at + 4, whole.length), (byte) 0xff);
      tryAll(twisted);
    }
  }

  private void tryAll(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("cut"), content);
    for (String name : new String[] {"Java_sun_nio_ch_Net_accept", BEGIN}) {
      try {
        for (long place : find(file, name)[0]) {
          assertThat(place).isBetween(0L, (long) content.length);
        }
      } catch (IOException refused) {
        assertThat(refused).hasMessageContaining("elf");
      }
    }
  }
}

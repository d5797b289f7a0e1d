package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Against the libraries of the JDK that runs this. */
class ElfFileTest {
  private static final Path LIB = Path.of(System.getProperty("java.home"), "lib");

  @Test
  void functionsAreFoundByNameWhereTheyBegin() throws IOException {
    Set<String> names = Set.of("Java_sun_nio_ch_Net_accept", "no_such_function");
    var functions = ElfFile.read(LIB.resolve("libnio.so")).functions(names);
    assertThat(functions).containsOnlyKeys("Java_sun_nio_ch_Net_accept");
    byte[] file = Files.readAllBytes(LIB.resolve("libnio.so"));
    int at = Math.toIntExact(functions.get("Java_sun_nio_ch_Net_accept"));
    // push %rbp, or whatever a function may begin with, but no landing pad
    assertThat(file[at] == (byte) 0xf3 && file[at + 1] == 0x0f).isFalse();
  }

  @Test
  void usdtProbesOfTheJvmAreFoundOnNops() throws IOException {
    ElfFile jvm = ElfFile.read(LIB.resolve("server/libjvm.so"));
    byte[] file = Files.readAllBytes(LIB.resolve("server/libjvm.so"));
    for (String probe : new String[] {"safepoint__begin", "safepoint__end"}) {
      long[] places = jvm.usdt("hs_private", probe);
      assertThat(places).isNotEmpty();
      for (long place : places) {
        assertThat(file[Math.toIntExact(place)]).isEqualTo((byte) 0x90);
      }
    }
    assertThat(jvm.usdt("hs_private", "no_such_probe")).isEmpty();
  }

  @Test
  void whatIsNoElfFileIsRefused() {
    assertThatThrownBy(() -> ElfFile.of(new byte[100])).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> ElfFile.of(new byte[3])).isInstanceOf(IOException.class);
  }

  @Test
  void aCutFileIsRefusedOrGivesNothing() throws IOException {
    byte[] whole = Files.readAllBytes(LIB.resolve("libnio.so"));
    for (int length : new int[] {20, 64, 1000, whole.length / 2}) {
      byte[] cut = java.util.Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> ElfFile.of(cut)).isInstanceOf(IOException.class);
    }
  }
}

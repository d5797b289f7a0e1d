package io.hdrlog.core.mask;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {
  @TempDir Path dir;

  @Test
  void theKeyIsKeptAndOnlyItsOwnerMayReadIt() throws IOException {
    KeyFile first = KeyFile.load(dir.resolve("new"), "orders");
    KeyFile second = KeyFile.load(dir.resolve("new"), "orders");
    assertThat(first.problem()).isNull();
    assertThat(first.key()).hasSize(KeyFile.LENGTH).isEqualTo(second.key());
    Path file = dir.resolve("new").resolve(".orders.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (var files = Files.list(dir.resolve("new"))) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void withoutAUsableFileTheKeyIsInMemoryAndALineSaysSo() throws IOException {
    Files.writeString(dir.resolve(".short.key"), "abc");
    Files.writeString(dir.resolve("file"), "");
    for (KeyFile file :
        new KeyFile[] {KeyFile.load(dir, "short"), KeyFile.load(dir.resolve("file"), "x")}) {
      assertThat(file.key()).hasSize(KeyFile.LENGTH);
      assertThat(file.problem()).contains("key file unusable").contains("file=");
    }
    assertThat(Files.readString(dir.resolve(".short.key"))).isEqualTo("abc");
  }

  @Test
  void hmacsAreThoseOfThePlatform() throws GeneralSecurityException {
    for (int length : new int[] {1, 32, 64, 65, 200}) {
      byte[] key = new byte[length];
      java.util.Arrays.fill(key, (byte) length);
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((byte) 7);
      String wanted =
          java.util.HexFormat.of().formatHex(mac.doFinal("value".getBytes(StandardCharsets.UTF_8)));
      byte[] into = new byte[64];
      byte[] value = "<value>".getBytes(StandardCharsets.UTF_8);
      int end = new Hmac(key).hex((byte) 7, value, 1, 6, 64, into, 0);
      assertThat(new String(into, 0, end, StandardCharsets.UTF_8)).isEqualTo(wanted);
    }
  }
}

package io.hdrlog.core.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class IpAddressTest {
  private static String again(String text) {
    byte[] b = Ascii.bytes(text);
    byte[] a = new byte[16];
    if (!IpAddress.parse(b, 0, b.length, a)) {
      return null;
    }
    byte[] into = new byte[IpAddress.TEXT_MAX];
    return new String(into, 0, IpAddress.format(a, into, 0), StandardCharsets.ISO_8859_1);
  }

  @Test
  void textIsAsRfc5952HasIt() {
    assertThat(again("192.0.2.1")).isEqualTo("192.0.2.1");
    assertThat(again("::ffff:192.0.2.1")).isEqualTo("192.0.2.1");
    assertThat(again("2001:DB8:0:0:1:0:0:1")).isEqualTo("2001:db8::1:0:0:1");
    assertThat(again("2001:db8:0:1:1:1:1:1")).isEqualTo("2001:db8:0:1:1:1:1:1");
    assertThat(again("::")).isEqualTo("::");
    assertThat(again("::1")).isEqualTo("::1");
    assertThat(again("1::")).isEqualTo("1::");
    assertThat(again("fe80:0:0:1::")).isEqualTo("fe80:0:0:1::");
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String bad :
        List.of(
            "",
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.256",
            "1.2.3.",
            "a",
            ":",
            ":::",
            "1:2",
            "::1::",
            "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:",
            "12345::",
            "g::",
            "::1.2.3",
            "1.2.3.4:80",
            "1:2:3:4:5:6:7:1.2.3.4",
            "_x",
            "unknown",
            "1:2:3:4:5:6:7::8")) {
      assertThat(again(bad)).as(bad).isNull();
    }
  }

  @Test
  void randomAddressesSurvive() throws UnknownHostException {
    Random random = new Random(5);
    for (int i = 0; i < 5_000; i++) {
      byte[] a = new byte[16];
      for (int k = 0; k < 16; k++) {
        a[k] = (byte) (random.nextInt(3) == 0 ? random.nextInt(256) : 0);
      }
      a[0] = 0x20;
      byte[] into = new byte[IpAddress.TEXT_MAX];
      String text = new String(into, 0, IpAddress.format(a, into, 0), StandardCharsets.ISO_8859_1);
      assertThat(InetAddress.getByName(text).getAddress()).isEqualTo(a);
      assertThat(again(text)).isEqualTo(text);
    }
  }

  @Test
  void networksContainTheirAddresses() {
    List<String> problems = new ArrayList<>();
    TrustedProxies proxies =
        TrustedProxies.parse(
            List.of("10.0.0.0/9", "192.0.2.7", "2001:db8::/33", "x", "1.2.3.4/33", "::/129", "a/b"),
            problems::add);
    assertThat(problems).hasSize(4).allMatch(line -> line.startsWith("trusted.proxies: value="));
    assertThat(contains(proxies, "10.127.1.1")).isTrue();
    assertThat(contains(proxies, "10.128.1.1")).isFalse();
    assertThat(contains(proxies, "192.0.2.7")).isTrue();
    assertThat(contains(proxies, "192.0.2.8")).isFalse();
    assertThat(contains(proxies, "2001:db8:7fff::1")).isTrue();
    assertThat(contains(proxies, "2001:db8:8000::1")).isFalse();
  }

  private static boolean contains(TrustedProxies proxies, String text) {
    byte[] b = Ascii.bytes(text);
    byte[] a = new byte[16];
    assertThat(IpAddress.parse(b, 0, b.length, a)).isTrue();
    return proxies.contains(a);
  }
}

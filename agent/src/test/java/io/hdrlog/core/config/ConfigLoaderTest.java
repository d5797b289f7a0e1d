package io.hdrlog.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.kernel.KernelOptions.Probes;
import io.hdrlog.core.mask.MaskMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  private final List<String> problems = new ArrayList<>();
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  @TempDir Path dir;

  private Config load(String arguments) {
    problems.clear();
    return ConfigLoader.load(arguments, properties, environment, problems);
  }

  static List<Option<?>> options() {
    List<Option<?>> options = new ArrayList<>(Options.ALL);
    options.remove(Options.CONFIG);
    return options;
  }

  /** Four values that differ from each other, one for each source. */
  private static String[] samples(Option<?> option) {
    return switch (option.kind()) {
      case BOOLEAN -> new String[] {"true", "false", "true", "false"};
      case SIZE -> new String[] {"1MB", "2MB", "3MB", "4MB"};
      case DURATION -> new String[] {"1m", "2m", "3m", "4m"};
      case SHARE -> new String[] {"0.1", "0.2", "0.3", "0.4"};
      case COUNT -> new String[] {"1", "2", "3", "4"};
      case CIDRS -> new String[] {"10.0.0.1", "10.0.0.2,10.1.0.0/16", "10.0.0.3", "10.0.0.4"};
      case GLOBS -> new String[] {"a-*", "b-*,!b-x", "c-*,d", "d-*"};
      case CHOICE -> choices(option.choices());
      case TEXT, HEADER_NAME -> new String[] {"aa", "bb", "cc", "dd"};
    };
  }

  private static String[] choices(Enum<?>[] choices) {
    String[] texts = new String[4];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = OptionValues.choiceText(choices[i % choices.length]);
    }
    return texts;
  }

  @ParameterizedTest
  @MethodSource("options")
  void systemPropertyWinsOverEnvironmentOverArgumentsOverFile(Option<?> option) throws IOException {
    String[] samples = samples(option);
    Path file = dir.resolve("hdrlog.properties");
    Files.writeString(file, option.key() + "=" + samples[3] + "\n");
    environment.put("HDRLOG_CONFIG", file.toString());
    assertThat(load(null).text(option)).isEqualTo(samples[3]);

    String arguments = option.key() + "=" + samples[2];
    assertThat(load(arguments).text(option)).isEqualTo(samples[2]);

    environment.put(option.environmentName(), samples[1]);
    assertThat(load(arguments).text(option)).isEqualTo(samples[1]);

    properties.put("hdrlog." + option.key(), samples[0]);
    Config config = load(arguments);
    assertThat(config.text(option)).isEqualTo(samples[0]);
    assertThat(config.source(option)).isEqualTo("-D");
    assertThat(problems).isEmpty();
  }

  @Test
  void withNothingSetEveryOptionHasTheContractsDefault() {
    properties.put("sun.java.command", "org.shop.Orders --port 80");
    Config config = load(null);
    assertThat(problems).isEmpty();
    assertThat(config.enabled()).isTrue();
    assertThat(config.service()).isEqualTo("org.shop.Orders");
    assertThat(config.dir()).isEqualTo(Path.of("logs"));
    assertThat(config.kernel()).isEqualTo(Config.Kernel.AUTO);
    assertThat(config.kernelProbes()).isEqualTo(Probes.AUTO);
    assertThat(config.wire()).isEqualTo(Config.Wire.AUTO);
    assertThat(config.client()).isFalse();
    assertThat(config.requestHeaders()).containsExactly("*");
    assertThat(config.responseHeaders()).containsExactly("*");
    assertThat(config.maskHeaders())
        .containsExactly(
            "authorization",
            "proxy-authorization",
            "cookie",
            "set-cookie",
            "*auth*",
            "*token*",
            "*secret*",
            "*password*",
            "*passwd*",
            "*api-key*",
            "*apikey*",
            "*credential*",
            "*session*",
            "*signature*",
            "x-amz-security-token",
            "x-forwarded-client-cert");
    assertThat(config.maskQuery())
        .containsExactly(
            "*token*",
            "*secret*",
            "*password*",
            "*pwd*",
            "*key*",
            "*auth*",
            "*session*",
            "sig",
            "*signature*",
            "code",
            "AWSAccessKeyId",
            "X-Amz-*",
            "X-Goog-*");
    assertThat(config.maskValues()).isTrue();
    assertThat(config.maskMode()).isEqualTo(MaskMode.REDACT);
    assertThat(config.maskIp()).isFalse();
    assertThat(config.trustedProxies()).isEmpty();
    assertThat(config.requestIdHeader()).isEqualTo("x-request-id");
    assertThat(config.requestIdResponse()).isFalse();
    assertThat(config.requestIdMdc()).isEqualTo("request_id");
    assertThat(config.sample()).isEqualTo(1.0);
    assertThat(config.sampleSlowNs()).isEqualTo(1_000_000_000L);
    assertThat(config.filter()).isEmpty();
    assertThat(config.rotateSizeBytes()).isEqualTo(256L << 20);
    assertThat(config.rotateTimeNs()).isEqualTo(86_400_000_000_000L);
    assertThat(config.rotateKeep()).isEqualTo(14);
    assertThat(config.rotateTotalBytes()).isEqualTo(4L << 30);
    assertThat(config.rotateCompress()).isTrue();
    assertThat(config.bufferBytes()).isEqualTo(8 << 20);
    assertThat(config.config()).isEmpty();
  }

  @Test
  void anUnknownKeyIsOneLineWithTheNearestKeyInEverySource() throws IOException {
    Path file = dir.resolve("x.properties");
    Files.writeString(file, "rotate.sise=1MB\n");
    properties.put("hdrlog.servce", "orders");
    environment.put("HDRLOG_MASK_HEADER", "x");
    load("kernal=off,config=" + file);
    assertThat(problems).hasSize(4);
    assertThat(problems)
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("key=\"hdrlog.servce\"", "value=\"orders\"", "nearest=hdrlog.service")
                    .contains("allowed=\"enabled service dir "))
        .anySatisfy(
            line ->
                assertThat(line).contains("HDRLOG_MASK_HEADER\"", "nearest=HDRLOG_MASK_HEADERS"))
        .anySatisfy(line -> assertThat(line).contains("\"kernal\"", "\"off\"", "nearest=kernel "))
        .anySatisfy(line -> assertThat(line).contains("rotate.sise", "nearest=rotate.size"));
    assertThat(problems).allSatisfy(line -> assertThat(line).doesNotContain("\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "enabled|yes",
        "kernel|maybe",
        "kernel.probes|kprobe",
        "wire|on",
        "request.headers|a b",
        "mask.headers|!",
        "mask.mode|sha1",
        "trusted.proxies|10.0.0.0/33",
        "trusted.proxies|proxy.example.com",
        "trusted.proxies|300.1.1.1",
        "trusted.proxies|1:2:3",
        "request.id.header|x request",
        "request.id.header|''",
        "sample|1.5",
        "sample|NaN",
        "sample|0x1p-1",
        "sample|''",
        "sample.slow|5",
        "sample.slow|1 fortnight",
        "rotate.size|many",
        "rotate.size|-1MB",
        "rotate.size|99999999999999999999",
        "rotate.keep|0",
        "rotate.keep|1.5",
        "rotate.total|0",
        "buffer|1KB",
        "buffer|2GB",
        "dir|''",
        "service|''",
      })
  void aBadValueIsOneLineAndTheDefaultHolds(String key, String value) {
    Option<?> option = Options.find(key);
    String before = load(null).text(option);
    properties.put("hdrlog." + key, value);
    // The next source's good value must not step in: the first that has the key decides.
    Config config = load(key + "=" + samples(option)[0]);
    assertThat(config.text(option)).isEqualTo(before);
    assertThat(config.source(option)).isEqualTo("default");
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0))
        .startsWith("bad value: key=" + key + " value=\"" + value + "\"")
        .contains("allowed=\"" + option.allowed() + "\"");
  }

  @Test
  void aFolderThatIsNoPathIsOneLineAndTheDefaultHolds() {
    // Half a surrogate pair can be written in no encoding that the file system may have.
    Config config = load("dir=/var/log/\ud800");
    assertThat(config.dir()).isEqualTo(Path.of("logs"));
    assertThat(problems).hasSize(1);
    assertThat(problems.get(0))
        .startsWith("bad value: key=dir value=\"/var/log/")
        .endsWith("allowed=\"a folder\" used=\"logs\"");
  }

  @ParameterizedTest
  @CsvSource({
    "1000000,1000000",
    "256KB,262144",
    "256kib,262144",
    "1M,1048576",
    "2 GB,2147483648",
    "1TB,1099511627776"
  })
  void sizesAreInPowersOf1024(String text, long bytes) {
    assertThat(OptionValues.size(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "1ns,1",
    "5us,5000",
    "500ms,500000000",
    "1s,1000000000",
    "2m,120000000000",
    "1h,3600000000000",
    "1d,86400000000000",
    "0,0"
  })
  void durationsNeedAUnit(String text, long ns) {
    assertThat(OptionValues.durationNs(text)).isEqualTo(ns);
  }

  @Test
  void commasInsideAnArgumentBelongToItsValue() {
    Config config =
        load(
            "service=orders,mask.headers=default,x-pin,!x-pin-hint,trusted.proxies=10.0.0.0/8,"
                + "2001:db8::/32,dir=/tmp/a,b,"
                + "filter=drop path=/a,b=1; keep status=5xx,hdrlog.kernel=off");
    assertThat(problems).isEmpty();
    assertThat(config.service()).isEqualTo("orders");
    assertThat(config.maskHeaders())
        .startsWith("authorization")
        .endsWith("x-forwarded-client-cert", "x-pin", "!x-pin-hint");
    assertThat(config.trustedProxies()).containsExactly("10.0.0.0/8", "2001:db8::/32");
    assertThat(config.dir()).isEqualTo(Path.of("/tmp/a,b"));
    assertThat(config.filter()).isEqualTo("drop path=/a,b=1; keep status=5xx");
    assertThat(config.kernel()).isEqualTo(Config.Kernel.OFF);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",", ",,", "=", "=x", "service", "service=", "a,b,c", "service=x,"})
  void anyArgumentStringIsRead(String arguments) {
    assertThat(load(arguments).service()).isNotEmpty();
  }

  @Test
  void aCommaTooManyIsNobodysValue() {
    Config config = load("service=orders,,mask.mode=hash,");
    assertThat(config.service()).isEqualTo("orders");
    assertThat(config.maskMode()).isEqualTo(MaskMode.HASH);
    assertThat(problems).isEmpty();
  }

  @Test
  void maskHeadersReplacesTheListAndEmptyMasksNone() {
    assertThat(load("mask.headers=x-pin").maskHeaders()).containsExactly("x-pin");
    assertThat(load("mask.headers=").maskHeaders()).isEmpty();
    assertThat(load("request.id.mdc=").requestIdMdc()).isEmpty();
    assertThat(problems).isEmpty();
  }

  @Test
  void theFileCanBeNamedByAnyOtherSource() throws IOException {
    Path file = dir.resolve("a.properties");
    Files.writeString(file, "# mine\nhdrlog.service = orders\nmask.mode: hash\n");
    assertThat(load("config=" + file).service()).isEqualTo("orders");
    environment.put("HDRLOG_CONFIG", file.toString());
    assertThat(load(null).maskMode()).isEqualTo(MaskMode.HASH);
    environment.clear();
    properties.put("hdrlog.config", file.toString());
    assertThat(load(null).service()).isEqualTo("orders");
    assertThat(problems).isEmpty();
  }

  @Test
  void aBrokenOrMissingFileIsOneLine() throws IOException {
    load("config=" + dir.resolve("none"));
    assertThat(problems).singleElement().asString().contains("none", "no such file");

    Path broken = dir.resolve("broken.properties");
    Files.writeString(broken, "service=\\u12\n");
    Config config = load("config=" + broken);
    assertThat(problems).singleElement().asString().startsWith("properties file: key=config");
    assertThat(config.service()).isEqualTo("java");

    Files.write(broken, new byte[] {'a', '=', (byte) 0xff, (byte) 0xfe});
    load("config=" + broken);
    assertThat(problems).singleElement().asString().contains("not UTF-8");

    load("config=" + dir);
    assertThat(problems).singleElement().asString().startsWith("properties file: key=config");
  }

  @Test
  void aServicesOwnPropertiesNamedByMistakeLeakNoSecret() throws IOException {
    Path file = dir.resolve("application.properties");
    Files.writeString(file, "spring.datasource.password=hunter2\n");
    load("config=" + file);
    assertThat(problems).singleElement().asString().doesNotContain("hunter2");
  }

  @Test
  void manyUnknownKeysAreBounded() {
    for (int i = 0; i < 500; i++) {
      properties.put("hdrlog.x" + i, "y");
    }
    load(null);
    assertThat(problems).hasSize(21);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "org.shop.Orders --port 80|org.shop.Orders",
        "shop/org.shop.Orders|org.shop.Orders",
        "/opt/app/orders-1.2.jar --x|orders-1.2",
        "orders.jar|orders",
        "''|java",
        "org.shop.Übung|org.shop._bung",
      })
  void theDefaultServiceIsTheMainClassOrTheJar(String command, String service) {
    properties.put("sun.java.command", command);
    assertThat(load(null).service()).isEqualTo(service);
  }

  @Test
  void aJarWithABlankInItsPathIsStillTheJar() {
    properties.put("sun.java.command", "/opt/my app/shop orders.jar run");
    properties.put("java.class.path", "/opt/my app/shop orders.jar");
    assertThat(load(null).service()).isEqualTo("shop_orders");
  }

  @Test
  void anUnsafeServiceNameIsKeptForRecordsAndSanitisedForFiles() {
    Config config = load("service=../shop orders");
    assertThat(config.service()).isEqualTo("../shop orders");
    assertThat(config.serviceFileName()).isEqualTo("_._shop_orders");
    assertThat(problems).singleElement().asString().contains("key=service", "files=_._shop_orders");
  }

  @Test
  void theRingIsNoMoreThanTheHeapCanSpare() {
    Config config = load("buffer=64MB");
    assertThat(config.ringBytes(4L << 30)).isEqualTo(64 << 20);
    assertThat(config.ringBytes(64L << 20)).isEqualTo(4 << 20);
    assertThat(config.ringBytes(1L << 20)).isEqualTo(256 << 10);
    assertThat(load("buffer=256KB").ringBytes(64L << 20)).isEqualTo(256 << 10);
  }
}

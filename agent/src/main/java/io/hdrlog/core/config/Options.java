package io.hdrlog.core.config;

import io.hdrlog.core.config.Option.Kind;
import io.hdrlog.core.kernel.KernelOptions.Probes;
import io.hdrlog.core.mask.MaskMode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Every option, declared once. The loader, the README's table and {@code doctor} all read from
 * here. Written without streams and lambdas: it runs before the service's own main.
 */
public final class Options {
  /** Before a key, as a system property. */
  public static final String PROPERTY_PREFIX = "hdrlog.";

  /** Before a key, as an environment variable. */
  public static final String ENVIRONMENT_PREFIX = "HDRLOG_";

  /** In a mask list, stands for the whole default list. */
  public static final String DEFAULT_ENTRY = "default";

  static final String MASK_HEADERS_DEFAULT =
      "authorization,proxy-authorization,cookie,set-cookie,*auth*,*token*,*secret*,*password*,"
          + "*passwd*,*api-key*,*apikey*,*credential*,*session*,*signature*,x-amz-security-token,"
          + "x-forwarded-client-cert";

  static final String MASK_QUERY_DEFAULT =
      "*token*,*secret*,*password*,*pwd*,*key*,*auth*,*session*,sig,*signature*,code,"
          + "AWSAccessKeyId,X-Amz-*,X-Goog-*";

  private static final long KB = 1024;
  private static final long MB = 1024 * KB;
  private static final long GB = 1024 * MB;
  private static final long TB = 1024 * GB;
  private static final long DAY_NS = 24L * 60 * 60 * 1_000_000_000;

  private static final List<Option<?>> DECLARED = new ArrayList<>();

  public static final Option<Boolean> ENABLED =
      bool("enabled", true, "`false`: the agent does nothing at all");
  public static final Option<String> SERVICE =
      text("service", "", "a name", "names the service and its log files");
  public static final Option<String> DIR =
      text("dir", "logs", "a folder", "the folder for log files; made if missing, files are 0640");
  public static final Option<Config.Kernel> KERNEL =
      choice(
          "kernel",
          Config.Kernel.AUTO,
          Config.Kernel.values(),
          "`auto`: the kernel stream where it is allowed; `off`; `on`: as auto, but a refusal is"
              + " logged as an error");
  public static final Option<Probes> KERNEL_PROBES =
      choice(
          "kernel.probes",
          Probes.AUTO,
          Probes.values(),
          "`auto`: the cheapest hook for each point in time; `uprobe`, `tracepoint`: that kind"
              + " wherever both exist");
  public static final Option<Config.Wire> WIRE =
      choice(
          "wire",
          Config.Wire.AUTO,
          Config.Wire.values(),
          "header blocks taken from the bytes on the wire: `auto` for connections that no"
              + " instrumented entry point claims, `always`, `off`");
  public static final Option<Boolean> CLIENT =
      bool("client", false, "log requests that the service sends as well");
  public static final Option<List<String>> REQUEST_HEADERS =
      globs(
          "request.headers",
          "*",
          "request headers to log; `!glob` excludes, the first match wins, what none matches is"
              + " left out");
  public static final Option<List<String>> RESPONSE_HEADERS =
      globs("response.headers", "*", "response headers to log, likewise");
  public static final Option<List<String>> MASK_HEADERS =
      globs(
          "mask.headers",
          MASK_HEADERS_DEFAULT,
          "headers whose values are masked; replaces the list below, in which an entry `default`"
              + " stands for it: `default,x-my-pin`");
  public static final Option<List<String>> MASK_QUERY =
      globs("mask.query", MASK_QUERY_DEFAULT, "query parameters whose values are masked, likewise");
  public static final Option<Boolean> MASK_VALUES =
      bool(
          "mask.values",
          true,
          "mask what looks like a secret in any value (JWT, `Bearer x`, PEM, cloud keys, card"
              + " numbers)");
  public static final Option<MaskMode> MASK_MODE =
      choice(
          "mask.mode",
          MaskMode.REDACT,
          MaskMode.values(),
          "`redact` gives `[masked]`; `hash` gives `[masked:` + 12 hex of an HMAC with a key made"
              + " per service + `]`, so that equal values can be matched");
  public static final Option<Boolean> MASK_IP =
      bool("mask.ip", false, "cut client addresses to /24 or /48");
  public static final Option<List<String>> TRUSTED_PROXIES =
      declare(
          new Option<>(
              "trusted.proxies",
              Kind.CIDRS,
              "",
              "a comma list of addresses or CIDR blocks, such as 10.0.0.0/8,2001:db8::/32",
              0,
              0,
              null,
              "only a peer in one of them may set `client.address` by Forwarded or"
                  + " X-Forwarded-For"));
  public static final Option<String> REQUEST_ID_HEADER =
      declare(
          new Option<>(
              "request.id.header",
              Kind.HEADER_NAME,
              "x-request-id",
              "a header's name",
              0,
              0,
              null,
              "where the request's id is taken from when it is safe (1 to 128 visible ASCII"
                  + " characters); else one is made (UUIDv7)"));
  public static final Option<Boolean> REQUEST_ID_RESPONSE =
      bool("request.id.response", false, "add the id's header to the response");
  public static final Option<String> REQUEST_ID_MDC =
      text(
          "request.id.mdc",
          "request_id",
          "a key, or empty",
          "key set in SLF4J, Log4j 2 or JBoss MDC while the request is handled; empty: not set");
  public static final Option<Double> SAMPLE =
      declare(
          new Option<>(
              "sample",
              Kind.SHARE,
              "1.0",
              "a number from 0 to 1",
              0,
              0,
              null,
              "share of requests logged; those with status >= 500, with an outcome other than"
                  + " `complete`, or slower than `sample.slow` are always logged"));
  public static final Option<Long> SAMPLE_SLOW =
      duration("sample.slow", "1s", 0, 365 * DAY_NS, "see `sample`");
  public static final Option<String> FILTER =
      text(
          "filter",
          "",
          "rules separated by semicolons, each drop, keep or sample=N with conditions",
          "the first rule that matches wins: `drop path=/health/*; keep status=5xx; sample=0.1"
              + " path=/static/*`");
  public static final Option<Long> ROTATE_SIZE =
      size("rotate.size", "256MB", 4 * KB, TB, "a file that would grow larger is closed");
  public static final Option<Long> ROTATE_TIME =
      duration(
          "rotate.time",
          "1d",
          0,
          3650 * DAY_NS,
          "a file with records this old is closed; `0s`: by size only");
  public static final Option<Integer> ROTATE_KEEP =
      declare(
          new Option<>(
              "rotate.keep",
              Kind.COUNT,
              "14",
              "a whole number from 1 to 1000000",
              1,
              1_000_000,
              null,
              "closed files kept; the oldest go first"));
  public static final Option<Long> ROTATE_TOTAL =
      size("rotate.total", "4GB", 4 * KB, 1024 * TB, "bytes of closed files kept, likewise");
  public static final Option<Boolean> ROTATE_COMPRESS =
      bool("rotate.compress", true, "gzip closed files, off the application's threads");
  static final long BUFFER_BYTES_MIN = 256 * KB;

  public static final Option<Long> BUFFER =
      size(
          "buffer",
          "8MB",
          BUFFER_BYTES_MIN,
          GB,
          "memory of the ring, at most a sixteenth of the heap; when it is full a record is dropped"
              + " and counted, and no application thread ever waits");
  public static final Option<String> CONFIG =
      text(
          "config",
          "",
          "a properties file",
          "a file with any of these options, `key=value` a line; read last");

  /** In the order of the README's table. */
  public static final List<Option<?>> ALL = Collections.unmodifiableList(DECLARED);

  private Options() {}

  /** The option with this key, or null. */
  public static Option<?> find(String key) {
    for (int i = 0; i < ALL.size(); i++) {
      if (ALL.get(i).key().equals(key)) {
        return ALL.get(i);
      }
    }
    return null;
  }

  /** The option whose key is fewest edits away. */
  public static Option<?> nearest(String key) {
    Option<?> best = ALL.get(0);
    int bestEdits = Integer.MAX_VALUE;
    String wanted = key.toLowerCase(Locale.ROOT);
    for (int i = 0; i < ALL.size(); i++) {
      int edits = EditDistance.between(wanted, ALL.get(i).key());
      if (edits < bestEdits) {
        bestEdits = edits;
        best = ALL.get(i);
      }
    }
    return best;
  }

  static String environmentName(String key) {
    return ENVIRONMENT_PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
  }

  private static Option<Boolean> bool(String key, boolean value, String meaning) {
    return declare(
        new Option<>(
            key, Kind.BOOLEAN, value ? "true" : "false", "true or false", 0, 0, null, meaning));
  }

  private static Option<String> text(String key, String value, String allowed, String meaning) {
    return declare(new Option<>(key, Kind.TEXT, value, allowed, 0, 0, null, meaning));
  }

  private static Option<List<String>> globs(String key, String value, String meaning) {
    return declare(
        new Option<>(
            key, Kind.GLOBS, value, "a comma list of globs such as x-*,!x-b", 0, 0, null, meaning));
  }

  private static Option<Long> size(String key, String value, long min, long max, String meaning) {
    String allowed =
        "a size from " + OptionValues.sizeText(min) + " to " + OptionValues.sizeText(max);
    return declare(new Option<>(key, Kind.SIZE, value, allowed, min, max, null, meaning));
  }

  private static Option<Long> duration(
      String key, String value, long minNs, long maxNs, String meaning) {
    String allowed = "a duration up to " + maxNs / DAY_NS + "d, with ns, us, ms, s, m, h or d";
    return declare(new Option<>(key, Kind.DURATION, value, allowed, minNs, maxNs, null, meaning));
  }

  private static <E extends Enum<E>> Option<E> choice(
      String key, E value, E[] choices, String meaning) {
    StringBuilder allowed = new StringBuilder();
    for (int i = 0; i < choices.length; i++) {
      if (i > 0) {
        allowed.append(i == choices.length - 1 ? " or " : ", ");
      }
      allowed.append(OptionValues.choiceText(choices[i]));
    }
    return declare(
        new Option<>(
            key,
            Kind.CHOICE,
            OptionValues.choiceText(value),
            allowed.toString(),
            0,
            0,
            choices,
            meaning));
  }

  private static <T> Option<T> declare(Option<T> option) {
    DECLARED.add(option);
    return option;
  }
}

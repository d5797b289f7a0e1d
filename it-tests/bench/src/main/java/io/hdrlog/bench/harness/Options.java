package io.hdrlog.bench.harness;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What to run and for how long; the defaults are the full run. */
final class Options {
  static final String USAGE =
      """
      run [--quick] [option value]...
        --quick                one short JVM of each variant: does everything work?
        --services tomcat,netty
        --tls none,jsse,tcnative,conscrypt,bouncycastle,openssl
        --placements pinned,free
        --variants none,none-again,hdrlog,hdrlog-before,hdrlog-no-kernel,
                   hdrlog-sampled,access-log,json-access-log,logbook,otel,otel-file
        --jvms N               rounds, of a JVM of each variant (1)
        --windows N            turns of load that each JVM gets (6)
        --seconds S            at saturation a turn (3)
        --latency S            at a quarter of it a turn; 0: not (3)
        --warm S               at saturation before all (40)
        --before JAR           another build, measured as variant hdrlog-before
        --starts N             starts of each variant to the first response; 0: none (6)
        --rate N               requests a second for latency (a quarter of none's)
        --connections N        (32)
        --logs DIR             where records are written, some 20 GB at a time (target/bench/logs)
      """;

  List<String> services = List.of("tomcat", "netty");
  List<String> tls = List.of("none", "jsse", "tcnative", "conscrypt", "bouncycastle", "openssl");
  List<String> placements = List.of("pinned", "free");
  List<Variant> variants = List.of(Variant.values());
  boolean variantsGiven;
  int jvms = 1;
  int windows = 6;
  int seconds = 3;
  int latencySeconds = 3;
  int warmSeconds = 40;
  int starts = 6;
  int rate;
  int connections = 32;
  Path logs;

  /** Null where there is none to compare with. */
  Path hdrlogBefore;

  /** Where paths on the command line begin. */
  private final Path caller = Path.of(System.getProperty("bench.caller"));

  final Path home = Path.of(System.getProperty("bench.home"));
  final Path hdrlogJar = Path.of(System.getProperty("bench.hdrlog"));
  final Path java = Path.of(System.getProperty("java.home"), "bin", "java");

  static Options parse(String[] args) {
    Options options = new Options();
    options.logs = options.home.resolve("target/bench/logs");
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals("--quick")) {
        options.quick();
        continue;
      }
      if (args[i].equals("--help")) {
        throw new IllegalArgumentException("Options:");
      }
      if (i + 1 == args.length) {
        throw new IllegalArgumentException("unknown option or no value: " + args[i]);
      }
      options.set(args[i], args[++i]);
    }
    return options;
  }

  private void quick() {
    jvms = 1;
    windows = 1;
    seconds = 2;
    latencySeconds = 2;
    warmSeconds = 4;
    starts = 1;
    tls = List.of("none");
    placements = List.of("pinned");
  }

  private void set(String key, String value) {
    switch (key) {
      case "--services" -> services = List.of(value.split(",", -1));
      case "--tls" -> tls = List.of(value.split(",", -1));
      case "--placements" -> placements = List.of(value.split(",", -1));
      case "--variants" -> {
        variants = variants(value);
        variantsGiven = true;
      }
      case "--jvms" -> jvms = Integer.parseInt(value);
      case "--windows" -> windows = Integer.parseInt(value);
      case "--seconds" -> seconds = Integer.parseInt(value);
      case "--latency" -> latencySeconds = Integer.parseInt(value);
      case "--warm" -> warmSeconds = Integer.parseInt(value);
      case "--starts" -> starts = Integer.parseInt(value);
      case "--rate" -> rate = Integer.parseInt(value);
      case "--connections" -> connections = Integer.parseInt(value);
      case "--before" -> hdrlogBefore = existing(value);
      case "--logs" -> logs = caller.resolve(value);
      default -> throw new IllegalArgumentException("unknown option: " + key);
    }
  }

  private Path existing(String value) {
    Path file = caller.resolve(value);
    if (!file.toFile().isFile()) {
      throw new IllegalArgumentException("no such file: " + file);
    }
    return file;
  }

  private static List<Variant> variants(String value) {
    List<Variant> chosen = new ArrayList<>();
    for (String key : value.split(",", -1)) {
      Variant found = null;
      for (Variant variant : Variant.values()) {
        if (variant.key().equals(key)) {
          found = variant;
        }
      }
      if (found == null) {
        throw new IllegalArgumentException("unknown variant: " + key);
      }
      chosen.add(found);
    }
    return chosen;
  }

  /**
   * Peers are run where the speed table has a figure for them; TLS and free threads are about
   * hdrlog, unless variants were named on the command line.
   */
  List<Scenario> scenarios() {
    List<Scenario> all = new ArrayList<>();
    for (String service : services) {
      for (String kind : tls) {
        for (String placement : placements) {
          boolean free = placement.equals("free");
          boolean plain = kind.equals("none");
          if (offers(service, kind) && (plain || !free)) {
            all.add(new Scenario(service, kind, free, variantsFor(service, plain && !free)));
          }
        }
      }
    }
    return all;
  }

  /** Tomcat has an OpenSSL of its own; what others bring is measured with Netty. */
  private static boolean offers(String service, String tls) {
    return switch (tls) {
      case "none", "jsse" -> true;
      case "openssl" -> service.equals("tomcat");
      default -> service.equals("netty");
    };
  }

  private List<Variant> variantsFor(String service, boolean peers) {
    List<Variant> list = new ArrayList<>();
    for (Variant variant : variants) {
      boolean wanted =
          peers
              || variantsGiven
              || variant == Variant.NONE
              || variant == Variant.HDRLOG
              || variant == Variant.HDRLOG_BEFORE;
      if (wanted && variant.runsOn(service) && hasJar(variant)) {
        list.add(variant);
      }
    }
    return list;
  }

  boolean hasJar(Variant variant) {
    Path jar = jar(variant);
    return !variant.isHdrlog() || (jar != null && jar.toFile().isFile());
  }

  Path jar(Variant variant) {
    return variant == Variant.HDRLOG_BEFORE ? hdrlogBefore : hdrlogJar;
  }
}

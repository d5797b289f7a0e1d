package io.hdrlog.core.cli;

import io.hdrlog.core.config.Config;
import io.hdrlog.core.config.ConfigLoader;
import io.hdrlog.core.select.Filter;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@code java -jar hdrlog.jar COMMAND}. */
public final class Cli {
  static final int OK = 0;
  static final int WRONG = 1;
  static final int USAGE = 2;

  private static final String HELP =
      """
      hdrlog: one record for every HTTP request, with kernel timing

      as an agent:
        java -javaagent:hdrlog.jar=service=orders,dir=/var/log/hdrlog -jar app.jar

      commands:
        tail [-f] [-n N] FILE|DIR [SERVICE]   show requests, one a line; -f follows
        report FILE|DIR...                    where the time went, and the slowest routes
        doctor [K=V,...]                      what works on this machine, and what does not
        attach PID [K=V,...]                  load the agent into a running JVM
        help                                  this text

      options are read from -Dhdrlog.K, HDRLOG_K and K=V, as in the agent; the README lists them.
      """;

  private final KernelCheck kernelCheck;
  private final Path jar;
  private final PrintStream out;
  private final PrintStream err;

  /**
   * A command line that writes to these streams.
   *
   * @param kernelCheck null where the kernel stream cannot even be tried
   * @param jar the agent's own, for attach; null where it is not known
   */
  public Cli(KernelCheck kernelCheck, Path jar, PrintStream out, PrintStream err) {
    this.kernelCheck = kernelCheck;
    this.jar = jar;
    this.out = out;
    this.err = err;
  }

  /** The exit code: 0 well, 1 something is wrong, 2 not understood. */
  public int run(String... arguments) {
    if (arguments.length == 0) {
      return usage("no command given");
    }
    List<String> rest = Arrays.asList(arguments).subList(1, arguments.length);
    try {
      return switch (arguments[0]) {
        case "help", "-h", "--help" -> help();
        case "tail" -> tail(rest);
        case "report" -> report(rest);
        case "doctor" -> doctor(rest);
        case "attach" -> attach(rest);
        default -> usage("unknown command: " + Text.printable(arguments[0]));
      };
    } catch (NoSuchFileException e) {
      err.println("hdrlog: no such file or folder: " + e.getMessage());
      return WRONG;
    } catch (IOException e) {
      err.println("hdrlog: cannot be read: " + e);
      return WRONG;
    } catch (InterruptedException e) {
      return OK;
    }
  }

  private int help() {
    out.print(HELP);
    return OK;
  }

  private int usage(String problem) {
    err.println("hdrlog: " + problem);
    err.println();
    err.print(HELP);
    return USAGE;
  }

  private int tail(List<String> arguments) throws IOException, InterruptedException {
    boolean follow = false;
    int lines = 10;
    List<String> names = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (argument.equals("-f")) {
        follow = true;
      } else if (argument.equals("-n") && i + 1 < arguments.size()) {
        i++;
        try {
          lines = Integer.parseUnsignedInt(arguments.get(i));
        } catch (NumberFormatException e) {
          return usage("-n takes a number, not " + Text.printable(arguments.get(i)));
        }
      } else {
        names.add(argument);
      }
    }
    if (names.isEmpty() || names.size() > 2) {
      return usage("tail takes a file, or a folder and perhaps a service");
    }
    Path path = Path.of(names.get(0));
    String service = names.size() > 1 ? names.get(1) : "";
    List<Path> found = LogFiles.active(path, service);
    if (found.isEmpty() && follow) {
      err.println("hdrlog: no log file there yet, waiting for one: " + names.get(0));
    }
    while (found.isEmpty() && follow) {
      Thread.sleep(Tail.POLL_MS);
      found = LogFiles.active(path, service);
    }
    if (found.size() != 1) {
      err.println(
          found.isEmpty()
              ? "hdrlog: no log file there: " + names.get(0)
              : "hdrlog: several services log there, name one:");
      for (Path file : found) {
        err.println("  " + file.getFileName().toString().replace(".jsonl", ""));
      }
      return found.isEmpty() ? WRONG : USAGE;
    }
    return new Tail(out).run(found.get(0), lines, follow);
  }

  private int report(List<String> arguments) throws IOException {
    if (arguments.isEmpty()) {
      return usage("report takes files or folders");
    }
    List<Path> paths = new ArrayList<>();
    for (String argument : arguments) {
      paths.addAll(LogFiles.all(Path.of(argument)));
    }
    if (paths.isEmpty()) {
      err.println("hdrlog: no log files there: " + String.join(" ", arguments));
      return WRONG;
    }
    Report report = new Report();
    for (Path path : paths) {
      report.read(path, err);
    }
    report.print(out);
    return OK;
  }

  private int doctor(List<String> arguments) throws IOException {
    List<String> problems = new ArrayList<>();
    Config config = ConfigLoader.load(String.join(",", arguments), problems);
    // Read only for what it says of rules that it does not understand.
    Filter.parse(config.filter(), config.sample(), null, problems::add);
    Doctor doctor = new Doctor(out, Path.of("/"), kernelCheck, InstantSource.system());
    return doctor.run(config, problems) ? OK : WRONG;
  }

  private int attach(List<String> arguments) {
    if (arguments.isEmpty() || arguments.size() > 2) {
      return usage("attach takes a process id and perhaps options");
    }
    return new Attach(jar, out, err)
        .run(arguments.get(0), arguments.size() > 1 ? arguments.get(1) : "");
  }
}

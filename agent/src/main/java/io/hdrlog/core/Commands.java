package io.hdrlog.core;

import io.hdrlog.core.cli.Cli;
import io.hdrlog.core.cli.KernelCheck;
import io.hdrlog.core.config.Config;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.KernelStream;
import io.hdrlog.core.kernel.KernelUnavailableException;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code java -jar hdrlog.jar COMMAND}, with the one thing a command needs of the agent itself. */
public final class Commands {
  private Commands() {}

  /**
   * Runs a command and returns the exit status.
   *
   * @param kernelRefusal why the kernel stream cannot be tried in this JVM; null if it can
   */
  public static int run(String[] arguments, File jar, String kernelRefusal) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    KernelCheck check = config -> check(config, kernelRefusal);
    int status = new Cli(check, jar.toPath(), out, System.err).run(arguments);
    out.flush();
    return status;
  }

  private static KernelCheck.Result check(Config config, String refusal) {
    if (refusal != null) {
      return new KernelCheck.Result(false, List.of(refusal));
    }
    KernelOptions options = new KernelOptions(config.kernelProbes(), config.client());
    try (KernelSource source = KernelStream.open(options)) {
      return new KernelCheck.Result(true, source.describe());
    } catch (KernelUnavailableException e) {
      return new KernelCheck.Result(false, List.of(e.getMessage()));
    } catch (RuntimeException | LinkageError e) {
      return new KernelCheck.Result(false, List.of("the agent's own fault: " + e));
    }
  }
}

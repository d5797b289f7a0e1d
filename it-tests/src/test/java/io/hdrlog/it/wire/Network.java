package io.hdrlog.it.wire;

import io.hdrlog.it.harness.Machine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A network namespace that the test made, gone when closed. */
public final class Network implements AutoCloseable {
  private final String name;

  private Network(String name) {
    this.name = name;
  }

  /** Makes one whose name no other run can have. */
  public static Network made(String role) {
    Network network = new Network("hdrlog-" + ProcessHandle.current().pid() + "-" + role);
    Machine.run("ip", "netns", "add", network.name);
    network.ip("link", "set", "lo", "up");
    return network;
  }

  /** For {@code Service.Builder.inNetwork}. */
  public Path file() {
    return Path.of("/var/run/netns", name);
  }

  /** Runs {@code ip} inside. */
  void ip(String... arguments) {
    String[] command = new String[arguments.length + 3];
    command[0] = "ip";
    command[1] = "-n";
    command[2] = name;
    System.arraycopy(arguments, 0, command, 3, arguments.length);
    Machine.run(command);
  }

  /** What a thread that is inside makes of it; sockets that it opens stay inside. */
  public <T> T inside(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    // A thread of its own, which ends: no other must find itself inside.
    Thread.ofPlatform()
        .name("in " + name)
        .start(
            () -> {
              try {
                Native.enterNetwork(file());
                result.complete(task.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.join();
    } catch (CompletionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  /** One of the kernel's TCP counters, of all sockets inside together. */
  public long tcpCounter(String counter) {
    return inside(
        () -> {
          List<String> lines =
              Files.readAllLines(Path.of("/proc/thread-self/net/snmp")).stream()
                  .filter(line -> line.startsWith("Tcp:"))
                  .toList();
          List<String> names = List.of(lines.get(0).split(" ", -1));
          return Long.parseLong(lines.get(1).split(" ", -1)[names.indexOf(counter)]);
        });
  }

  @Override
  public void close() {
    Machine.run("ip", "netns", "del", name);
  }

  /** Why there can be none on this machine; empty if there can. */
  public static String refused() {
    if (!Machine.isRoot()) {
      return "not root";
    }
    if (!Files.exists(Path.of("/dev/net/tun"))) {
      return "no /dev/net/tun";
    }
    try (Network network = made("try")) {
      return Files.exists(network.file()) ? "" : "ip netns add made nothing";
    } catch (IllegalStateException e) {
      return String.valueOf(e.getMessage());
    }
  }
}

package io.hdrlog.bench.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;

/**
 * Answers the harness over standard input and error: what was handled and allocated so far. Pipes
 * rather than a port of its own, so that no socket but the service's own is seen by an agent.
 */
final class Control {
  /** Requests that reached the handler, one count for every one of them. */
  static final LongAdder HANDLED = new LongAdder();

  private Control() {}

  static void start(AutoCloseable server) {
    Thread thread = new Thread(() -> serve(server), "bench-control");
    thread.setDaemon(true);
    thread.start();
  }

  /** A closed pipe means that the harness is gone, and then nobody else would end this JVM. */
  private static void serve(AutoCloseable server) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (line.equals("stats")) {
          printStats();
        } else if (line.equals("exit")) {
          break;
        }
      }
      server.close();
    } catch (IOException | RuntimeException e) {
      System.err.println("control failed: " + e);
    } catch (Exception e) {
      System.err.println("stop failed: " + e);
    }
    System.exit(0);
  }

  private static void printStats() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    StringBuilder text = new StringBuilder();
    text.append("bench handled ").append(HANDLED.sum()).append('\n');
    text.append("bench compile_ms ")
        .append(ManagementFactory.getCompilationMXBean().getTotalCompilationTime())
        .append('\n');
    text.append("bench classes ")
        .append(ManagementFactory.getClassLoadingMXBean().getTotalLoadedClassCount())
        .append('\n');
    for (var gc : ManagementFactory.getGarbageCollectorMXBeans()) {
      text.append("bench gc ").append(gc.getCollectionCount()).append('\n');
    }
    text.append("bench allocated ").append(threads.getTotalThreadAllocatedBytes()).append('\n');
    for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null) {
        text.append("bench thread ")
            .append(threads.getThreadAllocatedBytes(info.getThreadId()))
            .append(' ')
            .append(info.getThreadName())
            .append('\n');
      }
    }
    System.err.print(text.append("bench end\n"));
    System.err.flush();
  }
}

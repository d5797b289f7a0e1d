package io.hdrlog.it.wire;

import io.hdrlog.it.harness.Pause;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A packet capture of one port of the loopback interface: tcpdump writes it, this reads the file.
 *
 * <p>Stamps are CLOCK_REALTIME in nanoseconds, made by the kernel where loopback hands a packet
 * from its sender to its receiver. A packet passes there once as outgoing and once as incoming;
 * libpcap leaves out the outgoing copy, so each is there once.
 */
public final class Capture implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(10);
  private static final int STOP_S = 10;

  /** The kernel hands packets over in blocks, the last one when this is over. */
  private static final int FLUSH_MS = 1_500;

  private static final int HEADERS_BYTES = 128;
  private static final int KERNEL_BUFFER_KB = 32 * 1024;
  private static final int PCAP_NANOSECONDS = 0xa1b23c4d;
  private static final int FILE_HEADER_BYTES = 24;
  private static final int ETHERNET = 1;
  private static final int ETHERNET_HEADER_BYTES = 14;
  private static final Pattern DROPPED = Pattern.compile("(\\d+) packets? dropped by kernel");

  private final Process process;
  private final Path file;
  private final Path said;

  private Capture(Process process, Path file, Path said) {
    this.process = process;
    this.file = file;
    this.said = said;
  }

  /** Begins, and returns when packets are being captured. */
  public static Capture ofPort(int port) {
    try {
      Path file = Files.createTempFile("hdrlog-it", ".pcap");
      Path said = Files.createTempFile("hdrlog-it", ".tcpdump");
      Process process =
          new ProcessBuilder(
                  "tcpdump",
                  "--interface=lo",
                  "--time-stamp-precision=nano",
                  "--snapshot-length=" + HEADERS_BYTES,
                  "--buffer-size=" + KERNEL_BUFFER_KB,
                  "--relinquish-privileges=root",
                  "-n",
                  "-w",
                  file.toString(),
                  "tcp port " + port)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      Capture capture = new Capture(process, file, said);
      long end = System.nanoTime() + START.toNanos();
      while (!capture.said().contains("listening on")) {
        if (System.nanoTime() > end || !process.isAlive()) {
          process.destroyForcibly();
          throw new IllegalStateException("tcpdump does not capture: " + capture.said());
        }
        Pause.millis(10);
      }
      return capture;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends, and returns all that was captured. Fails if the kernel had to leave something out. */
  public List<Segment> finish() {
    Pause.millis(FLUSH_MS);
    stop();
    Matcher dropped = DROPPED.matcher(said());
    if (!dropped.find() || !dropped.group(1).equals("0")) {
      throw new IllegalStateException("the capture is not whole: " + said());
    }
    try {
      return parse(ByteBuffer.wrap(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Segment> parse(ByteBuffer pcap) {
    pcap.order(ByteOrder.LITTLE_ENDIAN);
    if (pcap.getInt(0) != PCAP_NANOSECONDS || pcap.getInt(20) != ETHERNET) {
      throw new IllegalStateException(
          "not what was asked for: magic=%x link=%d".formatted(pcap.getInt(0), pcap.getInt(20)));
    }
    List<Segment> segments = new ArrayList<>();
    pcap.position(FILE_HEADER_BYTES);
    while (pcap.hasRemaining()) {
      long ns = Integer.toUnsignedLong(pcap.getInt()) * 1_000_000_000L + pcap.getInt();
      int length = pcap.getInt();
      pcap.getInt();
      ByteBuffer packet =
          pcap.slice(pcap.position() + ETHERNET_HEADER_BYTES, length - ETHERNET_HEADER_BYTES);
      Optional<Segment> segment = Segment.of(ns, packet);
      segment.ifPresent(segments::add);
      pcap.position(pcap.position() + length);
    }
    return segments;
  }

  private String said() {
    try {
      return Files.readString(said, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void stop() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException("tcpdump does not end: pid=" + process.pid());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      process.destroyForcibly();
    }
  }

  @Override
  public void close() {
    if (process.isAlive()) {
      stop();
    }
    try {
      Files.deleteIfExists(file);
      Files.deleteIfExists(said);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

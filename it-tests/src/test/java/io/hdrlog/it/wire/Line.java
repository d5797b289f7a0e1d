package io.hdrlog.it.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A line between two networks that is as bad as it is told to be, and keeps a list of what passed.
 *
 * <p>It does what {@code tc netem} does, which kernels without modules often lack (those this is
 * tested on among them): each network has a tun interface, and what comes out of the one is put
 * into the other later, twice, out of turn or not at all. Its stamps are System.nanoTime.
 */
public final class Line implements AutoCloseable {
  private static final int MTU = 1500;
  private static final int POLL_MS = 50;
  private static final String INTERFACE = "line";
  private static final String SERVER = "10.99.0.1";
  private static final String CLIENT = "10.99.0.2";

  /** How bad it is. Delays are one way; shares are of segments that carry bytes. */
  public record Quality(
      double delayMs, double lossToClient, double duplicated, double overtaken, double behindMs) {
    public static final Quality PERFECT = new Quality(0, 0, 0, 0, 0);

    public static Quality delay(double millis) {
      return new Quality(millis, 0, 0, 0, 0);
    }

    /** Of what goes to the client, that share is lost. */
    public static Quality loss(double share) {
      return new Quality(0, share, 0, 0, 0);
    }
  }

  private static final class Packet implements Delayed {
    private final byte[] bytes;
    private final long dueNs;
    private final long number;

    Packet(byte[] bytes, long dueNs, long number) {
      this.bytes = bytes;
      this.dueNs = dueNs;
      this.number = number;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(dueNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Packet that = (Packet) other;
      return dueNs == that.dueNs
          ? Long.compare(number, that.number)
          : Long.signum(dueNs - that.dueNs);
    }
  }

  /** One direction. */
  private final class Direction {
    private final int from;
    private final int to;
    private final boolean toClient;
    private final Random random;
    private final DelayQueue<Packet> underWay = new DelayQueue<>();
    private long taken;

    Direction(int from, int to, boolean toClient, long seed) {
      this.from = from;
      this.to = to;
      this.toClient = toClient;
      this.random = new Random(seed);
    }

    void take() {
      while (!closed) {
        if (!Native.readable(from, POLL_MS)) {
          continue;
        }
        byte[] bytes = Native.read(from, MTU);
        long now = System.nanoTime();
        Optional<Segment> segment = Segment.of(now, ByteBuffer.wrap(bytes));
        if (toClient) {
          segment.ifPresent(left::add);
        }
        boolean carries = segment.isPresent() && segment.get().payload() > 0;
        Quality q = quality;
        // All four are drawn for each: what one is told does not change what the others are.
        boolean lost = random.nextDouble() < q.lossToClient && toClient && carries;
        boolean twice = random.nextDouble() < q.duplicated && carries;
        boolean behind = random.nextDouble() < q.overtaken && carries;
        long due = now + (long) ((q.delayMs + (behind ? q.behindMs : 0)) * 1e6);
        if (lost) {
          lostCount.incrementAndGet();
          continue;
        }
        underWay.add(new Packet(bytes, due, taken++));
        if (twice) {
          duplicatedCount.incrementAndGet();
          underWay.add(new Packet(bytes, due, taken++));
        }
        if (behind) {
          behindCount.incrementAndGet();
        }
      }
    }

    void give() throws InterruptedException {
      while (!closed) {
        Packet packet = underWay.poll(POLL_MS, TimeUnit.MILLISECONDS);
        if (packet != null) {
          long now = System.nanoTime();
          if (!toClient) {
            Segment.of(now, ByteBuffer.wrap(packet.bytes)).ifPresent(arrived::add);
          }
          Native.write(to, packet.bytes);
        }
      }
    }
  }

  private interface Work {
    void run() throws InterruptedException;
  }

  private final List<Segment> arrived = Collections.synchronizedList(new ArrayList<>());
  private final List<Segment> left = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong lostCount = new AtomicLong();
  private final AtomicLong duplicatedCount = new AtomicLong();
  private final AtomicLong behindCount = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private final int serverTun;
  private final int clientTun;
  private volatile Quality quality = Quality.PERFECT;
  private volatile boolean closed;

  private Line(int serverTun, int clientTun) {
    this.serverTun = serverTun;
    this.clientTun = clientTun;
  }

  /** Joins two networks. The seed decides which packets meet with what. */
  public static Line between(Network server, Network client, long seed) {
    int serverTun = end(server, SERVER, CLIENT);
    int clientTun = end(client, CLIENT, SERVER);
    Line line = new Line(serverTun, clientTun);
    Direction down = line.new Direction(serverTun, clientTun, true, seed);
    Direction up = line.new Direction(clientTun, serverTun, false, ~seed);
    line.work("down, taking", down::take);
    line.work("down, giving", down::give);
    line.work("up, taking", up::take);
    line.work("up, giving", up::give);
    return line;
  }

  private static int end(Network network, String address, String peer) {
    int tun = network.inside(() -> Native.openTun(INTERFACE));
    network.ip("address", "add", address, "peer", peer, "dev", INTERFACE);
    network.ip("link", "set", INTERFACE, "mtu", Integer.toString(MTU), "up");
    return tun;
  }

  private void work(String name, Work work) {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name("line " + name)
            .start(
                () -> {
                  try {
                    work.run();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    threads.add(thread);
  }

  public String serverAddress() {
    return SERVER;
  }

  /** From now on; what is under way stays as it was. */
  public void become(Quality better) {
    quality = better;
  }

  public long lost() {
    return lostCount.get();
  }

  public long duplicated() {
    return duplicatedCount.get();
  }

  public long overtaken() {
    return behindCount.get();
  }

  /**
   * All so far in the order of their stamps: to the server when they reached it, to the client when
   * they left the server, which is what a capture beside the server would show.
   */
  public List<Segment> atServer() {
    List<Segment> all = new ArrayList<>();
    synchronized (arrived) {
      all.addAll(arrived);
    }
    synchronized (left) {
      all.addAll(left);
    }
    all.sort((a, b) -> Long.signum(a.ns() - b.ns()));
    return all;
  }

  @Override
  public void close() {
    closed = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    Native.close(serverTun);
    Native.close(clientTun);
  }
}

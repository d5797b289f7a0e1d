import java.io.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What ADR 7 rests on: the price of getsockopt(TCP_INFO) through the foreign function API, what it
 * does to a thread that uses the same socket, and what a descriptor that was closed tells.
 */
public final class TcpInfo {
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_INFO = 11;
  private static final int SOL_SOCKET = 1;
  private static final int SO_COOKIE = 57;

  /** Offsets in struct tcp_info. */
  private static final int RTT = 68;

  private static final int TOTAL_RETRANS = 100;
  private static final int BYTES = 232;

  private static final int CALLS = 200_000;
  private static final int ROUNDS = 7;

  private final MethodHandle getsockopt;
  private final MemorySegment info;
  private final MemorySegment length;
  private final MemorySegment cookie;

  private TcpInfo(Arena arena) {
    Linker linker = Linker.nativeLinker();
    getsockopt =
        linker.downcallHandle(
            linker.defaultLookup().find("getsockopt").orElseThrow(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS));
    info = arena.allocate(BYTES, 8);
    length = arena.allocate(4, 4);
    cookie = arena.allocate(8, 8);
  }

  private int info(int fd) throws Throwable {
    length.set(ValueLayout.JAVA_INT, 0, BYTES);
    return (int) getsockopt.invokeExact(fd, IPPROTO_TCP, TCP_INFO, info, length);
  }

  private int cookie(int fd) throws Throwable {
    length.set(ValueLayout.JAVA_INT, 0, 8);
    return (int) getsockopt.invokeExact(fd, SOL_SOCKET, SO_COOKIE, cookie, length);
  }

  public static void main(String[] args) throws Throwable {
    System.out.printf(
        "Measured %s, Linux %s, JDK %s, load average %s%n%n",
        Instant.now(),
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip(),
        System.getProperty("java.runtime.version"),
        Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
    System.out.println("| | |\n|---|---|");
    try (Arena arena = Arena.ofShared();
        ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      SocketChannel server = listener.accept();
      long began = cpuNs();
      TcpInfo calls = new TcpInfo(arena);
      int fd = descriptor(server);
      calls.info(fd);
      row(
          "first call, the foreign function API started by it, CPU",
          "%.1f ms",
          (cpuNs() - began) / 1e6);
      exchange(client, server);

      double one = median(() -> calls.info(fd));
      row("`TCP_INFO`, CPU", "%.0f ns", one);
      double both = median(() -> calls.info(fd) + calls.cookie(fd));
      row("`TCP_INFO`, then `SO_COOKIE` to know whose it was, CPU", "%.0f ns", both);
      contention(calls, fd, client, server);
      whoseIsIt(calls, listener, arena);
      early(calls, fd);
      client.close();
      server.close();
    }
  }

  /** Of this thread: the machine may be busy with others. */
  private static long cpuNs() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private interface Call {
    int run() throws Throwable;
  }

  private static double median(Call call) throws Throwable {
    double[] ns = new double[ROUNDS];
    for (int round = -3; round < ROUNDS; round++) {
      long began = cpuNs();
      for (int i = 0; i < CALLS; i++) {
        if (call.run() != 0) {
          throw new IllegalStateException("getsockopt failed");
        }
      }
      if (round >= 0) {
        ns[round] = (double) (cpuNs() - began) / CALLS;
      }
    }
    Arrays.sort(ns);
    return ns[ROUNDS / 2];
  }

  /** An exchange's two calls on the application's side, alone and while another thread asks. */
  private static void contention(TcpInfo calls, int fd, SocketChannel client, SocketChannel server)
      throws Throwable {
    List<Double> alone = new ArrayList<>();
    List<Double> asked = new ArrayList<>();
    for (int round = 0; round < ROUNDS * 2; round++) {
      boolean asks = round % 2 == 1;
      boolean[] stop = new boolean[1];
      Thread asker =
          new Thread(
              () -> {
                try {
                  while (!volatileRead(stop)) {
                    calls.info(fd);
                  }
                } catch (Throwable e) {
                  throw new IllegalStateException(e);
                }
              });
      if (asks) {
        asker.start();
      }
      long ns = 0;
      for (int i = 0; i < 20_000; i++) {
        ns += exchange(client, server);
      }
      synchronized (stop) {
        stop[0] = true;
      }
      if (asks) {
        asker.join();
      }
      (asks ? asked : alone).add(ns / 20_000.0);
    }
    alone.sort(null);
    asked.sort(null);
    row("a read and a write of the socket, nobody asking, wall clock", "%.0f ns", alone.get(ROUNDS / 2));
    row("the same while another thread asks without pause: it takes the socket's lock", "%.0f ns", asked.get(ROUNDS / 2));
  }

  private static boolean volatileRead(boolean[] stop) {
    synchronized (stop) {
      return stop[0];
    }
  }

  /** The server's part of an exchange, in nanoseconds. */
  private static long exchange(SocketChannel client, SocketChannel server) throws Exception {
    ByteBuffer buffer = ByteBuffer.allocateDirect(600);
    client.write(buffer.limit(200));
    buffer.clear();
    long began = System.nanoTime();
    server.read(buffer.clear());
    server.write(buffer.clear());
    long ns = System.nanoTime() - began;
    for (int read = 0; read < 600; ) {
      read += client.read(buffer.clear());
    }
    return ns;
  }

  /** How often a descriptor that was closed is another connection's when it is asked later. */
  private static void whoseIsIt(TcpInfo calls, ServerSocketChannel listener, Arena arena)
      throws Throwable {
    int others = 0;
    for (int i = 0; i < 1_000; i++) {
      SocketChannel client = SocketChannel.open(listener.getLocalAddress());
      SocketChannel server = listener.accept();
      int fd = descriptor(server);
      calls.cookie(fd);
      long own = calls.cookie.get(ValueLayout.JAVA_LONG, 0);
      server.close();
      SocketChannel next = SocketChannel.open(listener.getLocalAddress());
      SocketChannel accepted = listener.accept();
      boolean told = calls.info(fd) == 0;
      if (told && calls.cookie(fd) == 0 && calls.cookie.get(ValueLayout.JAVA_LONG, 0) != own) {
        others++;
      }
      client.close();
      next.close();
      accepted.close();
    }
    row("asked after close, of 1,000: another connection's values without an error", "%.0f", (double) others);
  }

  /** What it says as soon as the response is written. */
  private static void early(TcpInfo calls, int fd) throws Throwable {
    calls.info(fd);
    row("`tcpi_rtt` right after a response", "%.0f us", (double) calls.info.get(ValueLayout.JAVA_INT, RTT));
    row("`tcpi_total_retrans`, of the connection's whole life", "%.0f", (double) calls.info.get(ValueLayout.JAVA_INT, TOTAL_RETRANS));
  }

  private static int descriptor(SocketChannel channel) throws ReflectiveOperationException {
    Field field = channel.getClass().getDeclaredField("fd");
    field.setAccessible(true);
    Field number = FileDescriptor.class.getDeclaredField("fd");
    number.setAccessible(true);
    return number.getInt(field.get(channel));
  }

  private static void row(String what, String format, double value) {
    System.out.printf("| %s | " + format + " |%n", what, value);
  }
}

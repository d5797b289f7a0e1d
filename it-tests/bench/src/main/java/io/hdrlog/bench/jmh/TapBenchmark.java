package io.hdrlog.bench.jmh;

import io.hdrlog.bench.Headers;
import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.health.Counters;
import io.hdrlog.core.http.RequestIds;
import io.hdrlog.core.tap.TapOptions;
import io.hdrlog.core.tap.TapSink;
import io.hdrlog.tap.Tap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What is added to an application's thread for one request, but for the ring: the calls that the
 * advice makes, in their order, on a keep-alive connection.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class TapBenchmark {
  private final byte[] request = Headers.request(1);
  private final byte[] response = Sample.RESPONSE_HEAD;
  private final ClassLoader application = TapBenchmark.class.getClassLoader();
  private long published;
  private Object coyote;
  private Object netty;

  @Setup
  public void open() {
    RequestIds ids = new RequestIds("x-request-id", 0);
    Tap.install(
        new TapSink(
            this::publish,
            ids::id,
            null,
            TapOptions.defaults(),
            new Counters(),
            new Tail.Silent()));
    Object wrapper = new Object();
    Tap.coyoteAccepted(wrapper);
    coyote = Tap.coyoteState();
    Tap.coyoteAttach(coyote, wrapper);
    InetSocketAddress local = new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    InetSocketAddress remote = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    netty = Tap.nettyOpen(remote, local);
  }

  private boolean publish(Exchange exchange) {
    published += exchange.requestHeadLength;
    return true;
  }

  @Benchmark
  public long tomcat() {
    Tap.coyoteFilled(coyote, request, 0, request.length, true);
    Tap.coyoteHead(coyote, request.length);
    Tap.coyoteEnter(coyote);
    Tap.coyoteMapped(coyote, false, application);
    Tap.coyoteRoute(coyote, "", "/*");
    Tap.coyoteExit(coyote, null);
    Tap.coyoteResponse(coyote, response, 0, response.length);
    Tap.coyoteLeave(coyote);
    Tap.coyoteEnd(coyote, 0, 0, Headers.BODY_BYTES, Headers.BODY_BYTES);
    return published;
  }

  @Benchmark
  public long netty() {
    int copied = Tap.nettyDecoding(netty, request.length, 0, true);
    System.arraycopy(request, 0, Tap.nettyArray(netty), Tap.nettyOffset(netty), copied);
    Tap.nettyDecoded(netty, request.length, copied, true, false, 0, null);
    Tap.nettyDecoding(netty, 0, 0, false);
    Tap.nettyDecoded(netty, 0, 0, false, true, 0, null);
    boolean handling = Tap.nettyHandle(netty, application);
    int length = Tap.nettyResponding(netty, 200, response.length);
    System.arraycopy(response, 0, Tap.nettyResponseArray(netty), 0, length);
    Tap.nettyEncoded(netty, (long) response.length + Headers.BODY_BYTES, Headers.BODY_BYTES, true);
    if (handling) {
      Tap.nettyHandled(netty);
    }
    return published;
  }
}

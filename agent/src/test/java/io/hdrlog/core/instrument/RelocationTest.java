package io.hdrlog.core.instrument;

import static io.hdrlog.core.instrument.Harness.requestHead;
import static io.hdrlog.core.instrument.Harness.responseHead;
import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.exchange.Exchange;
import io.hdrlog.core.exchange.Outcome;
import io.hdrlog.core.instrument.netty.NettyApp;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A Netty that somebody carries along under a name of his own is Netty all the same. */
class RelocationTest {
  private static final String PREFIX = "some/body/shaded/";
  private static final String GET = "GET /app/a HTTP/1.1\r\nHost: localhost\r\n\r\n";

  private final Relocation relocation =
      new Relocation(
          List.of("io/netty/channel/Pipe", "io/grpc/netty/Server", "org/apache/tomcat/Pipe"));

  @Test
  void theNameBeforeIsFoundBehindAnyPrefix() {
    assertThat(relocation.original("a/io/netty/channel/Pipe")).isEqualTo("io/netty/channel/Pipe");
    assertThat(relocation.original("io/grpc/netty/shaded/io/grpc/netty/Server"))
        .isEqualTo("io/grpc/netty/Server");
  }

  @Test
  void nothingElseIs() {
    assertThat(relocation.original("io/netty/channel/Pipe")).isNull();
    assertThat(relocation.original("studio/netty/channel/Pipe")).isNull();
    assertThat(relocation.original("a/io/netty/channel/Pipes")).isNull();
    assertThat(relocation.original("a/org/apache/tomcat/Pipe")).isNull();
    assertThat(relocation.original("Pipe")).isNull();
  }

  @Test
  void itsRequestsAreRecorded() throws Exception {
    Harness harness = Harness.install();
    harness.exchanges.clear();
    try (Shading loader = new Shading()) {
      int port = (Integer) loader.call(NettyApp.class, "start");
      try (RawClient client = new RawClient(port)) {
        client.send(GET).response();
        Exchange exchange = harness.only();
        assertThat(exchange.outcome).isEqualTo(Outcome.COMPLETE);
        assertThat(requestHead(exchange)).isEqualTo(GET);
        assertThat(responseHead(exchange)).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(exchange.rxEnd).isEqualTo(GET.length());
      } finally {
        loader.call(NettyApp.class, "stop");
      }
    }
    assertThat(harness.log)
        .anyMatch(
            line ->
                line.startsWith(
                    "instrumented class="
                        + PREFIX.replace('/', '.')
                        + "io.netty.channel.DefaultChannelPipeline "))
        .noneMatch(line -> line.contains("failed class=" + PREFIX.replace('/', '.')));
  }

  /** Loads Netty and the application as a build that shades leaves them. */
  private static final class Shading extends IsolatedLoader {
    Shading() throws IOException {
      super(entry -> true);
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      String internalName = name.replace('.', '/');
      boolean netty = internalName.startsWith(PREFIX);
      if (!netty && !name.startsWith(NettyApp.class.getName())) {
        return super.findClass(name);
      }
      String file = (netty ? internalName.substring(PREFIX.length()) : internalName) + ".class";
      try (InputStream in = getResourceAsStream(file)) {
        if (in == null) {
          throw new ClassNotFoundException(name);
        }
        byte[] shaded = Relocation.applied(in.readAllBytes(), PREFIX);
        return defineClass(name, shaded, 0, shaded.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }
  }
}

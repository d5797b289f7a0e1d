package io.hdrlog.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.bpf.Recorder.Connection;
import io.hdrlog.core.kernel.KernelOptions;
import io.hdrlog.core.kernel.KernelSource;
import io.hdrlog.core.kernel.MarkKind;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Uprobes on Netty's epoll transport, whose library comes when the hooks are there already. */
class NettyKernelTest {
  @TempDir Path natives;

  @BeforeAll
  static void rights() throws Exception {
    KernelRights.require();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // a failure fails the client's read
    public void channelRead(ChannelHandlerContext context, Object message) {
      // Twice the size, in two buffers: a gathering write.
      ByteBuf bytes = (ByteBuf) message;
      context.write(bytes.retainedDuplicate(), context.voidPromise());
      context.writeAndFlush(bytes, context.voidPromise());
    }
  }

  @Test
  void nettysReadsWritesAndAcceptsAreMarked() throws Exception {
    Recorder recorder = new Recorder();
    try (KernelSource source =
        new BpfKernelSourceProvider()
            .open(new KernelOptions(KernelOptions.Probes.UPROBE, false), natives)) {
      assertThat(source.describe()).noneMatch(line -> line.contains("netty_unix"));
      EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
      Channel listener =
          new ServerBootstrap()
              .group(group)
              .channel(EpollServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(new Echo());
                    }
                  })
              .bind(InetAddress.getLoopbackAddress(), 0)
              .sync()
              .channel();
      recorder.await(source, () -> source.describe().stream().anyMatch(l -> l.contains("netty_")));
      int port = ((InetSocketAddress) listener.localAddress()).getPort();
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
        for (int i = 1; i <= 10; i++) {
          client.getOutputStream().write(new byte[50]);
          assertThat(client.getInputStream().readNBytes(100)).hasSize(100);
        }
        recorder.await(
            source,
            () ->
                recorder.byRemotePort.containsKey(client.getLocalPort())
                    && recorder.byRemotePort.get(client.getLocalPort()).position(MarkKind.ACK)
                        == 1000);
        Connection c = recorder.byRemotePort.get(client.getLocalPort());
        assertThat(c.position(MarkKind.ARRIVAL)).isEqualTo(500);
        assertThat(c.marks(MarkKind.READ)).hasSize(10);
        assertThat(c.position(MarkKind.READ)).isEqualTo(500);
        assertThat(c.marks(MarkKind.SEND)).hasSize(10);
        assertThat(c.position(MarkKind.SEND)).isEqualTo(1000);
        assertThat(c.acceptedNs).isGreaterThanOrEqualTo(c.establishedNs);
        assertThat(c.establishedNs).isNotZero();
      } finally {
        listener.close().sync();
        group.shutdownGracefully().sync();
      }
    }
  }
}

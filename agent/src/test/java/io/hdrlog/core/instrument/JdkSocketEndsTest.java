package io.hdrlog.core.instrument;

import static org.assertj.core.api.Assertions.assertThat;

import io.hdrlog.core.instrument.jdk.JdkSocketEnds;
import io.hdrlog.core.tap.SocketEnds;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketImpl;
import net.bytebuddy.agent.ByteBuddyAgent;
import org.junit.jupiter.api.Test;

class JdkSocketEndsTest {
  private final SocketEnds ends = JdkSocketEnds.open(ByteBuddyAgent.install());

  private static SocketImpl implOf(Socket socket) throws ReflectiveOperationException {
    Field impl = Socket.class.getDeclaredField("impl");
    impl.setAccessible(true);
    return (SocketImpl) impl.get(socket);
  }

  @Test
  void tellsOfASocketOfTheJdksWhetherItIsClosed() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    try (ServerSocket listener = new ServerSocket(0, 1, loopback);
        Socket client = new Socket(loopback, listener.getLocalPort())) {
      Socket accepted = listener.accept();
      SocketImpl impl = implOf(accepted);
      assertThat(ends.isClosed(impl)).isFalse();
      assertThat(client.getInputStream().available()).isZero();
      accepted.close();
      assertThat(ends.isClosed(impl)).isTrue();
    }
  }
}

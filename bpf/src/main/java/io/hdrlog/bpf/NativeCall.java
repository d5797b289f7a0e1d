package io.hdrlog.bpf;

import java.util.ArrayList;
import java.util.List;

/**
 * A native function that reads, writes or accepts on a socket for Java, and the programs for its
 * entry and its return.
 *
 * @param library part of the file name of the library that has it
 * @param functions the name it has; where JDKs differ several, the first that exists being taken
 * @param entered the program for its entry, or null
 * @param left the program for its return
 * @param descriptorInObject the file descriptor is to be read out of a FileDescriptor
 */
record NativeCall(
    String library,
    List<String> functions,
    String entered,
    String left,
    boolean descriptorInObject) {

  private static final String JDK = "libnio.so";

  /** Shaded copies put their own prefix before this, and the loader a random suffix after it. */
  private static final String NETTY = "netty_transport_native_epoll";

  static final List<NativeCall> READS =
      List.of(
          jdk("on_call_object", "on_read_return_int", "SocketDispatcher_read0"),
          jdk("on_call_object", "on_read_return", "SocketDispatcher_readv0"),
          netty("on_call_int", "on_read_return_int", "netty_unix_filedescriptor_read"),
          netty("on_call_int", "on_read_return_int", "netty_unix_filedescriptor_readAddress"),
          netty("on_call_int", "on_read_return_int", "netty_unix_socket_recv"),
          netty("on_call_int", "on_read_return_int", "netty_unix_socket_recvAddress"));

  static final List<NativeCall> SENDS =
      List.of(
          jdk(
              "on_call_object",
              "on_send_return_int",
              "SocketDispatcher_write0",
              "UnixFileDispatcherImpl_write0",
              "FileDispatcherImpl_write0"),
          jdk(
              "on_call_object",
              "on_send_return",
              "SocketDispatcher_writev0",
              "UnixFileDispatcherImpl_writev0",
              "FileDispatcherImpl_writev0"),
          jdk(
              "on_call_transfer",
              "on_send_return",
              "FileDispatcherImpl_transferTo0",
              "FileChannelImpl_transferTo0"),
          netty("on_call_int", "on_send_return_int", "netty_unix_filedescriptor_write"),
          netty("on_call_int", "on_send_return_int", "netty_unix_filedescriptor_writeAddress"),
          netty("on_call_int", "on_send_return", "netty_unix_filedescriptor_writev"),
          netty("on_call_int", "on_send_return", "netty_unix_filedescriptor_writevAddresses"),
          netty("on_call_int", "on_send_return_int", "netty_unix_socket_send"),
          netty("on_call_int", "on_send_return_int", "netty_unix_socket_sendAddress"),
          netty("on_call_int", "on_send_return", "netty_epoll_linuxsocket_sendFile"));

  static final List<NativeCall> ACCEPTS =
      List.of(
          jdk("on_accept_object", "on_accept_object_return", "Net_accept"),
          netty(null, "on_accept_int_return", "netty_unix_socket_accept"));

  private static NativeCall jdk(String entered, String left, String... functions) {
    List<String> symbols = new ArrayList<>();
    for (String function : functions) {
      symbols.add("Java_sun_nio_ch_" + function);
    }
    return new NativeCall(JDK, symbols, entered, left, true);
  }

  private static NativeCall netty(String entered, String left, String function) {
    return new NativeCall(NETTY, List.of(function), entered, left, false);
  }
}

package io.hdrlog.it.service;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousSocketChannel;
import java.nio.channels.CompletionHandler;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/** One connection of {@link AsynchronousService}: reads, answers what is there, reads on. */
final class AsynchronousConversation {
  private static final int BYTES = 64 * 1024;
  private static final int RECORD_ROOM = 32 * 1024;

  private final AsynchronousSocketChannel channel;
  private final SSLEngine engine;
  private final boolean many;
  private final ByteBuffer network = ByteBuffer.allocateDirect(BYTES);
  private final ByteArrayOutputStream received = new ByteArrayOutputStream();
  private final ByteArrayOutputStream toSend = new ByteArrayOutputStream();

  /**
   * @param engine null for cleartext
   * @param many whether to use two buffers at a time
   */
  AsynchronousConversation(AsynchronousSocketChannel channel, SSLEngine engine, boolean many)
      throws SSLException {
    this.channel = channel;
    this.many = many;
    this.engine = engine;
    if (engine != null) {
      engine.setUseClientMode(false);
      engine.beginHandshake();
    }
  }

  void begin() {
    read();
  }

  private void read() {
    if (many) {
      ByteBuffer[] halves = AsynchronousService.halves(network);
      channel.read(halves, 0, halves.length, 0, TimeUnit.SECONDS, null, then(this::moved));
    } else {
      channel.read(network, null, then(read -> arrived(read)));
    }
  }

  /** The halves have positions of their own. */
  private void moved(long read) throws IOException {
    if (read > 0) {
      network.position(network.position() + (int) read);
    }
    arrived(read);
  }

  private void arrived(long read) throws IOException {
    if (read < 0) {
      AsynchronousService.close(channel);
      return;
    }
    network.flip();
    if (engine == null) {
      byte[] bytes = new byte[network.remaining()];
      network.get(bytes);
      received.writeBytes(bytes);
    } else {
      decrypt();
    }
    network.compact();
    answer();
    write(ByteBuffer.wrap(toSend.toByteArray()));
  }

  private void answer() throws IOException {
    ByteArrayInputStream in = new ByteArrayInputStream(received.toByteArray());
    int left = in.available();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      while (ByHand.answer(in, out)) {
        left = in.available();
      }
    } catch (EOFException e) {
      // The rest is still to come.
    }
    byte[] all = received.toByteArray();
    received.reset();
    received.write(all, all.length - left, left);
    if (engine == null) {
      toSend.writeBytes(out.toByteArray());
    } else {
      encrypt(ByteBuffer.wrap(out.toByteArray()));
    }
  }

  private void write(ByteBuffer bytes) {
    if (!bytes.hasRemaining()) {
      toSend.reset();
      read();
    } else if (many) {
      ByteBuffer[] halves = AsynchronousService.halves(bytes);
      channel.write(
          halves,
          0,
          halves.length,
          0,
          TimeUnit.SECONDS,
          null,
          then(
              written -> {
                bytes.position(bytes.position() + (int) written);
                write(bytes);
              }));
    } else {
      channel.write(bytes, null, then(written -> write(bytes)));
    }
  }

  private void decrypt() throws SSLException {
    ByteBuffer plain = ByteBuffer.allocate(RECORD_ROOM);
    while (true) {
      SSLEngineResult result = engine.unwrap(network, plain);
      received.write(plain.array(), 0, plain.position());
      plain.clear();
      for (Runnable task = engine.getDelegatedTask();
          task != null;
          task = engine.getDelegatedTask()) {
        task.run();
      }
      if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
        encrypt(ByteBuffer.allocate(0));
      } else if (result.getStatus() != SSLEngineResult.Status.OK || !network.hasRemaining()) {
        return;
      }
    }
  }

  private void encrypt(ByteBuffer plain) throws SSLException {
    ByteBuffer record = ByteBuffer.allocate(RECORD_ROOM);
    while (plain.hasRemaining()
        || engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP) {
      engine.wrap(plain, record);
      toSend.write(record.array(), 0, record.position());
      record.clear();
    }
  }

  /** What is done with the number of bytes. */
  private interface Next {
    void then(long count) throws IOException;
  }

  private <N extends Number> CompletionHandler<N, Void> then(Next next) {
    return new CompletionHandler<>() {
      @Override
      public void completed(N count, Void nothing) {
        try {
          next.then(count.longValue());
        } catch (IOException e) {
          AsynchronousService.close(channel);
        }
      }

      @Override
      public void failed(Throwable failure, Void nothing) {
        AsynchronousService.close(channel);
      }
    };
  }
}

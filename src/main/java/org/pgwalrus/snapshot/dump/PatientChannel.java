package org.pgwalrus.snapshot.dump;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Waits for a channel so that an interrupt ends it. One that waits in a call of the operating
 * system is woken by a signal, and the threads of a job get none; a selector has other means.
 */
final class PatientChannel implements Closeable {

  private final Selector selector;
  private final SelectionKey key;

  private PatientChannel(SelectableChannel channel) throws IOException {
    selector = Selector.open();
    channel.configureBlocking(false);
    key = channel.register(selector, 0);
  }

  /** The next connection. */
  static SocketChannel accept(ServerSocketChannel server) throws IOException {
    try (PatientChannel patience = new PatientChannel(server)) {
      SocketChannel accepted = server.accept();
      // Other threads may be faster.
      while (accepted == null) {
        patience.await(SelectionKey.OP_ACCEPT);
        accepted = server.accept();
      }
      return accepted;
    }
  }

  static PatientChannel of(SocketChannel channel) throws IOException {
    return new PatientChannel(channel);
  }

  private void await(int operation) throws IOException {
    key.interestOps(operation);
    selector.selectedKeys().clear();
    selector.select();
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException();
    }
  }

  private SocketChannel socket() {
    return (SocketChannel) key.channel();
  }

  InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(bytes, offset, length);
        int count = socket().read(into);
        while (count == 0 && length > 0) {
          await(SelectionKey.OP_READ);
          count = socket().read(into);
        }
        return count;
      }
    };
  }

  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        PatientChannel.this.write(ByteBuffer.wrap(bytes, offset, length));
      }
    };
  }

  /** Writes all of it. */
  void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (socket().write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  @Override
  public void close() throws IOException {
    selector.close();
  }
}

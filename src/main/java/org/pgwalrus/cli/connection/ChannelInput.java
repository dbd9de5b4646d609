package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.function.IntSupplier;

/** Reads from a non-blocking channel, and waits for as long as the socket's time-out says. */
final class ChannelInput extends InputStream {

  private final SocketChannel channel;
  private final Selector readable;
  private final IntSupplier timeoutMillis;

  ChannelInput(SocketChannel channel, IntSupplier timeoutMillis) throws IOException {
    this.channel = channel;
    this.timeoutMillis = timeoutMillis;
    this.readable = channel.provider().openSelector();
    channel.register(readable, SelectionKey.OP_READ);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    int count = channel.read(buffer);
    if (count == 0) {
      readable.selectedKeys().clear();
      readable.select(timeoutMillis.getAsInt());
      count = channel.read(buffer);
    }
    if (count == 0) {
      throw new SocketTimeoutException("nothing came within " + timeoutMillis.getAsInt() + " ms");
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    readable.close();
  }
}

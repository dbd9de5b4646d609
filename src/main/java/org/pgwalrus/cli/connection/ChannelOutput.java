package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/** Writes all of it to a non-blocking channel. */
final class ChannelOutput extends OutputStream {

  private final SocketChannel channel;
  private final Selector writable;

  ChannelOutput(SocketChannel channel) throws IOException {
    this.channel = channel;
    this.writable = channel.provider().openSelector();
    channel.register(writable, SelectionKey.OP_WRITE);
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
    while (channel.write(buffer) == 0 || buffer.hasRemaining()) {
      writable.selectedKeys().clear();
      writable.select();
    }
  }

  @Override
  public void close() throws IOException {
    writable.close();
  }
}

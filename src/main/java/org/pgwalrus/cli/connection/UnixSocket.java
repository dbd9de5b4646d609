package org.pgwalrus.cli.connection;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A socket file with the face of a TCP socket. The options of TCP have no meaning here; the
 * time-out of reads has, since notifications are waited for with one.
 */
final class UnixSocket extends Socket {

  private final Path path;
  private int timeoutMillis;
  private @Nullable SocketChannel channel;
  private @Nullable ChannelInput input;
  private @Nullable ChannelOutput output;

  UnixSocket(Path path) {
    this.path = path;
  }

  @Override
  public void connect(SocketAddress ignored, int timeout) throws IOException {
    SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      opened.connect(UnixDomainSocketAddress.of(path));
      // A read with a time-out waits by a selector, which blocking channels cannot have.
      opened.configureBlocking(false);
      input = new ChannelInput(opened, () -> timeoutMillis);
      output = new ChannelOutput(opened);
      channel = opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public void connect(SocketAddress ignored) throws IOException {
    connect(ignored, 0);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    return connected(input);
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    return connected(output);
  }

  private static <T> T connected(@Nullable T stream) throws IOException {
    if (stream == null) {
      throw new IOException("the socket is not connected");
    }
    return stream;
  }

  @Override
  public boolean isConnected() {
    return channel != null;
  }

  @Override
  public boolean isClosed() {
    return channel != null && !channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    if (channel != null && input != null && output != null) {
      channel.close();
      input.close();
      output.close();
    }
  }

  @Override
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
  }

  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public void setSendBufferSize(int size) {}

  @Override
  public int getSendBufferSize() {
    return 8192;
  }

  @Override
  public void setReceiveBufferSize(int size) {}

  @Override
  public int getReceiveBufferSize() {
    return 8192;
  }

  @Override
  public String toString() {
    return path.toString();
  }
}

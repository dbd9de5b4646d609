package org.pgwalrus.snapshot.dump;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;

/**
 * A server for programs, at a socket, whose sessions are copiers of the job. So a program has the
 * rights of the job's role and needs neither password nor a line in pg_hba.conf. Main thread only.
 */
final class Relay implements AutoCloseable {

  private final ServerSocketChannel server;
  private final List<Connection> connections = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Begins to listen.
   *
   * @param most connections at once; further ones wait
   * @param opener gives an idle copier for each
   */
  Relay(Copiers copiers, Path socket, int most, Supplier<Copier> opener) {
    try {
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      Files.deleteIfExists(socket);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < most; i++) {
      Connection connection = new Connection(copiers, opener);
      connections.add(connection);
      threads.add(connection.start(server));
    }
  }

  /**
   * Does what programs have asked for, until none asks for more: the main thread may wait then, as
   * it has taken no wake-up since it has looked at all.
   */
  void step() {
    boolean served = true;
    while (served) {
      served = false;
      for (Connection connection : connections) {
        served |= connection.step();
      }
    }
  }

  /** Hangs up. */
  @Override
  public void close() {
    try {
      for (Thread thread : threads) {
        thread.interrupt();
        thread.join();
      }
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new JobException("interrupted");
    }
  }

  /** Ends the sessions as well. */
  void end() {
    close();
    connections.forEach(Connection::end);
  }
}

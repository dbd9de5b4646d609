package org.pgwalrus.cli.connection;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A server to try.
 *
 * @param name a host name, an address, or the directory of a socket
 */
record Host(String name, int port) {

  /** The socket of a server on this machine. */
  Optional<Path> socket() {
    return name.startsWith("/") ? Optional.of(Path.of(name, ".s.PGSQL." + port)) : Optional.empty();
  }

  @Override
  public String toString() {
    return socket()
        .map(path -> "socket " + path)
        .orElse((name.contains(":") ? "[" + name + "]" : name) + ":" + port);
  }
}

package org.pgwalrus.cli;

import java.util.List;

/**
 * What a command needs of the server.
 *
 * @param functions of the schema steep_repl
 * @param service what must be at work behind them
 */
public record Requirement(List<String> functions, Service service) {

  enum Service {
    NONE,

    /** The library, preloaded: what was installed alone cannot do it. */
    LIBRARY,

    /** Somebody who serves the jobs of the database. */
    WORKER
  }

  /** Functions alone. */
  public static Requirement of(String... functions) {
    return new Requirement(List.of(functions), Service.NONE);
  }

  /** Files of the server are read. */
  public static Requirement ofLibrary(String... functions) {
    return new Requirement(List.of(functions), Service.LIBRARY);
  }

  /** A job is queued. */
  public static Requirement ofJob(String... functions) {
    return new Requirement(List.of(functions), Service.WORKER);
  }
}

package org.pgwalrus.cli;

import java.util.List;

/**
 * What a command needs of the server.
 *
 * @param functions of the schema steep_repl
 * @param worker whether jobs must be served
 */
public record Requirement(List<String> functions, boolean worker) {

  /** Functions alone. */
  public static Requirement of(String... functions) {
    return new Requirement(List.of(functions), false);
  }

  /** A job is queued. */
  public static Requirement ofJob(String... functions) {
    return new Requirement(List.of(functions), true);
  }
}

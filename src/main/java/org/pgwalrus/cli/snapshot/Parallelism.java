package org.pgwalrus.cli.snapshot;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.CliException;
import org.pgwalrus.cli.ExitCode;
import org.pgwalrus.cli.connection.Surroundings;

/** How many tables at once: the option, or else the variable, or else what the server does. */
final class Parallelism {

  private static final String VARIABLE = "STEEP_REPL_PARALLEL";

  private Parallelism() {}

  static @Nullable Integer or(@Nullable Integer option) {
    return option == null ? of(Surroundings.ofProcess()) : option;
  }

  static @Nullable Integer of(Surroundings surroundings) {
    return surroundings.variable(VARIABLE).map(Parallelism::number).orElse(null);
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      throw new CliException(
          ExitCode.INVALID_ARGUMENTS,
          VARIABLE + " is not a number of tables to be done at once",
          "Unset it, or give --parallel.");
    }
  }
}

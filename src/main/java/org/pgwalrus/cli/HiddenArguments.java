package org.pgwalrus.cli;

import java.util.Map;
import java.util.stream.Stream;

/**
 * Everybody may see the arguments of a process. The launcher therefore puts those that may hold a
 * password into the environment, and the name of the variable in their place.
 */
final class HiddenArguments {

  private static final String PREFIX = "STEEP_REPL_ARGUMENT_";

  private HiddenArguments() {}

  static String[] restore(String[] arguments, Map<String, String> environment) {
    return Stream.of(arguments)
        .map(one -> one.startsWith(PREFIX) ? environment.getOrDefault(one, one) : one)
        .toArray(String[]::new);
  }
}

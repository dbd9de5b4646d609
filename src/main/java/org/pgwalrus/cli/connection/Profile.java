package org.pgwalrus.cli.connection;

import java.util.List;
import java.util.Map;

/**
 * A connection of the configuration file.
 *
 * @param parameters by keyword, as a connection string has them; never a password
 * @param passwordCommand a program that prints the password, and its arguments; empty for none
 */
record Profile(Map<String, String> parameters, List<String> passwordCommand) {

  static final Profile NONE = new Profile(Map.of(), List.of());

  Profile {
    parameters = Map.copyOf(parameters);
    passwordCommand = List.copyOf(passwordCommand);
  }
}

package org.pgwalrus.cli;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.cli.connection.Configuration;
import picocli.CommandLine.Option;

/** Which server is meant, and by which way. */
public final class ConnectionOptions {

  @Option(
      names = {"-c", "--connection"},
      paramLabel = "CONNINFO",
      description = {
        "where the database is: a URI (postgresql://...), keyword=value pairs, or HOST[:PORT];",
        "what it does not tell is taken from the configuration file, the service file, the PG*"
            + " environment variables, and the defaults of libpq"
      })
  @Nullable String connection;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = {
        "a file in YAML that has connections by name; otherwise that of STEEP_REPL_CONFIG, or"
            + " ~/.config/steep/config.yaml if it exists; '' for none"
      })
  @Nullable String config;

  @Option(
      names = "--profile",
      paramLabel = "NAME",
      description = "the connection of that file that is meant, instead of \"default\"")
  @Nullable String profile;

  @Option(
      names = "--direct",
      description = "use the extension through this connection, or fail; never a daemon")
  boolean direct;

  @Option(
      names = "--remote",
      paramLabel = "HOST:PORT",
      description = "use the daemon there; this version has no daemon mode")
  @Nullable String remote;

  Configuration configuration() {
    return new Configuration(config, profile);
  }

  /** Refuses what this version cannot do. */
  void check() {
    if (remote != null && direct) {
      throw new CliException(
          ExitCode.INVALID_ARGUMENTS, "--direct and --remote exclude each other");
    } else if (remote != null) {
      throw new CliException(
          ExitCode.UNAVAILABLE,
          "--remote needs a daemon, and this version of steep-repl has no daemon mode",
          "Give the database with --connection instead.");
    }
  }
}

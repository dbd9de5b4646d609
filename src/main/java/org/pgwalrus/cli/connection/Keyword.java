package org.pgwalrus.cli.connection;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The keywords of connection strings, and the environment variables that stand for them. */
final class Keyword {

  static final String SERVICE = "service";
  static final String HOST = "host";
  static final String HOSTADDR = "hostaddr";
  static final String PORT = "port";
  static final String DBNAME = "dbname";
  static final String USER = "user";
  static final String PASSWORD = "password";
  static final String PASSFILE = "passfile";
  static final String SSLMODE = "sslmode";
  static final String SSLROOTCERT = "sslrootcert";
  static final String CONNECT_TIMEOUT = "connect_timeout";
  static final String TARGET_SESSION_ATTRS = "target_session_attrs";

  static final Map<String, String> BY_VARIABLE =
      Map.ofEntries(
          Map.entry("PGSERVICE", SERVICE),
          Map.entry("PGHOST", HOST),
          Map.entry("PGHOSTADDR", HOSTADDR),
          Map.entry("PGPORT", PORT),
          Map.entry("PGDATABASE", DBNAME),
          Map.entry("PGUSER", USER),
          Map.entry("PGPASSWORD", PASSWORD),
          Map.entry("PGPASSFILE", PASSFILE),
          Map.entry("PGSSLMODE", SSLMODE),
          Map.entry("PGSSLROOTCERT", SSLROOTCERT),
          Map.entry("PGSSLCERT", "sslcert"),
          Map.entry("PGSSLKEY", "sslkey"),
          Map.entry("PGSSLNEGOTIATION", "sslnegotiation"),
          Map.entry("PGREQUIREAUTH", "require_auth"),
          Map.entry("PGCHANNELBINDING", "channel_binding"),
          Map.entry("PGGSSENCMODE", "gssencmode"),
          Map.entry("PGKRBSRVNAME", "krbsrvname"),
          Map.entry("PGOPTIONS", "options"),
          Map.entry("PGAPPNAME", "application_name"),
          Map.entry("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT),
          Map.entry("PGTARGETSESSIONATTRS", TARGET_SESSION_ATTRS));

  private static final Set<String> KNOWN =
      Set.of("sslpassword", "fallback_application_name", "keepalives", "client_encoding", "sslsni");

  /** What the driver does by itself, or what tunes the socket only. */
  private static final Set<String> WITHOUT_EFFECT =
      Set.of(
          "keepalives_idle",
          "keepalives_interval",
          "keepalives_count",
          "tcp_user_timeout",
          "sslcompression",
          "gsslib");

  private static final Set<String> SWITCHES = Set.of("keepalives", "sslsni", "sslcompression");

  private static final List<String> PATHS = List.of(PASSFILE, SSLROOTCERT, "sslcert", "sslkey");

  /** Those of libpq that ask for what this program cannot do. */
  private static final List<String> REFUSED_VARIABLES =
      List.of(
          "PGSSLCRL",
          "PGSSLCRLDIR",
          "PGSSLCERTMODE",
          "PGSSLMINPROTOCOLVERSION",
          "PGSSLMAXPROTOCOLVERSION",
          "PGREQUIRESSL",
          "PGREQUIREPEER",
          "PGGSSDELEGATION",
          "PGMINPROTOCOLVERSION",
          "PGMAXPROTOCOLVERSION",
          "PGLOADBALANCEHOSTS");

  private Keyword() {}

  /** Refuses an environment by the same rule: some of it may be there to make sessions safe. */
  static void checkVariables(Surroundings surroundings) {
    List<String> refused =
        REFUSED_VARIABLES.stream()
            .filter(variable -> surroundings.variable(variable).isPresent())
            .toList();
    if (!refused.isEmpty()) {
      throw new InvalidConnection(
          "steep-repl cannot honour what the environment has in " + String.join(", ", refused),
          "Unset it for steep-repl where the connection is safe without it.");
    }
  }

  static boolean isKnown(String keyword) {
    return BY_VARIABLE.containsValue(keyword)
        || KNOWN.contains(keyword)
        || WITHOUT_EFFECT.contains(keyword);
  }

  /** Refuses what nobody knows, and what would be a promise that is not kept. */
  static String checked(String keyword) {
    if (isKnown(keyword)) {
      return keyword;
    }
    throw new InvalidConnection(
        "steep-repl does not know the connection parameter \"" + Printable.keyword(keyword) + "\"",
        "It knows " + String.join(", ", BY_VARIABLE.values().stream().sorted().toList()) + ".");
  }

  /** A switch as libpq has it, where a file may have it as YAML does. */
  static String flag(String keyword, String value) {
    if (!SWITCHES.contains(keyword)) {
      return value;
    }
    return switch (value) {
      case "true" -> "1";
      case "false" -> "0";
      default -> value;
    };
  }

  /** Refuses a path that cannot be one, in any of the parameters that have paths. */
  static void checkPaths(Map<String, String> parameters) {
    PATHS.stream()
        .filter(parameters::containsKey)
        .forEach(keyword -> FilePath.of(parameters.getOrDefault(keyword, ""), keyword));
  }
}

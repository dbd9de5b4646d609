package org.pgwalrus.cli;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a server has to offer.
 *
 * @param extension its version, null where it is not installed in the database
 * @param functions those of the wanted ones that are there
 * @param serves whether the wanted service is there
 */
record ServerFacts(int version, @Nullable String extension, Set<String> functions, boolean serves) {

  /** A problem, and what to do about it. */
  record Problem(String what, String hint) {}

  private static final int OLDEST = 150_000;
  private static final Set<String> PROBES = Set.of("health", "bgworker_available");

  private static final String LOOK =
      """
      SELECT current_setting('server_version_num')::int,
             (SELECT extversion FROM pg_extension WHERE extname = 'steep_repl'),
             ARRAY(SELECT DISTINCT p.proname::text
                     FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
                    WHERE n.nspname = 'steep_repl' AND p.proname = ANY (?))
      """;

  static ServerFacts of(Connection connection, Requirement requirement) throws SQLException {
    Set<String> wanted = new TreeSet<>(requirement.functions());
    wanted.addAll(PROBES);
    try (PreparedStatement statement = connection.prepareStatement(LOOK)) {
      statement.setArray(1, connection.createArrayOf("name", wanted.toArray()));
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        Set<String> there = new TreeSet<>(List.of((String[]) row.getArray(3).getArray()));
        boolean serves = there.containsAll(PROBES) && serves(connection, requirement.service());
        return new ServerFacts(row.getInt(1), row.getString(2), there, serves);
      }
    }
  }

  /** Looked for beforehand, as the SQLSTATE of what it refuses is that of other errors too. */
  private static boolean serves(Connection connection, Requirement.Service service)
      throws SQLException {
    return switch (service) {
      case NONE -> true;
      case LIBRARY -> isTrue(connection, "SELECT preload FROM steep_repl.health()");
      case WORKER -> isTrue(connection, "SELECT steep_repl.bgworker_available()");
    };
  }

  private static boolean isTrue(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }

  /** Why this server cannot do what is required. */
  Optional<Problem> problem(Requirement requirement, String database) {
    if (version < OLDEST) {
      return problem(
          "the server is PostgreSQL " + version / 10_000 + ", steep_repl needs 15 or later",
          "Upgrade the server.");
    } else if (extension == null) {
      return problem(
          "extension \"steep_repl\" is not installed in database \"" + database + "\"",
          "Run CREATE EXTENSION steep_repl there, as a superuser.");
    }
    List<String> missing =
        requirement.functions().stream().filter(name -> !functions.contains(name)).toList();
    if (!missing.isEmpty()) {
      return problem(
          "extension \"steep_repl\" "
              + extension
              + " has no function "
              + String.join(", ", missing),
          "Run ALTER EXTENSION steep_repl UPDATE after installing the version of this program.");
    }
    return serves ? Optional.empty() : idle(requirement.service(), database);
  }

  private static Optional<Problem> idle(Requirement.Service service, String database) {
    return switch (service) {
      case NONE -> Optional.empty();
      case LIBRARY ->
          problem(
              "the server has not preloaded pg_walrus",
              "Add pg_walrus to shared_preload_libraries and restart the server.");
      case WORKER ->
          problem(
              "no background worker serves database \"" + database + "\"",
              "steep-repl health tells why: pg_walrus may not be in shared_preload_libraries.");
    };
  }

  private static Optional<Problem> problem(String what, String hint) {
    return Optional.of(new Problem(what, hint));
  }
}

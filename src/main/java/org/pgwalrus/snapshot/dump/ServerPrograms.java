package org.pgwalrus.snapshot.dump;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;

/** The programs that were installed with the server, and what they find around them. */
final class ServerPrograms {

  private static final String DIRECTORY =
      "SELECT setting FROM pg_catalog.pg_config WHERE name = 'BINDIR'";
  private static final String LIBRARIES = "LD_LIBRARY_PATH";

  private final Path directory;
  private final long major;
  private final String database;

  private ServerPrograms(Path directory, long major, String database) {
    this.directory = directory;
    this.major = major;
    this.database = database;
  }

  static ServerPrograms of(Session session) {
    return new ServerPrograms(
        Path.of(String.valueOf(session.executeAsOwner(DIRECTORY))),
        session.number("SELECT current_setting('server_version_num')::integer / 10000"),
        String.valueOf(session.execute("SELECT current_database()")));
  }

  /**
   * The path of one.
   *
   * @throws JobException when it is not installed
   */
  String find(String name) {
    Path path = directory.resolve(name);
    if (!Files.isExecutable(path)) {
      throw new JobException(
          "could not find the program \""
              + path
              + "\" (SQLSTATE 58P01)\nHINT: Install the client programs of the server: package"
              + " postgresql-client-"
              + major
              + " of Debian and Ubuntu, postgresql"
              + major
              + " of Red Hat and its kin.");
    }
    return path.toString();
  }

  /**
   * Nothing of the server's own, so that neither files nor variables of its OS user mean anything.
   */
  Map<String, String> environment(Workplace workplace) {
    Map<String, String> environment = new LinkedHashMap<>();
    environment.put("PGHOST", workplace.directory().toString());
    environment.put("PGPORT", "5432");
    environment.put("PGDATABASE", database);
    environment.put("PGUSER", "job");
    environment.put("PGPASSFILE", "/dev/null");
    environment.put("PGCONNECT_TIMEOUT", "60");
    environment.put("PGMAXPROTOCOLVERSION", "3.0");
    environment.put("PGAPPNAME", "steep_repl");
    environment.put("LC_ALL", "C");
    if (System.getenv(LIBRARIES) != null) {
      environment.put(LIBRARIES, Objects.requireNonNull(System.getenv(LIBRARIES)));
    }
    return environment;
  }
}

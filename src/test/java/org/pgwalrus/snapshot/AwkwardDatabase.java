package org.pgwalrus.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;

/** Databases that are hard to copy, for tests to make and {@link DatabaseImage} to compare. */
public final class AwkwardDatabase {

  private static final String CYCLE =
      """
      CREATE TABLE department (id integer PRIMARY KEY, head integer NOT NULL);
      CREATE TABLE employee (id integer PRIMARY KEY, department integer NOT NULL REFERENCES department,
        boss integer REFERENCES employee DEFERRABLE);
      CREATE TABLE project (id integer PRIMARY KEY, owner integer NOT NULL REFERENCES employee);
      INSERT INTO department SELECT i, i * 10 FROM generate_series(1, 100) AS i;
      INSERT INTO employee SELECT i, (i + 9) / 10, CASE WHEN i % 10 > 0 THEN i + 1 END
        FROM generate_series(1, 1000) AS i;
      INSERT INTO project SELECT i, i % 1000 + 1 FROM generate_series(1, 5000) AS i;
      ALTER TABLE department ADD CONSTRAINT department_head_fkey FOREIGN KEY (head)
        REFERENCES employee DEFERRABLE INITIALLY DEFERRED;
      """;

  private AwkwardDatabase() {}

  /** Makes a database with every awkward name and type, and the extension. */
  public static void create(TestCluster cluster, String name) {
    createWith(cluster, name, script("awkward.sql"));
  }

  /** Makes one whose foreign keys have cycles, and the extension. */
  public static void createCyclic(TestCluster cluster, String name) {
    createWith(cluster, name, CYCLE);
  }

  /** Makes one of pgbench, with foreign keys, and the extension. */
  public static void createPgbench(TestCluster cluster, String name, int scale) {
    createWith(cluster, name, "");
    Pgbench.initialise(cluster, name, scale, "--foreign-keys");
  }

  private static void createWith(TestCluster cluster, String name, String statements) {
    cluster.execute("CREATE DATABASE \"" + name.replace("\"", "\"\"") + "\"");
    Databases.execute(cluster, name, "CREATE EXTENSION steep_repl");
    Databases.execute(cluster, name, statements);
  }

  private static String script(String file) {
    try (InputStream in = AwkwardDatabase.class.getResourceAsStream(file)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

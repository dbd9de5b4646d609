package org.pgwalrus.snapshot.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.snapshot.DatabaseImage;
import org.pgwalrus.snapshot.Snapshots;

/** So many that several go into one order to a session, and into one transaction. */
class ManySmallTablesIT {

  private static final int TABLES = 200;

  private static final String CREATE =
      "DO $$ BEGIN FOR i IN 1.."
          + TABLES
          + " LOOP EXECUTE format('CREATE TABLE t%s (i integer PRIMARY KEY)', i);"
          + " END LOOP; END $$";

  /** Each has another number of rows, the last none. */
  private static final String FILL =
      "DO $$ BEGIN FOR i IN 1.."
          + TABLES
          + " LOOP EXECUTE format('INSERT INTO t%s SELECT generate_series(1, %s)', i, "
          + TABLES
          + " - i); END LOOP; END $$";

  private static final String LOADED =
      "SELECT count(*) FROM steep_repl.applied_files WHERE file LIKE '%/public.t%'";

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static Applications applications;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    applications = new Applications(cluster);
    Databases.create(cluster, "source", CREATE, FILL);
    snapshots.generate("source", "whole", "");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }

  private static void assertAllArrived(String target) {
    assertThat(DatabaseImage.of(cluster, target).tables())
        .isEqualTo(DatabaseImage.of(cluster, "source").tables());
  }

  @Test
  void theTransactionOfATableThatFailsIsLoadedAgain() {
    Databases.create(cluster, "target", CREATE);
    Databases.execute(cluster, "target", "ALTER TABLE t100 ADD CONSTRAINT few CHECK (i < 90)");
    String job = applications.start("target", snapshots.path("whole"), ", 2");
    applications.await("target", job, "failed");

    assertThat(applications.of("target", job, "error_message"))
        .contains("few", "COPY t100, line 91");
    assertThat(value("target", "SELECT count(*) FROM t100")).isEqualTo("0");
    int loaded = Integer.parseInt(value("target", LOADED));
    assertThat(loaded).as("files in transactions before").isBetween(1, TABLES - 1);
    Databases.execute(cluster, "target", "ALTER TABLE t100 DROP CONSTRAINT few");

    String retry = value("target", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("target", retry, "complete");
    assertAllArrived("target");
  }

  @Test
  void aFileThatIsDamagedIsNamedAndItsTransactionComesToNothing() {
    Databases.create(cluster, "careful", CREATE);
    snapshots.generate("source", "damaged", ", 'none'");
    Path file = Path.of(snapshots.path("damaged"), "data", "public.t100.csv");
    Snapshots.flipLastByte(file);
    String job = applications.start("careful", snapshots.path("damaged"), ", 2, false");
    applications.await("careful", job, "failed");

    assertThat(applications.of("careful", job, "error_message"))
        .contains("data/public.t100.csv", "SR003");
    assertThat(value("careful", "SELECT count(*) FROM t100")).isEqualTo("0");
    Snapshots.flipLastByte(file);

    String retry = value("careful", "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    applications.await("careful", retry, "complete");
    assertAllArrived("careful");
  }
}

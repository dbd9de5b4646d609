package org.pgwalrus.demo;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.cluster.Counters;
import org.pgwalrus.cluster.Counters.Stretch;
import org.pgwalrus.cluster.Pgbench;

/**
 * Shows in about two minutes what the extension is for. A server with a max_wal_size of 64 MB gets
 * more to write than that can hold, and PostgreSQL forces one checkpoint after the other. After one
 * interval pg_walrus is switched on, which ends the storm in seconds, and for one interval more one
 * sees the difference. Then the database is copied to a second one by way of a snapshot.
 */
public final class Demo {

  private static final int INTERVALS = 3;

  /** Enough for a forced checkpoint every other second, and little enough for a small disk. */
  private static final int TRANSACTIONS_PER_SECOND = 2000;

  private static final PrintStream OUT = System.out;

  private Demo() {}

  /** Runs the demo; takes no arguments. Ends with 1 when the storm did not come or did not end. */
  public static void main(String[] arguments) throws SQLException {
    String complaint = play();
    if (!complaint.isEmpty()) {
      System.err.println("\nThe demo failed. " + complaint);
      System.exit(1);
    }
    advise();
  }

  private static String play() throws SQLException {
    try (Stage stage = new Stage()) {
      try {
        return run(stage);
      } catch (SQLException | RuntimeException e) {
        // Interrupted: the server has been taken away from under us.
        if (stage.isClosed()) {
          return "It was interrupted.";
        }
        throw e;
      }
    }
  }

  private static String run(Stage stage) throws SQLException {
    OUT.println("A PostgreSQL server of its own in " + stage.cluster().directory() + ":");
    OUT.println("max_wal_size = 64MB, checkpoint_timeout = 30s, pgbench tables of 150 MB.");
    stage.build();
    OUT.println("shared_preload_libraries = 'pg_walrus', restart, CREATE EXTENSION pg_walrus.");
    OUT.println("walrus.enable is off for the first 30 seconds.");
    stage.install();
    OUT.println(
        "Now "
            + Stage.CLIENTS
            + " pgbench clients update random rows, "
            + TRANSACTIONS_PER_SECOND
            + " times a second at most.");
    Summary summary = watch(stage);
    summary.print(OUT);
    OUT.println("\npostgresql.auto.conf: " + Summary.writtenBy(stage.cluster()));
    OUT.println("walrus.history():     " + stage.newestChange());
    return summary.complaint().isEmpty() ? copy(stage) : summary.complaint();
  }

  private static String copy(Stage stage) {
    OUT.println("\nThe same library copies databases, as jobs of the server with live progress.");
    return new Copy(stage.cluster(), OUT).play();
  }

  private static Summary watch(Stage stage) throws SQLException {
    int seconds = (INTERVALS + 1) * Stage.INTERVAL_SECONDS;
    List<Stretch> intervals = new ArrayList<>();
    try (Connection connection = stage.cluster().connect();
        Pgbench _ =
            Pgbench.start(stage.cluster(), Stage.CLIENTS, seconds, TRANSACTIONS_PER_SECOND)) {
      LiveView view = new LiveView(stage.cluster(), connection, OUT);
      Counters start = view.start();
      for (int i = 1; i <= INTERVALS; i++) {
        Counters end = view.showUntil(i * Stage.INTERVAL_SECONDS);
        intervals.add(end.since(start));
        start = end;
        if (i == 1) {
          OUT.println("       | ALTER SYSTEM SET walrus.enable = on");
          stage.switchOn();
        }
      }
    }
    return new Summary(intervals);
  }

  private static void advise() {
    OUT.println(
        """

        On your own server:
          1. make install            for the PostgreSQL of PG_CONFIG
          2. add pg_walrus to shared_preload_libraries in postgresql.conf
          3. restart the server
          4. CREATE EXTENSION pg_walrus;
          5. SELECT jsonb_pretty(walrus.status());  SELECT * FROM walrus.explain();
          6. CREATE EXTENSION steep_repl;  then  steep-repl snapshot generate --help\
        """);
  }
}

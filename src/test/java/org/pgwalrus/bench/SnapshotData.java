package org.pgwalrus.bench;

import java.util.Locale;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Pgbench;
import org.pgwalrus.cluster.TestCluster;

/** What the databases of the benchmark of snapshots are like. */
enum SnapshotData {
  PGBENCH("pgbench") {
    @Override
    void fill(TestCluster cluster, int megabytes) {
      Pgbench.initialise(
          cluster, database(), Math.max(1, megabytes / MEGABYTES_A_SCALE), "--foreign-keys");
    }
  },

  ONE_TABLE("one table") {
    @Override
    void fill(TestCluster cluster, int megabytes) {
      execute(
          cluster,
          """
          CREATE TABLE huge AS SELECT i AS id, timestamptz '2026-01-01Z' + i * interval '1 s' AS at,
            (i %% 1000000) / 100.0 AS amount, md5(i::text) AS code, 'a row of filler' AS filler
            FROM generate_series(1, %d * 1048576::bigint / 120) AS i
          """
              .formatted(megabytes));
      execute(cluster, "ALTER TABLE huge ADD PRIMARY KEY (id)");
    }
  },

  MANY_TABLES("1,000 small tables") {
    @Override
    void fill(TestCluster cluster, int megabytes) {
      execute(
          cluster,
          """
          DO $$ BEGIN FOR i IN 1..1000 LOOP
            EXECUTE format('CREATE TABLE t%s (id integer PRIMARY KEY, name text)', i);
            EXECUTE format('INSERT INTO t%s SELECT i, md5(i::text) FROM generate_series(1, 100) AS i', i);
          END LOOP; END $$
          """);
    }
  };

  /** Of its tables, without indexes. */
  private static final int MEGABYTES_A_SCALE = 13;

  private final String title;

  SnapshotData(String title) {
    this.title = title;
  }

  /** What it is called in the report. */
  String title() {
    return title;
  }

  /** The database that has it. */
  String database() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes the database, of about this size unless its size is fixed. */
  void make(TestCluster cluster, int megabytes) {
    cluster.execute("CREATE DATABASE " + database());
    fill(cluster, megabytes);
    execute(cluster, "CREATE EXTENSION steep_repl");
    execute(cluster, "VACUUM ANALYZE");
  }

  /** Makes the tables in the empty database. */
  abstract void fill(TestCluster cluster, int megabytes);

  void execute(TestCluster cluster, String sql) {
    Databases.execute(cluster, database(), sql);
  }
}

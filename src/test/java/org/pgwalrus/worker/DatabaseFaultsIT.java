package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.TestCluster;

/** What happens to the database that the worker is connected to. */
@Execution(ExecutionMode.CONCURRENT)
class DatabaseFaultsIT {

  private static final Duration RESTART = Duration.ofSeconds(60);
  private static final String GONE = "FATAL:  database \"audit\" does not exist";

  /** A cluster whose worker has a database of its own. */
  private static TestCluster clusterWithAudit() {
    TestCluster cluster =
        TestCluster.create()
            .set("max_wal_size", "64MB")
            .set("min_wal_size", "32MB")
            .set("walrus.enable", "off");
    cluster.start();
    cluster.execute("CREATE EXTENSION pg_walrus");
    createAudit(cluster);
    cluster.set("walrus.enable", "on").set("walrus.database", "audit").restart();
    cluster.awaitBaseline();
    return cluster;
  }

  private static void createAudit(TestCluster cluster) {
    cluster.execute("CREATE DATABASE audit");
    inAudit(cluster, "CREATE EXTENSION pg_walrus");
  }

  private static void inAudit(TestCluster cluster, String sql) {
    try (Connection connection = cluster.connect("postgres", "audit");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(cluster.log(), e);
    }
  }

  @Test
  void aDatabaseDroppedByForceEndsTheWorkerUntilThereIsAnother() throws Exception {
    try (TestCluster cluster = clusterWithAudit();
        Connection session = cluster.connect()) {
      long worker = cluster.workerPid();

      cluster.execute("DROP DATABASE audit WITH (FORCE)");

      cluster.awaitLog(GONE, RESTART);
      assertThat(cluster.status("worker_running")).isEqualTo("false");
      assertThat(cluster.value("SELECT walrus.recommendation() ->> 'reason'"))
          .isEqualTo("worker not running");
      createAudit(cluster);
      cluster.awaitWorker(worker, RESTART);
      cluster.loadUntilChanged(1);
      inAudit(cluster, "SELECT 1 / count(*) FROM walrus.history WHERE action = 'increase'");
      assertThat(cluster.crashRestarts()).isZero();
      assertThat(session.isValid(5)).isTrue();
    }
  }

  @Test
  void aDatabaseThatIsRenamedIsLookedForUntilItIsBack() throws Exception {
    try (TestCluster cluster = clusterWithAudit();
        Connection session = cluster.connect()) {
      long worker = cluster.workerPid();
      assertThat(cluster.error("ALTER DATABASE audit RENAME TO other").toString())
          .contains("database \"audit\" is being accessed by other users");
      assertThat(cluster.workerPid()).isEqualTo(worker);
      cluster.execute("SELECT pg_terminate_backend(" + worker + ", 10000)");
      cluster.execute("ALTER DATABASE audit RENAME TO other");

      cluster.awaitLog(GONE, RESTART);
      cluster.execute("ALTER DATABASE other RENAME TO audit");

      cluster.awaitWorker(worker, RESTART);
      cluster.awaitBaseline();
      assertThat(cluster.crashRestarts()).isZero();
      assertThat(session.isValid(5)).isTrue();
    }
  }
}

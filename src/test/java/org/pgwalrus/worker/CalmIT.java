package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Programs;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What looks like pressure and is none. */
@Execution(ExecutionMode.CONCURRENT)
class CalmIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(50);

  @Test
  void commandsThatCheckpointAnIdleServerAreNoPressure() throws Exception {
    try (TestCluster cluster = TestCluster.create()) {
      cluster.startWithBaseline();
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      long requested = cluster.requestedCheckpoints();
      requestManyCheckpoints(cluster);
      assertThat(cluster.requestedCheckpoints() - requested).isGreaterThan(5);

      cluster.awaitDecisions(1, AN_INTERVAL);

      assertThat(cluster.stateNumber("last_forced_checkpoints")).isZero();
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
      assertThat(cluster.log()).doesNotContain("resizing max_wal_size");
    }
  }

  @Test
  void theyArePressureWhereTheRawCounterIsAskedFor() throws Exception {
    try (TestCluster cluster = TestCluster.create().set("walrus.count_mode", "requested")) {
      cluster.startWithBaseline();
      requestManyCheckpoints(cluster);

      cluster.awaitLog("pg_walrus: resizing max_wal_size from 1024 MB to 4096 MB", AN_INTERVAL);
    }
  }

  /** Vector D9 on a real server: neither a decision nor a quiet interval nor a later deadline. */
  @Test
  void aHundredReloadsDecideNothingAndASingleForcedCheckpointChangesNothing() throws Exception {
    try (TestCluster cluster =
        TestCluster.create().set("max_wal_size", "64MB").set("min_wal_size", "32MB")) {
      cluster.startWithBaseline();
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      long requested = cluster.requestedCheckpoints();
      cluster.writeWal(40);
      Wait.until(
          () -> "no forced checkpoint\n" + cluster.log(),
          TestCluster.SOON,
          () -> cluster.requestedCheckpoints() > requested);
      try (Connection connection = cluster.connect();
          Statement statement = connection.createStatement()) {
        for (int i = 0; i < 100; i++) {
          statement.execute("SELECT pg_reload_conf(), pg_sleep(0.1)");
        }
      }
      assertThat(cluster.logCount("pg_walrus: configuration reloaded")).isGreaterThan(20);
      assertThat(cluster.stateNumber("analysis_cycles")).isZero();
      assertThat(cluster.stateNumber("quiet_intervals")).isZero();

      cluster.awaitDecisions(1, AN_INTERVAL);

      assertThat(cluster.stateNumber("last_forced_checkpoints")).isEqualTo(1);
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
      assertThat(secondsBetween(cluster, "established baseline", "quiet interval, 1 in a row"))
          .isBetween(29L, 36L);
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
      assertThat(cluster.stateNumber("total_adjustments")).isZero();
      assertThat(cluster.stateNumber("self_reloads")).isZero();
    }
  }

  private static void requestManyCheckpoints(TestCluster cluster) {
    for (int i = 0; i < 10; i++) {
      cluster.execute("CHECKPOINT");
    }
    for (int i = 0; i < 5; i++) {
      cluster.execute("CREATE DATABASE passing");
      cluster.execute("DROP DATABASE passing");
    }
    Path backup = cluster.directory().resolve("backup");
    Programs.run(
        Installation.get()
            .command(
                "pg_basebackup",
                "-c",
                "fast",
                "-D",
                backup.toString(),
                "-h",
                "127.0.0.1",
                "-p",
                String.valueOf(cluster.port()),
                "-U",
                "postgres"));
  }

  private static long secondsBetween(TestCluster cluster, String first, String second) {
    return Duration.between(time(cluster, first), time(cluster, second)).toSeconds();
  }

  private static LocalDateTime time(TestCluster cluster, String text) {
    List<String> lines = cluster.log().lines().filter(line -> line.contains(text)).toList();
    return LocalDateTime.parse(lines.getFirst().substring(0, 23).replace(' ', 'T'));
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** Sizes that cannot be written, and sizes that have no effect. */
@Execution(ExecutionMode.CONCURRENT)
class ApplyIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(50);

  private static final String FAILED =
      "WARNING:  pg_walrus: failed to execute ALTER SYSTEM, will retry next cycle: ";

  private static TestCluster smallCluster() {
    return TestCluster.create().set("max_wal_size", "64MB").set("min_wal_size", "32MB");
  }

  @Test
  void aSizeOnTheCommandLineIsReportedOnceAndNotWrittenAgain() throws Exception {
    try (TestCluster cluster = smallCluster().start("-c", "max_wal_size=128MB")) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();
      try (var _ = WalLoad.start(cluster, 10)) {
        cluster.awaitLog("is not effective (source: command line)", AN_INTERVAL);
        Object written = Files.getLastModifiedTime(cluster.autoConfFile());
        assertThat(cluster.state("apply_blocked")).isEqualTo("command line");
        assertThat(cluster.setting("max_wal_size")).isEqualTo("128");

        cluster.awaitLog("LOG:  pg_walrus [DRY-RUN]: would change max_wal_size", AN_INTERVAL);
        assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(written);
      }
      assertThat(cluster.log())
          .containsPattern(
              "WARNING:  pg_walrus: max_wal_size change to \\d+ MB is not effective \\(source:"
                  + " command line\\)\n.* DETAIL:  The effective value is 128 MB\\.\n.* HINT:  ");
      assertThat(cluster.logCount("WARNING:  pg_walrus: ")).isEqualTo(1);
      assertThat(cluster.stateNumber("self_reloads")).isEqualTo(1);
      assertThat(cluster.column("SELECT metadata ->> 'effective' FROM walrus.history ORDER BY id"))
          .startsWith("false")
          .doesNotContain("true");
      assertThat(cluster.history().getFirst()).startsWith("increase 128 ");
      assertThat(cluster.history().getLast()).startsWith("dry_run 128 ");
    }
  }

  @Test
  void aRefusedWriteIsToldAndTriedAgainByTheSameWorker() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline();
        var _ = WalLoad.start(cluster, 8)) {
      long worker = cluster.workerPid();
      Path inTheWay = Files.createDirectory(cluster.data().resolve("postgresql.auto.conf.tmp"));
      cluster.awaitLog(FAILED + "could not open file \"postgresql.auto.conf.tmp\"", AN_INTERVAL);
      cluster.awaitState("apply_failures", "1", TestCluster.SOON);
      assertThat(cluster.setting("max_wal_size")).isEqualTo("64");
      assertThat(cluster.logCount("received SIGHUP")).isZero();
      assertThat(cluster.stateNumber("total_adjustments")).isZero();

      Files.delete(inTheWay);
      cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(cluster.logCount(FAILED)).isEqualTo(1);
      assertThat(cluster.autoConf()).contains("max_wal_size = '");
    }
  }

  @Test
  void aDataDirectoryThatCannotBeWrittenIsToldAndSurvived() throws Exception {
    try (TestCluster cluster = smallCluster().startWithBaseline()) {
      Set<PosixFilePermission> before = Files.getPosixFilePermissions(cluster.data());
      long worker = cluster.workerPid();
      try (var _ = WalLoad.start(cluster, 8)) {
        Files.setPosixFilePermissions(cluster.data(), PosixFilePermissions.fromString("r-x------"));
        cluster.awaitLog(FAILED, AN_INTERVAL);
      } finally {
        Files.setPosixFilePermissions(cluster.data(), before);
      }
      assertThat(cluster.log())
          .contains(FAILED + "could not open file \"postgresql.auto.conf.tmp\": Permission denied");
      assertThat(cluster.workerPid()).isEqualTo(worker);
      assertThat(cluster.crashRestarts()).isZero();
    }
  }

  @Test
  void aServerThatForbidsAlterSystemIsToldOnce() throws Exception {
    Skip.unless(Installation.get().major() >= 17, "allow_alter_system came with 17");
    try (TestCluster cluster =
        smallCluster().set("allow_alter_system", "off").startWithBaseline()) {
      Object before = Files.getLastModifiedTime(cluster.autoConfFile());
      try (var _ = WalLoad.start(cluster, 8)) {
        cluster.awaitDecisions(2, AN_INTERVAL.multipliedBy(2));
      }
      assertThat(cluster.log())
          .contains(
              "WARNING:  pg_walrus: allow_alter_system is off, sizes are only recommended",
              "LOG:  pg_walrus [DRY-RUN]: would change max_wal_size from 64 MB to ");
      assertThat(cluster.logCount("WARNING:  pg_walrus: ")).isEqualTo(1);
      assertThat(cluster.state("apply_blocked")).isEqualTo("allow_alter_system");
      assertThat(Files.getLastModifiedTime(cluster.autoConfFile())).isEqualTo(before);
      assertThat(cluster.stateNumber("self_reloads")).isZero();
    }
  }
}

package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/**
 * Whoever is killed, whenever: what the books say of a snapshot is true, nothing is left behind,
 * and another try succeeds.
 */
class SnapshotKillIT {

  private static final int FEW = 3;
  private static final int MANY = 20;

  /** Of trials. */
  private static final int KINDS = 3;

  private static final int LONGEST_PAUSE_MILLIS = 200;

  private static final String WORKERS =
      "SELECT count(*) FROM pg_stat_activity"
          + " WHERE backend_type = 'steep_repl job' OR backend_type LIKE 'steep_repl copy%'";

  private static final String HAS_ENDED =
      "SELECT status NOT IN ('pending', 'running') AND (NOT needs_undo OR undo_attempts >= 3)"
          + " FROM steep_repl.work_queue WHERE id = ";

  /** The row of a snapshot tells of its job what the queue tells. */
  private static final String IS_SAID =
      "SELECT s.error_message IS NOT DISTINCT FROM w.error_message AND s.status ="
          + " CASE WHEN w.status <> 'complete' THEN w.status"
          + " WHEN w.operation = 'snapshot_apply' THEN 'applied' ELSE 'complete' END"
          + " FROM steep_repl.snapshots AS s JOIN steep_repl.work_queue AS w USING (snapshot_id)"
          + " WHERE w.id = ";

  private static TestCluster cluster;
  private static Snapshots snapshots;
  private static DatabaseImage image;

  private final long seed = Long.getLong("walrus.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final Map<String, Integer> ends = new TreeMap<>();
  private Killer killer;

  @BeforeAll
  static void start() {
    cluster = Snapshots.server().start();
    snapshots = Snapshots.of(cluster);
    ShopDatabase.create(cluster, "source");
    image = DatabaseImage.of(cluster, "source");
    snapshots.generate("source", "shop", ", 'lz4', 2");
    cluster.execute("CREATE DATABASE existing");
    Databases.copySchema(cluster, "source", "existing");
  }

  @BeforeEach
  void arm() {
    killer = new Killer(cluster, random);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @Test
  void aFewKillsOfASnapshotInTheMaking() throws SQLException {
    rounds(FEW, this::generation);
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void manyKillsOfASnapshotInTheMaking() throws SQLException {
    rounds(MANY, this::generation);
  }

  @Test
  void aFewKillsOfTablesBeingLoaded() throws SQLException {
    rounds(FEW, _ -> load());
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void manyKillsOfTablesBeingLoaded() throws SQLException {
    rounds(MANY, _ -> load());
  }

  @Test
  void aFewKillsOfADatabaseBeingFilled() throws SQLException {
    rounds(FEW, _ -> fill());
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void manyKillsOfADatabaseBeingFilled() throws SQLException {
    rounds(MANY, _ -> fill());
  }

  /** In turn of a snapshot in the making, of tables being loaded and of a database being filled. */
  @Test
  void aFewKillsOfTheClientHarmNoJob() throws SQLException {
    rounds(2 * KINDS, this::ofEachKind, Victim::isOnlooker);
  }

  @Test
  @Tag("long")
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void manyKillsOfTheClientHarmNoJob() throws SQLException {
    rounds(MANY * KINDS, this::ofEachKind, Victim::isOnlooker);
  }

  private KillTrial ofEachKind(int round) {
    return switch (round % KINDS) {
      case 0 -> generation(round);
      case 1 -> load();
      default -> fill();
    };
  }

  private KillTrial generation(int round) {
    return new GenerateTrial(
        snapshots, "source", snapshots.path(seed + "_" + round), random.nextBoolean());
  }

  private static KillTrial load() {
    return new ApplyTrial(cluster, "source", image, snapshots.path("shop"), "existing", false);
  }

  private static KillTrial fill() {
    cluster.execute("DROP DATABASE IF EXISTS filled WITH (FORCE)");
    Databases.create(cluster, "filled");
    return new ApplyTrial(cluster, "source", image, snapshots.path("shop"), "filled", true);
  }

  private void rounds(int count, IntFunction<KillTrial> trials) throws SQLException {
    rounds(count, trials, _ -> true);
  }

  private void rounds(int count, IntFunction<KillTrial> trials, Predicate<Victim> choice)
      throws SQLException {
    System.out.println("SnapshotKillIT: seed " + seed);
    List<Victim> victims = new ArrayList<>();
    try {
      for (int round = 0; round < count; round++) {
        if (victims.isEmpty()) {
          Stream.of(Victim.values()).filter(choice).forEach(victims::add);
          Collections.shuffle(victims, random);
        }
        round(trials.apply(round), victims.removeLast());
      }
      assertNextJobCleansUp();
    } catch (AssertionError e) {
      throw new AssertionError("with seed " + seed + ": " + e.getMessage(), e);
    }
    System.out.println("SnapshotKillIT: killed " + killer.hits() + ", jobs " + ends);
  }

  private void assertNextJobCleansUp() {
    List<Path> abandoned = Workplaces.abandoned();
    snapshots.generate("source", "after_" + seed, "");
    assertThat(abandoned).noneMatch(Files::exists);
    System.out.println("SnapshotKillIT: cleaned up " + abandoned.size() + " directories");
  }

  private void round(KillTrial trial, Victim victim) throws SQLException {
    killer.prepare();
    int percent = random.nextInt(-10, 100);
    String what = victim + " at " + percent + " %";
    Family programs;
    String job;
    try (Connection client = Databases.connect(cluster, trial.database())) {
      job = queue(client, trial.start());
      Thread waiter = Thread.startVirtualThread(() -> waitFor(client, job));
      awaitPercent(trial.database(), job, percent);
      Wait.sleep(Duration.ofMillis(random.nextInt(LONGEST_PAUSE_MILLIS)));
      programs = Family.of(cluster).programs();
      killer.kill(victim, client);
      awaitEnd(trial.database(), job);
      waiter.interrupt();
    }
    programs.awaitGone();
    String status = of(trial.database(), job, "status");
    System.out.println("SnapshotKillIT: " + what + ": " + status);
    ends.merge(status, 1, Integer::sum);
    try {
      if (victim.isOnlooker()) {
        assertThat(status + ": " + of(trial.database(), job, "error_message"))
            .isEqualTo("complete: null");
      }
      assertTruthful(trial, job);
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + e.getMessage() + "\n" + cluster.log(), e);
    }
  }

  private static String queue(Connection client, String start) throws SQLException {
    try (Statement statement = client.createStatement()) {
      statement.execute(start);
      try (ResultSet job = statement.executeQuery("SELECT max(id) FROM steep_repl.work_queue")) {
        job.next();
        return job.getString(1);
      }
    }
  }

  /** What a client does until it is killed. */
  private static void waitFor(Connection client, String job) {
    try (Statement statement = client.createStatement()) {
      statement.execute("SELECT steep_repl.wait_operation(" + job + ")");
    } catch (SQLException e) {
      // It was killed, or the server.
    }
  }

  private static void awaitPercent(String database, String job, int percent) {
    Wait.until(
        () -> "job " + job + " is not at " + percent + " %\n" + cluster.log(),
        Snapshots.SOON,
        () -> !isBefore(database, job, percent));
  }

  private static boolean isBefore(String database, String job, int percent) {
    return value(
            database,
            "SELECT EXISTS (SELECT FROM steep_repl.work_queue AS w"
                + " LEFT JOIN LATERAL steep_repl.operation_progress(w.id) AS p ON true"
                + " WHERE w.status IN ('pending', 'running') AND w.id = "
                + job
                + " AND coalesce(p.overall_percent, 0) < "
                + percent
                + ")")
        .equals("t");
  }

  private static void awaitEnd(String database, String job) {
    Wait.until(
        () -> "job " + job + " has not ended\n" + cluster.log(),
        Snapshots.SOON,
        () -> value(database, HAS_ENDED + job).equals("t"));
    Wait.until(
        () -> "workers are left\n" + cluster.log(),
        Snapshots.SOON,
        () -> value(database, WORKERS).equals("0"));
  }

  private static void assertTruthful(KillTrial trial, String job) {
    assertThat(value(trial.database(), IS_SAID + job)).isEqualTo("t");
    if (of(trial.database(), job, "status").equals("complete")) {
      trial.assertComplete(job);
      return;
    }
    assertThat(of(trial.database(), job, "status")).isIn("failed", "cancelled");
    assertThat(of(trial.database(), job, "error_message")).isNotEqualTo("null");
    trial.assertUndone(job);
    String retry =
        value(trial.database(), "SELECT id FROM steep_repl.retry_operation(" + job + ")");
    awaitEnd(trial.database(), retry);
    assertThat(of(trial.database(), retry, "error_message")).isEqualTo("null");
    trial.assertComplete(retry);
  }

  private static String of(String database, String job, String column) {
    return value(database, "SELECT " + column + " FROM steep_repl.work_queue WHERE id = " + job);
  }

  private static String value(String database, String sql) {
    return String.valueOf(Databases.value(cluster, database, sql));
  }
}

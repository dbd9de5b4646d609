package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Which databases run jobs: registered, disabled, renamed, copied and dropped ones. */
class DatabasesIT {

  private static final String DISABLED =
      "the database was disabled or unregistered for jobs while the job ran";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        ProgressKinds.cluster()
            .set("steep_repl.max_operations", "16")
            .set("steep_repl.discovery_interval", "1h")
            .start();
    JobQueue.install(cluster, "postgres");
    cluster.execute("CREATE ROLE administrator LOGIN IN ROLE steep_repl_admin");
    cluster.execute("CREATE ROLE stranger LOGIN");
    cluster.execute("CREATE ROLE operator LOGIN IN ROLE steep_repl_operator");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static String registered(String database) {
    return String.valueOf(
        cluster.value(
            "SELECT enabled FROM steep_repl.list_databases() WHERE datname = '" + database + "'"));
  }

  private static String change(JobQueue from, String role, String function, String database) {
    return from.column(role, "SELECT steep_repl." + function + "('" + database + "')").getFirst();
  }

  private static boolean runsJobs(JobQueue queue) {
    long id = queue.queueGated();
    queue.await(id, "complete");
    return true;
  }

  @Test
  void aDatabaseIsRegisteredFromAnyOtherByWhoeverMay() {
    JobQueue here = JobQueue.create(cluster, "from_here");
    cluster.execute("CREATE ROLE its_owner LOGIN");
    cluster.execute("CREATE DATABASE subject OWNER its_owner");

    for (String role : new String[] {"postgres", "its_owner", "administrator"}) {
      assertThat(change(here, role, "unregister_db", "subject"))
          .isEqualTo("Database \"subject\" was not registered");
      assertThat(change(here, role, "disable_db", "subject"))
          .isEqualTo("Database \"subject\" is not registered");
      assertThat(change(here, role, "register_db", "subject"))
          .isEqualTo("Database \"subject\" registered successfully");
      assertThat(change(here, role, "register_db", "subject")).contains("registered successfully");
      assertThat(registered("subject")).isEqualTo("t");
      assertThat(change(here, role, "disable_db", "subject"))
          .isEqualTo("Database \"subject\" disabled");
      assertThat(registered("subject")).isEqualTo("f");
      assertThat(cluster.column("SELECT steep_repl.get_enabled_databases()"))
          .contains("from_here")
          .doesNotContain("subject");
      assertThat(change(here, role, "enable_db", "subject"))
          .isEqualTo("Database \"subject\" enabled");
      assertThat(registered("subject")).isEqualTo("t");
      assertThat(change(here, role, "unregister_db", "subject"))
          .isEqualTo("Database \"subject\" unregistered successfully");
      assertThat(registered("subject")).isEqualTo("null");
    }
  }

  @Test
  void othersAreRefused() {
    JobQueue queue = JobQueue.create(cluster, "closed_to_others");
    for (String role : new String[] {"stranger", "operator"}) {
      for (String function : new String[] {"register", "unregister", "enable", "disable"}) {
        assertThat(
                queue
                    .error(role, "SELECT steep_repl." + function + "_db('closed_to_others')")
                    .getSQLState())
            .as(role + " " + function)
            .isEqualTo("42501");
      }
      assertThat(queue.error(role, "SELECT steep_repl.register_current_db()").getSQLState())
          .isEqualTo("42501");
      assertThat(
              queue
                  .error(
                      role,
                      "ALTER DATABASE closed_to_others SET steep_repl.registration = 'enabled'")
                  .getSQLState())
          .isEqualTo("42501");
    }
    assertThat(queue.error("postgres", "SELECT steep_repl.register_db('nowhere')").getSQLState())
        .isEqualTo("3D000");
    assertThat(registered("closed_to_others")).isEqualTo("t");
  }

  @Test
  void aWishThatIsRolledBackChangesNothing() {
    JobQueue queue = JobQueue.create(cluster, "rolled_back");
    queue.execute("BEGIN; SELECT steep_repl.unregister_db('rolled_back'); ROLLBACK");

    assertThat(registered("rolled_back")).isEqualTo("t");
    assertThat(runsJobs(queue)).isTrue();
  }

  @Test
  void disablingEndsTheJobThatRunsAndKeepsTheOthers() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "disabled");
    long running;
    long waiting;
    try (Gate _ = Gate.shut(queue)) {
      running = queue.queueGated();
      queue.awaitGate(running);
      waiting = queue.queueGated();
      cluster.execute("SELECT steep_repl.disable_db('disabled')");
      queue.await(running, "failed");
      assertThat(queue.of(running, "error_message")).isEqualTo(DISABLED);
      assertThat(queue.of(running, "needs_undo")).isEqualTo("f");
      assertThat(queue.error("postgres", JobQueue.enqueue("trial_gate", "{}")).getSQLState())
          .isEqualTo("55000");
      assertThat(queue.value("SELECT steep_repl.bgworker_available()")).isEqualTo("f");
    }
    Wait.sleep(Duration.ofSeconds(2));
    assertThat(queue.of(waiting, "status")).isEqualTo("pending");

    cluster.execute("SELECT steep_repl.enable_db('disabled')");
    queue.await(waiting, "complete");
    assertThat(queue.of(running, "status")).isEqualTo("failed");
  }

  @Test
  void aDatabaseCanBeDroppedOnceItIsUnregistered() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "to_drop");
    Gate gate = Gate.shut(queue);
    long id = queue.queueGated();
    queue.awaitGate(id);
    cluster.execute("SELECT steep_repl.unregister_db('to_drop')");
    queue.await(id, "failed");
    gate.close();
    cluster.execute("DROP DATABASE to_drop");

    assertThat(registered("to_drop")).isEqualTo("null");
  }

  /** Whoever waits in it, and whoever would come to look after it. */
  @Test
  void aDatabaseIsDroppedByForceWithTheJobThatRuns() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "forced");
    Gate _ = Gate.shut(queue);
    long id = queue.queueGated();
    queue.awaitGate(id);
    queue.queueGated();
    cluster.execute("DROP DATABASE forced WITH (FORCE)");
    assertThat(registered("forced")).isEqualTo("null");

    // A worker may have been on its way; nobody comes a second time.
    Wait.sleep(Duration.ofSeconds(2));
    int missed = cluster.logCount("FATAL:  database ");
    for (int i = 0; i < 2; i++) {
      cluster.reload();
      Wait.sleep(Duration.ofSeconds(1));
    }
    assertThat(cluster.logCount("FATAL:  database ")).as(cluster.log()).isEqualTo(missed);
    assertThat(cluster.crashRestarts()).isZero();
  }

  @Test
  void aRenamedDatabaseStaysRegistered() {
    JobQueue queue = JobQueue.create(cluster, "old_name");
    assertThat(runsJobs(queue)).isTrue();
    Wait.until(
        "nobody is in it",
        JobQueue.SOON,
        () ->
            "0"
                .equals(
                    cluster.value(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = 'old_name'")));
    cluster.execute("ALTER DATABASE old_name RENAME TO new_name");

    assertThat(registered("old_name")).isEqualTo("null");
    assertThat(registered("new_name")).isEqualTo("t");
    assertThat(runsJobs(new JobQueue(cluster, "new_name"))).isTrue();
  }

  @Test
  void anyNameWillDo() {
    for (String name :
        new String[] {
          "a_name_of_63_characters_".repeat(3).substring(0, 63), "Ein \"Wort\", été 😀; 100 %"
        }) {
      JobQueue queue = JobQueue.create(cluster, name);
      assertThat(registered(name)).as(name).isEqualTo("t");
      assertThat(runsJobs(queue)).isTrue();
      String worker = queue.value("SELECT database FROM steep_repl.operation_progress() LIMIT 1");
      assertThat(worker).isEqualTo(name);
    }
  }

  @Test
  void withTheExtensionButUnregisteredNothingCanBeQueued() {
    JobQueue queue = JobQueue.create(cluster, "unregistered");
    cluster.execute("SELECT steep_repl.unregister_db('unregistered')");
    var refusal = queue.error("operator", JobQueue.enqueue("trial_gate", "{}"));

    assertThat(refusal.getSQLState()).isEqualTo("55000");
    assertThat(refusal.getHint()).isEqualTo("SELECT steep_repl.register_db('unregistered');");
    assertThat(queue.value("SELECT count(*) FROM steep_repl.work_queue")).isEqualTo("0");
    queue.execute(String.valueOf(refusal.getHint()));
    assertThat(runsJobs(queue)).isTrue();
  }

  @Test
  void aCopyOfADatabaseIsNotRegistered() {
    JobQueue queue = JobQueue.create(cluster, "original");
    assertThat(runsJobs(queue)).isTrue();
    cluster.execute("SELECT steep_repl.disable_db('original')");
    queue.execute("INSERT INTO steep_repl.work_queue (id, operation) VALUES (1000, 'trial_gate')");
    cluster.execute("ALTER DATABASE original WITH ALLOW_CONNECTIONS false");
    cluster.execute(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'original'");
    cluster.execute("CREATE DATABASE copy TEMPLATE original");
    JobQueue copy = new JobQueue(cluster, "copy");

    assertThat(registered("copy")).isEqualTo("null");
    assertThat(copy.error("postgres", JobQueue.enqueue("trial_gate", "{}")).getSQLState())
        .isEqualTo("55000");
    copy.execute("SELECT steep_repl.register_current_db()");
    assertThat(runsJobs(copy)).isTrue();
    copy.await(1000, "failed");
    assertThat(copy.of(1000, "error_message")).contains("in another database");
  }

  @Test
  void aRegisteredDatabaseWithoutTheExtensionIsMentionedOnce() {
    String message =
        "steep_repl: database \"bare\" is registered for jobs, but the extension is not installed";
    cluster.execute("CREATE DATABASE bare");
    cluster.execute("SELECT steep_repl.register_db('bare')");
    cluster.awaitLog(message, JobQueue.SOON);
    cluster.reload();
    Wait.sleep(Duration.ofSeconds(3));

    assertThat(cluster.logCount(message)).isEqualTo(1);
    assertThat(runsJobs(JobQueue.install(cluster, "bare"))).isTrue();
  }

  /** The rows are changed as if the dump came from elsewhere. */
  @Test
  void jobsOfAnotherServerDoNotRunHere() throws SQLException {
    JobQueue source = JobQueue.create(cluster, "dumped");
    long done = source.queueGated();
    source.await(done, "complete");
    long running;
    long waiting;
    cluster.execute("CREATE DATABASE restored");
    try (Gate _ = Gate.shut(source)) {
      running = source.queueGated();
      source.awaitGate(running);
      waiting = source.queueGated();
      // Of a kind that the table of the copy knows.
      source.execute("UPDATE steep_repl.work_queue SET operation = 'schema_capture'");
      source.execute("UPDATE steep_repl.work_queue SET requested_on = 1 WHERE id = " + waiting);
      Databases.copy(cluster, "dumped", "restored");
    }
    JobQueue restored = new JobQueue(cluster, "restored");
    assertThat(registered("restored")).isEqualTo("t");
    restored.execute("SELECT steep_repl.wake_worker()");
    restored.await(waiting, "failed");
    restored.await(running, "failed");

    assertThat(restored.of(waiting, "error_message"))
        .isEqualTo("the job was queued on another server or in another database");
    assertThat(restored.of(running, "error_message")).startsWith("the worker (pid ");
    assertThat(restored.of(done, "status")).isEqualTo("complete");
    long next =
        Long.parseLong(
            restored.column("postgres", "SELECT (steep_repl.start_capture('n')).id").getFirst());
    assertThat(next).isGreaterThan(waiting);
    restored.await(next, "complete");
    source.await(running, "complete");
  }
}

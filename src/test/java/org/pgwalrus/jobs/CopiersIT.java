package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.CANCEL;
import static org.pgwalrus.jobs.TrialCluster.SOON;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Wait;

/** Sessions of a job's role in processes of their own. */
class CopiersIT {

  private static final String COPIERS =
      "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'steep_repl copy worker'";

  private static TrialCluster trials;

  @BeforeAll
  static void start() {
    trials =
        new TrialCluster()
            .set("wal_level", "logical")
            .set("max_worker_processes", "12")
            .set("steep_repl.max_concurrent_operations", "4")
            .start();
    trials.cluster().execute("ALTER ROLE ben REPLICATION");
  }

  @AfterAll
  static void stop() {
    trials.close();
  }

  private static void execute(String sql) {
    trials.cluster().execute(sql);
  }

  private static String value(String sql) {
    return String.valueOf(trials.cluster().value(sql));
  }

  private static long complete(String role, String... lines) {
    long job = trials.queue(role, script(lines));
    trials.await(job, "complete");
    return job;
  }

  private static String failure(String role, String... lines) {
    long job = trials.queue(role, script(lines));
    trials.await(job, "failed");
    return trials.error(job);
  }

  private static void awaitNoCopiers() {
    Wait.until(() -> "copy workers are left", SOON, () -> value(COPIERS).equals("0"));
  }

  @Test
  void sessionsShareOneSnapshot() {
    execute("CREATE TABLE shared AS SELECT 1 AS x; GRANT ALL ON shared TO PUBLIC");
    long job =
        complete(
            "anna",
            "copier a open",
            "copier b open",
            "copier a run BEGIN ISOLATION LEVEL REPEATABLE READ",
            "copier a run CREATE TEMP TABLE n AS SELECT pg_export_snapshot() AS name",
            "sql INSERT INTO public.shared VALUES (2)",
            "copier a run SELECT count(*) FROM public.shared",
            "copier b run SELECT count(*) FROM public.shared",
            "copier b run SELECT current_user, session_user");

    assertThat(trials.effects(job)).containsExactly("[]", "[]", "[[1]]", "[[2]]", "[[anna, anna]]");
    awaitNoCopiers();
  }

  @Test
  void rowsGoOutAndComeIn() {
    execute("CREATE TABLE numbers (n integer); GRANT ALL ON numbers TO anna");
    long job =
        complete(
            "anna",
            "copier a open",
            "copier a in COPY public.numbers FROM STDIN <- 1..400000",
            "copier a out COPY public.numbers TO STDOUT (FORMAT csv, HEADER)",
            "copier a out COPY (SELECT * FROM public.numbers LIMIT 3) TO STDOUT");

    assertThat(trials.effects(job)).containsExactly("400000", "400000", "3");
    assertThat(value("SELECT sum(n) FROM numbers")).isEqualTo("80000200000");
  }

  @Test
  void whatCannotBeReadIsTold() {
    execute("CREATE TABLE readable (n integer); GRANT ALL ON readable TO anna");

    assertThat(
            failure(
                "anna",
                "copier a open",
                "copier a in COPY public.readable FROM STDIN <- 1 2 three 4"))
        .isEqualTo(
            "invalid input syntax for type integer: \"three\" (SQLSTATE 22P02)\n"
                + "DETAIL: COPY readable, line 3, column n: \"three\"");
    assertThat(value("SELECT count(*) FROM readable")).isEqualTo("0");
    awaitNoCopiers();
  }

  @Test
  void copyFromAsksForTheSamePrivilegesAsEver() {
    execute(
        "CREATE TABLE closed (n integer, m integer);"
            + "CREATE TABLE half_open (n integer, m integer);"
            + "GRANT INSERT (n) ON half_open TO anna; GRANT SELECT ON half_open, closed TO anna");
    String denied = " (SQLSTATE 42501)";

    assertThat(failure("anna", "copier a open", "copier a in COPY public.closed FROM STDIN <- 1 2"))
        .isEqualTo("permission denied for table closed" + denied);
    assertThat(
            failure("anna", "copier a open", "copier a in COPY public.half_open FROM STDIN <- 1 2"))
        .isEqualTo("permission denied for table half_open" + denied);
    assertThat(
            failure(
                "anna", "copier a open", "copier a in COPY public.half_open (m) FROM STDIN <- 1 2"))
        .isEqualTo("permission denied for table half_open" + denied);
    complete("anna", "copier a open", "copier a in COPY public.half_open (n) FROM STDIN <- 1 2");
    assertThat(value("SELECT count(*) FROM half_open")).isEqualTo("2");
    assertThat(value("SELECT count(*) FROM closed")).isEqualTo("0");
    assertThat(
            failure(
                "anna", "copier a open", "copier a in COPY steep_repl.work_queue FROM STDIN <- 1"))
        .isEqualTo("permission denied for table work_queue" + denied);
  }

  @Test
  void copyFromRespectsPolicies() {
    execute(
        "CREATE TABLE guarded (n integer); GRANT ALL ON guarded TO anna;"
            + "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY");

    assertThat(failure("anna", "copier a open", "copier a in COPY public.guarded FROM STDIN <- 1"))
        .startsWith("COPY FROM not supported with row-level security (SQLSTATE 0A000)")
        .contains("HINT: ");
    assertThat(failure("anna", "copier a open", "copier a out COPY public.closed_to TO STDOUT"))
        .startsWith("relation \"public.closed_to\" does not exist");
    assertThat(value("SELECT count(*) FROM guarded")).isEqualTo("0");
  }

  @Test
  void copyFromDoesNotWriteInAReadOnlyTransaction() {
    execute("CREATE TABLE unwritten (n integer); GRANT ALL ON unwritten TO anna");

    assertThat(
            failure(
                "anna",
                "copier a open",
                "copier a run BEGIN READ ONLY",
                "copier a in COPY public.unwritten FROM STDIN <- 1"))
        .isEqualTo("cannot execute COPY FROM in a read-only transaction (SQLSTATE 25006)");
    assertThat(value("SELECT count(*) FROM unwritten")).isEqualTo("0");
  }

  @Test
  void copyFromIsForTablesAndWholeRows() {
    execute("CREATE VIEW seen AS SELECT 1 AS n; GRANT ALL ON seen TO anna");

    assertThat(failure("anna", "copier a open", "copier a in COPY public.seen FROM STDIN <- 1"))
        .startsWith("cannot copy to view \"seen\"");
    assertThat(
            failure(
                "anna",
                "copier a open",
                "copier a in COPY public.effects FROM STDIN WHERE true <- 1"))
        .startsWith("a copy worker reads whole rows into a table");
  }

  @Test
  void filesAndProgramsStayForbidden() {
    assertThat(
            failure("anna", "copier a open", "copier a run COPY public.effects FROM '/etc/passwd'"))
        .contains("SQLSTATE 42501");
    assertThat(
            failure(
                "anna", "copier a open", "copier a in COPY public.effects FROM PROGRAM 'id' <- 1"))
        .contains("SQLSTATE 42501");
  }

  @Test
  void noStatementChangesTheRole() {
    for (String sql :
        new String[] {
          "SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", "RESET SESSION AUTHORIZATION"
        }) {
      assertThat(failure("postgres", "copier a open", "copier a run " + sql))
          .as(sql)
          .contains("SQLSTATE 42501");
    }
    long job =
        complete(
            "anna",
            "copier a open",
            "copier a run BEGIN",
            "copier a run SELECT current_user",
            "copier a run ROLLBACK",
            "copier a run SELECT current_user");
    assertThat(trials.effects(job)).containsExactly("[]", "[[anna]]", "[]", "[[anna]]");
  }

  @Test
  void anErrorLeavesTheSessionUsable() {
    long job =
        trials.queue(
            "anna",
            script("copier a open", "copier a run SELECT 1/0"),
            script("copier b open", "copier b run SELECT 7"));
    trials.await(job, "failed");

    assertThat(trials.error(job)).isEqualTo("division by zero (SQLSTATE 22012)");
    trials.awaitEffect(job, "[[7]]");
  }

  /** A message is at most 65,535 bytes of a chunk, and one of the rows here has more. */
  @Test
  void answersArePassedOnAsTheyAre() {
    execute("CREATE TABLE relayed (n integer); GRANT ALL ON relayed TO anna");
    long job =
        complete(
            "anna",
            "copier a open",
            "copier a relay SELECT 1; SELECT repeat(chr(90), 200000)",
            "copier a relay SELECT n, repeat(chr(90), 100) FROM generate_series(1, 3) AS n",
            "copier a relay SELECT 1/0",
            "copier a relay COPY public.relayed FROM STDIN",
            "copier a relay",
            "copier a run SELECT count(*) FROM public.relayed");
    assertThat(trials.effects(job)).containsExactly("TDCTDCZ", "TDDDCZ", "EZ", "EZ", "IZ", "[[0]]");
    awaitNoCopiers();
  }

  @Test
  void aCancelEndsWhatACopierDoes() {
    long job = trials.queue("anna", script("copier a open", "copier a run SELECT pg_sleep(600)"));
    Wait.until(
        () -> "no copier at work\n" + trials.cluster().log(),
        SOON,
        () -> value(COPIERS + " AND query LIKE '%pg_sleep(600)%'").equals("1"));

    assertThat(trials.cancel("anna", job)).isTrue();
    trials.await(job, "cancelled", CANCEL);
    awaitNoCopiers();
  }

  @Test
  void aCopierThatIsTerminatedFailsItsJob() {
    long job = trials.queue("anna", script("copier a open", "copier a run SELECT pg_sleep(601)"));
    String find =
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'steep_repl copy worker' AND query"
            + " LIKE '%pg_sleep(601)%'";
    Wait.until("a copier", SOON, () -> trials.cluster().value(find) != null);
    execute("SELECT pg_terminate_backend((" + find + "))");

    trials.await(job, "failed");
    assertThat(trials.error(job)).contains("terminating background worker");
    awaitNoCopiers();
  }

  @Test
  void aJobWorkerThatIsTerminatedLeavesNoCopier() {
    long job = trials.queue("anna", script("copier a open", "copier a run SELECT pg_sleep(602)"));
    Wait.until("a copier", SOON, () -> value(COPIERS + " AND query LIKE '%(602)%'").equals("1"));
    execute("SELECT pg_terminate_backend(" + trials.worker(job) + ")");

    trials.await(job, "failed");
    awaitNoCopiers();
  }

  @Test
  void whereTheServerHasNoWorkerToSpareTheJobHears() {
    String[] lines = new String[14];
    for (int i = 0; i < lines.length; i++) {
      lines[i] = "copier c" + i + " open";
    }

    assertThat(failure("anna", lines)).isEqualTo("no worker to spare");
    awaitNoCopiers();
  }

  @Test
  void aSlotAndItsSnapshotAreOfOnePosition() {
    long job =
        complete(
            "ben",
            "copier a open",
            "copier a slot trial_slot",
            "sql SELECT 1 FROM pg_replication_slots WHERE slot_name = 'trial_slot'");
    assertThat(trials.effects(job).getFirst()).matches("\\[\\[[0-9A-F-]+, [0-9A-F]+/[0-9A-F]+]]");
    awaitNoCopiers();
    assertThat(value("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");

    complete("ben", "copier a open", "copier a slot kept_slot", "copier a keep");
    assertThat(value("SELECT count(*) FROM pg_replication_slots WHERE NOT temporary"))
        .isEqualTo("1");
    execute("SELECT pg_drop_replication_slot('kept_slot')");
  }

  @Test
  void aSlotIsForThoseWhoMayReplicate() {
    assertThat(failure("anna", "copier a open", "copier a slot trial_slot"))
        .contains("SQLSTATE 42501");
    assertThat(value("SELECT count(*) FROM pg_replication_slots")).isEqualTo("0");
  }

  /** Who waits for an exclusive lock keeps all others waiting behind him. */
  @Test
  void aMemberOfALockGroupDoesNotWaitBehindOthers() throws SQLException {
    execute(
        "CREATE TABLE wanted AS SELECT 1 AS n; GRANT ALL ON wanted TO anna;"
            + "CREATE TABLE gate (); GRANT ALL ON gate TO anna");
    try (Connection gate = trials.cluster().connect("postgres");
        Connection other = trials.cluster().connect("postgres");
        Statement atGate = gate.createStatement();
        Statement change = other.createStatement()) {
      gate.setAutoCommit(false);
      atGate.execute("LOCK TABLE gate");
      long job =
          trials.queue(
              "anna",
              script(
                  "copier a open",
                  "copier a lead",
                  "copier a run BEGIN",
                  "copier a run LOCK TABLE public.wanted IN ACCESS SHARE MODE",
                  "copier b open",
                  "copier b join a",
                  "sql INSERT INTO public.effects (job, what) VALUES ($1::bigint, 'locked')",
                  "sql LOCK TABLE public.gate IN ACCESS SHARE MODE",
                  "copier b out COPY public.wanted TO STDOUT"));
      trials.awaitEffect(job, "locked");
      Thread waiting =
          Thread.ofPlatform().start(() -> execute(change, "ALTER TABLE wanted ADD m int"));
      Wait.until(
          "an ALTER TABLE that waits",
          SOON,
          () ->
              value(
                      "SELECT count(*) FROM pg_locks WHERE relation = 'wanted'::regclass AND NOT"
                          + " granted")
                  .equals("1"));
      gate.rollback();

      trials.await(job, "complete");
      assertThat(trials.effects(job).getLast()).isEqualTo("1");
      waiting.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void execute(Statement statement, String sql) {
    try {
      statement.execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}

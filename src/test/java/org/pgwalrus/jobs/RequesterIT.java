package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.jobs.TrialCluster.script;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.TestCluster;

/** A job can do what the role that queued it can do, and nothing else. */
class RequesterIT {

  private static final String WHO_AM_I =
      "sql INSERT INTO public.effects (job, what) VALUES ($1::bigint,"
          + " current_user || ' ' || pg_catalog.pg_has_role(session_user, 'pg_monitor', 'usage'))";

  private static final String READ_SECRET = "sql SELECT * FROM public.secret";

  private static final TrialCluster TRIALS = new TrialCluster().start();
  private static final TestCluster CLUSTER = TRIALS.cluster();

  static {
    CLUSTER.execute("CREATE TABLE public.secret (word text); INSERT INTO secret VALUES ('xyzzy')");
    CLUSTER.execute("CREATE ROLE lodge NOLOGIN IN ROLE steep_repl_operator");
    CLUSTER.execute("GRANT lodge TO anna");
  }

  @AfterAll
  static void close() {
    TRIALS.close();
  }

  @Test
  void aJobRunsAsTheRoleThatQueuedIt() {
    long job =
        TRIALS.queue(
            "anna",
            "sql INSERT INTO public.effects (job, what) VALUES ($1::bigint,"
                + " concat_ws(' ', current_user, session_user, current_setting('is_superuser')))");
    TRIALS.await(job, "complete");
    assertThat(TRIALS.effects(job)).containsExactly("anna anna off");

    assertDeniedTheSecret(TRIALS.queue("anna", READ_SECRET));
  }

  /** Before PostgreSQL 17 in a session of the role that took it on. */
  @Test
  void aRoleThatCannotLogInHasItsOwnRightsAlone() throws SQLException {
    CLUSTER.execute("CREATE TABLE public.annas (i int); ALTER TABLE annas OWNER TO anna");
    long job = queueAfter("anna", "SET ROLE lodge", WHO_AM_I);
    TRIALS.await(job, "complete");
    assertThat(TRIALS.effects(job)).containsExactly("lodge false");

    long prying = queueAfter("anna", "SET ROLE lodge", "sql SELECT * FROM public.annas");
    TRIALS.await(prying, "failed");
    assertThat(TRIALS.error(prying))
        .isEqualTo("permission denied for table annas (SQLSTATE 42501)");
  }

  @Test
  void aSuperuserWhoHasTakenOnARoleLendsItNothing() throws SQLException {
    assertDeniedTheSecret(queueAfter("postgres", "SET ROLE lodge", READ_SECRET));
    assertDeniedTheSecret(queueAfter("postgres", "SET ROLE anna", READ_SECRET));
  }

  @Test
  void theJobOfADefinersFunctionIsTheDefiners() throws SQLException {
    CLUSTER.execute("CREATE SCHEMA trap AUTHORIZATION anna");
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement()) {
      statement.execute(
          "CREATE FUNCTION trap.harmless() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$"
              + " SELECT steep_repl.enqueue('trial', NULL, NULL,"
              + " jsonb_build_object('do', '"
              + READ_SECRET
              + "'), NULL) $$");
    }
    long job = Long.parseLong(String.valueOf(CLUSTER.value("SELECT trap.harmless()")));
    assertDeniedTheSecret(job);
    assertThat(TRIALS.of(job, "requested_role::regrole")).isEqualTo("anna");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "RESET ROLE",
        "SET ROLE NONE",
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION DEFAULT",
        "SET SESSION AUTHORIZATION postgres",
        "RESET SESSION AUTHORIZATION",
        "SELECT set_config('role', 'none', false)",
        "SELECT set_config('session_authorization', 'postgres', false)"
      })
  void aStatementOfTheJobCannotTakeOffItsRole(String escape) throws SQLException {
    String attempt =
        script(
            "sql DO $do$ BEGIN EXECUTE '"
                + escape.replace("'", "''")
                + "'; EXCEPTION WHEN OTHERS THEN RAISE LOG 'refused: %', SQLERRM; END $do$",
            WHO_AM_I,
            READ_SECRET);
    long job = queueAfter("postgres", "SET ROLE lodge", attempt);
    assertDeniedTheSecret(job);
    assertThat(TRIALS.effects(job)).singleElement().asString().startsWith("lodge ");

    long annas = TRIALS.queue("anna", attempt);
    assertDeniedTheSecret(annas);
    assertThat(TRIALS.effects(annas)).containsExactly("anna false");
  }

  /** What is deferred runs when the transaction commits: still as the role. */
  @Test
  void whatRunsAtTheCommitRunsAsTheRoleToo() throws SQLException {
    CLUSTER.execute("CREATE SCHEMA burrow AUTHORIZATION lodge");
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement()) {
      statement.execute("SET ROLE lodge");
      statement.execute(
          "CREATE FUNCTION burrow.confess() RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
              + " INSERT INTO public.effects (job, what)"
              + " VALUES (-1, 'commit as ' || current_user);"
              + " RETURN 'x'; END $$");
      statement.execute(
          "CREATE FUNCTION burrow.trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
              + " PERFORM burrow.confess(); RETURN NULL; END $$");
      statement.execute("CREATE TABLE burrow.bait (i int)");
      statement.execute(
          "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON burrow.bait"
              + " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION burrow.trigger()");
    }

    long job =
        queueAfter(
            "postgres",
            "SET ROLE lodge",
            script(
                "sql INSERT INTO burrow.bait VALUES (1)",
                "sql DO $$ BEGIN EXECUTE 'DECLARE late CURSOR WITH HOLD FOR"
                    + " SELECT burrow.confess()'; END $$"));
    TRIALS.await(job, "complete");

    assertThat(CLUSTER.column("SELECT what FROM effects WHERE job = -1"))
        .hasSize(2)
        .containsOnly("commit as lodge");
  }

  /** What the job's statements leave in their session must not reach the owner's. */
  @Test
  void theOwnersStatementsFindNoOperatorOfTheRole() throws SQLException {
    CLUSTER.execute("CREATE SCHEMA lure AUTHORIZATION anna");
    try (Connection session = CLUSTER.connect("anna");
        Statement statement = session.createStatement()) {
      statement.execute(
          "CREATE FUNCTION lure.equal(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
              + " IF current_user = 'postgres' THEN INSERT INTO public.effects (job, what)"
              + " VALUES (-2, 'caught'); END IF; RETURN true; END $$");
      statement.execute(
          "CREATE OPERATOR lure.= (LEFTARG = bigint, RIGHTARG = bigint, FUNCTION = lure.equal)");
    }

    long job =
        TRIALS.queue(
            "anna",
            "sql SELECT set_config('search_path', 'lure, pg_catalog', false)",
            "sql SELECT set_config('search_path', 'lure, pg_catalog', false)");
    TRIALS.await(job, "complete");
    long next = queueTwo();
    TRIALS.await(next, "failed");
    assertThat(CLUSTER.column("SELECT what FROM effects WHERE job = -2")).isEmpty();
  }

  @Test
  void whatARoleHasSetForItsSessionsIsNotForItsJobs() {
    CLUSTER.execute("CREATE ROLE tuned LOGIN IN ROLE steep_repl_operator, lodge");
    for (String setting :
        List.of(
            "default_transaction_read_only = on",
            "default_transaction_isolation = serializable",
            "statement_timeout = 1",
            "lock_timeout = 1",
            "search_path = nowhere",
            "client_encoding = LATIN1",
            "DateStyle = 'SQL, DMY'",
            "role = lodge")) {
      CLUSTER.execute("ALTER ROLE tuned IN DATABASE postgres SET " + setting);
    }
    CLUSTER.execute(
        "CREATE FUNCTION public.queue_for_tuned() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS"
            + " $$ SELECT steep_repl.enqueue('trial', NULL, NULL, jsonb_build_object('do', '"
            + WHO_AM_I.replace("'", "''")
            + "'), NULL) $$; ALTER FUNCTION queue_for_tuned() OWNER TO tuned");
    long job = Long.parseLong(String.valueOf(CLUSTER.value("SELECT public.queue_for_tuned()")));
    TRIALS.await(job, "complete");
    assertThat(TRIALS.effects(job)).containsExactly("tuned false");
  }

  /** Two jobs of one worker: what the first has set, the second does not find. */
  @Test
  void aJobLeavesNoSettingToTheNextOneOfItsWorker() throws SQLException {
    String show =
        "sql INSERT INTO public.effects (job, what) VALUES ($1::bigint,"
            + " current_setting('search_path') || ', ' || current_setting('statement_timeout'))";
    long before;
    long first;
    long second;
    try (Connection session = CLUSTER.connect("anna")) {
      session.setAutoCommit(false);
      before = TrialCluster.queue(session, show, "");
      first =
          TrialCluster.queue(
              session,
              script(
                  "sql SELECT set_config('search_path', 'public', false)",
                  "sql SELECT set_config('statement_timeout', '12345', false)",
                  "sql SELECT set_config('default_transaction_read_only', 'on', false)"),
              "");
      second = TrialCluster.queue(session, show, "");
      session.commit();
    }
    TRIALS.await(second, "complete");
    assertThat(TRIALS.status(first)).isEqualTo("complete");
    assertThat(TRIALS.worker(second)).isEqualTo(TRIALS.worker(first));
    assertThat(TRIALS.effects(second)).isEqualTo(TRIALS.effects(before));
  }

  /** Has the worker, in one session, search elsewhere, and then read its parameters to undo. */
  private static long queueTwo() {
    return TRIALS.queue(
        "anna",
        script("sql SELECT set_config('search_path', 'lure, pg_catalog', false)", "sql SELECT 1/0"),
        "sql SELECT 1");
  }

  private static void assertDeniedTheSecret(long job) {
    TRIALS.await(job, "failed");
    assertThat(TRIALS.error(job)).isEqualTo("permission denied for table secret (SQLSTATE 42501)");
  }

  private static long queueAfter(String role, String statement, String script) throws SQLException {
    try (Connection session = CLUSTER.connect(role);
        Statement first = session.createStatement()) {
      first.execute(statement);
      return TrialCluster.queue(session, script, "");
    }
  }
}

package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** Capturing fingerprints as a job, each test in its database. */
class JobCaptureIT {

  private static final String STAGED = "SELECT count(*) FROM steep_repl.captured_fingerprints";

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster =
        TestCluster.create()
            .set("steep_repl.max_operations", "16")
            .set("steep_repl.node_id", "this node")
            .set("walrus.enable", "off")
            .start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static JobQueue database(String name) {
    cluster.execute("CREATE DATABASE " + name);
    JobQueue queue = new JobQueue(cluster, name);
    queue.execute("CREATE EXTENSION steep_repl");
    return queue;
  }

  private static long capture(JobQueue queue, String arguments) {
    return Long.parseLong(
        String.valueOf(queue.value("SELECT (steep_repl.start_capture(" + arguments + ")).id")));
  }

  private static void captured(JobQueue queue, String arguments) {
    queue.await(capture(queue, arguments), "complete");
  }

  /** What is stored of a node, but for the time. */
  private static String tables(JobQueue queue, String node) {
    return String.valueOf(
        queue.value(
            "SELECT string_agg(concat_ws('|', table_schema, table_name, fingerprint, algorithm,"
                + " column_count, column_definitions), chr(10) ORDER BY"
                + " table_schema COLLATE \"C\", table_name COLLATE \"C\")"
                + " FROM steep_repl.schema_fingerprints WHERE node_id = '"
                + node
                + "'"));
  }

  @Test
  void aJobCapturesWhatTheFunctionDoes() {
    JobQueue queue = database("odd");
    queue.execute(
        """
        CREATE SCHEMA "A ""quoted"" one";
        CREATE SCHEMA "with.dot,and{comma}";
        CREATE SCHEMA "été 😀";
        CREATE SCHEMA "NULL";
        CREATE SCHEMA "empty";
        """);
    queue.execute(
        """
        CREATE TABLE public.plain (id int PRIMARY KEY, t text NOT NULL DEFAULT 'x');
        CREATE TABLE "A ""quoted"" one"."T ""1"" x" ("Ä b" int[], " " numeric(5,2));
        CREATE TABLE "with.dot,and{comma}"."a.b" (x timestamptz);
        CREATE TABLE "with.dot,and{comma}"."no columns" ();
        CREATE TABLE "été 😀"."😀" (y text COLLATE "C");
        CREATE TABLE "NULL"."null" (z int GENERATED ALWAYS AS IDENTITY);
        CREATE TABLE public.parted (k int) PARTITION BY RANGE (k);
        CREATE TABLE public.part PARTITION OF public.parted DEFAULT;
        CREATE VIEW public.v AS SELECT 1 AS one;
        """);
    captured(queue, "'by job'");
    queue.execute("SELECT steep_repl.capture_fingerprints('by function')");

    assertThat(tables(queue, "by job")).isEqualTo(tables(queue, "by function"));
    assertThat(tables(queue, "by job").lines()).hasSize(8);
    assertThat(queue.value(STAGED)).isEqualTo("0");
  }

  @Test
  void droppedTablesGoAndChangedOnesChange() {
    JobQueue queue = database("dropped");
    queue.execute("CREATE SCHEMA s; CREATE TABLE s.stays (a int); CREATE TABLE s.goes (b int)");
    captured(queue, "'n'");
    captured(queue, "'other'");
    String before = tables(queue, "other");
    queue.execute("DROP TABLE s.goes; ALTER TABLE s.stays ADD c int; CREATE TABLE s.comes ()");
    captured(queue, "'n'");
    queue.execute("SELECT steep_repl.capture_fingerprints('by function')");

    assertThat(tables(queue, "n")).isEqualTo(tables(queue, "by function")).doesNotContain("goes");
    assertThat(tables(queue, "other")).as("another node").isEqualTo(before);

    queue.execute("DROP SCHEMA s CASCADE");
    captured(queue, "'n'");
    assertThat(tables(queue, "n")).isEqualTo("null");
  }

  @Test
  void onlyTheSchemasThatWereNamedAreTouched() {
    JobQueue queue = database("named");
    queue.execute(
        "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (x int); CREATE TABLE b.t ()");
    captured(queue, "'n'");
    queue.execute("DROP TABLE a.t; DROP TABLE b.t; CREATE TABLE a.u (); CREATE TABLE b.u ()");
    captured(queue, "'n', ARRAY['a']");

    assertThat(
            queue.value(
                "SELECT string_agg(table_schema || '.' || table_name, ' ' ORDER BY table_schema)"
                    + " FROM steep_repl.schema_fingerprints"))
        .isEqualTo("a.u b.t");

    captured(queue, "'n', '{}'");
    assertThat(tables(queue, "n").lines()).as("no schema, no change").hasSize(2);
    assertThat(
            queue
                .error("postgres", "SELECT steep_repl.start_capture('n', ARRAY['a', 'c'])")
                .getMessage())
        .isEqualTo("schema \"c\" does not exist");
  }

  @Test
  void theNodeIsTheOneThatIsSet() {
    JobQueue queue = database("node");
    queue.execute("CREATE TABLE t ()");
    captured(queue, "");

    assertThat(queue.value("SELECT DISTINCT node_id FROM steep_repl.schema_fingerprints"))
        .isEqualTo("this node");
    assertThat(queue.error("postgres", "SELECT steep_repl.start_capture('')").getSQLState())
        .isEqualTo("22023");
  }

  /** A lock on the table of the results holds the capture up at its end. */
  @Test
  void aCancelledCaptureLeavesNothingHalfDone() throws SQLException {
    JobQueue queue = database("half");
    queue.execute("CREATE SCHEMA s; CREATE TABLE s.old (a int)");
    captured(queue, "'n'");
    String before = tables(queue, "n");
    queue.execute("DROP TABLE s.old; CREATE TABLE s.new (b int)");
    try (Connection holder = Databases.connect(cluster, "half");
        Statement statement = holder.createStatement()) {
      holder.setAutoCommit(false);
      statement.execute("LOCK TABLE steep_repl.schema_fingerprints IN SHARE MODE");
      long id = capture(queue, "'n'");
      Wait.until("publishing", JobQueue.SOON, () -> queue.live(id, "phase").equals("finalizing"));
      assertThat(queue.value(STAGED)).isEqualTo("1");
      queue.execute("SELECT steep_repl.cancel_operation(" + id + ")");
      queue.await(id, "cancelled");
    }

    assertThat(tables(queue, "n")).isEqualTo(before);
    assertThat(queue.value(STAGED)).isEqualTo("0");
    captured(queue, "'n'");
    assertThat(tables(queue, "n")).contains("s|new|").doesNotContain("s|old|");
  }

  @Test
  void anOperatorCapturesWithoutARightToTheTables() {
    JobQueue queue = database("rights");
    queue.execute("CREATE ROLE capturer LOGIN; GRANT steep_repl_operator TO capturer");
    queue.execute("CREATE SCHEMA closed; CREATE TABLE closed.t (a int)");
    long id =
        Long.parseLong(
            queue.column("capturer", "SELECT (steep_repl.start_capture('n')).id").getFirst());
    queue.await(id, "complete");

    assertThat(tables(queue, "n")).startsWith("closed|t|");
    queue.execute("CREATE ROLE nobody_here LOGIN");
    assertThat(queue.error("nobody_here", "SELECT steep_repl.start_capture('n')").getSQLState())
        .isEqualTo("42501");
  }
}

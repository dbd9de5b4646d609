package org.pgwalrus.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Skip;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * Two databases whose schemas drift apart; the peer, which has no extension at all, is asked over
 * dblink: by superusers at an address that one of them has confirmed, by others with their own user
 * mapping of a foreign server.
 */
class PeerFingerprintsIT {

  private static final String PEER = "the 'other' \\ one";
  private static final String PASSWORD = "correct horse";

  private static final String COMPARISON =
      "SELECT concat_ws(' ', table_name, status, local_column_count, remote_column_count)"
          + " FROM steep_repl.compare_fingerprints('here', 'peer')";

  private static final String DIFFERENCES =
      "SELECT concat_ws(' ', column_name, difference_type, coalesce(local_definition, '-'),"
          + " coalesce(remote_definition, '-'))"
          + " FROM steep_repl.get_column_diff('peer', 'public', 'orders')";

  private static TestCluster cluster;

  @BeforeAll
  static void start() throws IOException {
    cluster = TestCluster.create().set("shared_preload_libraries", "");
    Path hba = cluster.data().resolve("pg_hba.conf");
    Files.writeString(hba, "host all asker 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
    cluster.start();
    Skip.unless(
        cluster.value("SELECT 1 FROM pg_available_extensions WHERE name = 'dblink'") != null,
        "this server comes without dblink");
    cluster.execute("CREATE SCHEMA extensions");
    cluster.execute("GRANT USAGE ON SCHEMA extensions TO PUBLIC");
    cluster.execute("CREATE EXTENSION dblink SCHEMA extensions");
    cluster.execute("CREATE DATABASE \"" + PEER + "\"");
    cluster.execute("CREATE EXTENSION steep_repl");
    cluster.execute("CREATE ROLE \"Operator\" LOGIN IN ROLE steep_repl_operator");
    cluster.execute("CREATE ROLE asker LOGIN PASSWORD '" + PASSWORD + "'");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  @BeforeEach
  void beginWithEqualTablesAndNoForeignServer() {
    cluster.execute("DROP SERVER IF EXISTS peer, roundabout CASCADE");
    cluster.execute("REVOKE ALL ON FOREIGN DATA WRAPPER dblink_fdw FROM \"Operator\"");
    cluster.execute("DELETE FROM steep_repl.nodes");
    register("peer", cluster.port());
    for (String schema : new String[] {"DROP SCHEMA public CASCADE", "CREATE SCHEMA public"}) {
      both(schema);
    }
    both("CREATE TABLE orders (id integer PRIMARY KEY, note varchar(20), total numeric(8,2))");
  }

  private static void register(String node, int port) {
    cluster.execute(
        "SELECT steep_repl.register_node('%s', 'Peer', '127.0.0.1', %d, p_dbname => $$%s$$,"
                .formatted(node, port, PEER)
            + " p_conninfo => 'user=postgres application_name=asked')");
  }

  private static void server(String name) {
    cluster.execute(
        "CREATE SERVER %s FOREIGN DATA WRAPPER dblink_fdw OPTIONS".formatted(name)
            + " (host '127.0.0.1', port '%d', dbname $$%s$$)".formatted(cluster.port(), PEER));
  }

  private static void mapping(String server, String password) {
    cluster.execute("GRANT USAGE ON FOREIGN SERVER " + server + " TO \"Operator\"");
    cluster.execute(
        "CREATE USER MAPPING FOR \"Operator\" SERVER %s OPTIONS (user 'asker', password '%s')"
            .formatted(server, password));
  }

  private static void peer(String sql) {
    Databases.execute(cluster, PEER, sql);
  }

  private static void both(String sql) {
    cluster.execute(sql);
    peer(sql);
  }

  private static List<String> asOperator(String sql) throws SQLException {
    try (Connection connection = cluster.connect("Operator")) {
      return rows(connection, sql);
    }
  }

  private static List<String> rows(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      List<String> values = new ArrayList<>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** A server that notices whether anybody comes. */
  private static final class Trap implements AutoCloseable {

    private final ServerSocket socket;

    Trap() throws IOException {
      socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      socket.setSoTimeout(300);
    }

    int port() {
      return socket.getLocalPort();
    }

    void assertThatNobodyCame() {
      assertThatThrownBy(() -> socket.accept().close()).isInstanceOf(SocketTimeoutException.class);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void equalSchemasMatch() {
    assertThat(cluster.column(COMPARISON)).containsExactly("orders MATCH 3 3");
    assertThat(cluster.column(DIFFERENCES)).isEmpty();
  }

  @Test
  void theSetHereIsCapturedAndThePeerIsOnlyRead() {
    peer("CREATE TABLE theirs ()");
    cluster.execute("CREATE TABLE ours (a integer)");
    assertThat(cluster.column(COMPARISON))
        .containsExactly("orders MATCH 3 3", "ours LOCAL_ONLY 1 0", "theirs REMOTE_ONLY 0 0");
    assertThat(
            cluster.column(
                "SELECT DISTINCT node_id FROM steep_repl.schema_fingerprints ORDER BY 1"))
        .containsExactly("here");
    assertThat(Databases.value(cluster, PEER, "SELECT to_regnamespace('steep_repl')")).isNull();
  }

  @Test
  void everyDifferenceOfAColumnIsTold() {
    cluster.execute("ALTER TABLE orders ADD mine boolean");
    cluster.execute("ALTER TABLE orders ALTER note TYPE varchar(30), ALTER note SET NOT NULL");
    cluster.execute("ALTER TABLE orders ALTER note SET DEFAULT 'none'");
    peer("ALTER TABLE orders ADD yours date");
    assertThat(cluster.column(COMPARISON)).containsExactly("orders MISMATCH 4 4");
    assertThat(cluster.column(DIFFERENCES))
        .containsExactly(
            "note type_change character varying(30) character varying(20)",
            "note nullable_change NO YES",
            "note default_change 'none'::character varying -",
            "mine missing_remote boolean -",
            "yours missing_local - date");
  }

  @Test
  void whatElseMakesAMismatchIsToldToo() {
    both("DROP TABLE orders");
    cluster.execute(
        "CREATE TABLE orders (id integer GENERATED ALWAYS AS IDENTITY, a text, b text COLLATE \"C\")");
    peer("CREATE TABLE orders (id integer NOT NULL, b text, a text)");
    assertThat(cluster.column(COMPARISON)).containsExactly("orders MISMATCH 3 3");
    assertThat(cluster.column(DIFFERENCES))
        .containsExactly(
            "id generated_change a ",
            "a order_change 2 3",
            "b collation_change \"C\" ",
            "b order_change 3 2");
  }

  @Test
  void aDefaultAloneIsNoMismatchButTold() {
    peer("ALTER TABLE orders ALTER total SET DEFAULT 0");
    assertThat(cluster.column(COMPARISON)).containsExactly("orders MATCH 3 3");
    assertThat(cluster.column(DIFFERENCES)).containsExactly("total default_change - 0");
  }

  /** The peer's own settings would show the same tables in another way. */
  @Test
  void settingsOfThePeerMakeNoDifference() {
    both("CREATE TYPE mood AS ENUM ('glad')");
    both(
        "ALTER TABLE orders ADD m mood DEFAULT 'glad', ADD d date DEFAULT '2026-02-01',"
            + " ADD t timestamptz DEFAULT '2026-02-01 00:00+00', ADD i interval DEFAULT '2 h'");
    peer("CREATE SEQUENCE n OWNED BY orders.id");
    peer("ALTER TABLE orders ALTER id SET DEFAULT nextval('n')");
    String database = "ALTER DATABASE \"" + PEER + "\" ";
    for (String setting :
        new String[] {
          "DateStyle = German",
          "TimeZone = 'Asia/Kathmandu'",
          "IntervalStyle = sql_standard",
          "quote_all_identifiers = on",
          "search_path = public, pg_catalog"
        }) {
      peer(database + "SET " + setting);
    }
    try {
      assertThat(cluster.column(COMPARISON)).containsExactly("orders MATCH 7 7");
      assertThat(cluster.column(DIFFERENCES))
          .containsExactly("id default_change - nextval('public.n'::regclass)");
    } finally {
      peer(database + "RESET ALL");
    }
  }

  @Test
  void anOperatorAsksWithHisOwnUserMapping() throws SQLException {
    server("peer");
    mapping("peer", PASSWORD);
    peer("CREATE TABLE theirs ()");
    assertThat(asOperator(COMPARISON))
        .containsExactly("orders MATCH 3 3", "theirs REMOTE_ONLY 0 0");
    peer("ALTER TABLE orders ALTER note TYPE text");
    assertThat(asOperator(DIFFERENCES))
        .containsExactly("note type_change character varying(20) text");
  }

  @Test
  void theServerMayHaveAnotherNameThanTheNode() throws SQLException {
    server("roundabout");
    mapping("roundabout", PASSWORD);
    cluster.execute("UPDATE steep_repl.nodes SET foreign_server = 'roundabout'");
    assertThat(asOperator(COMPARISON)).containsExactly("orders MATCH 3 3");

    cluster.execute("UPDATE steep_repl.nodes SET foreign_server = 'nowhere'");
    ServerErrorMessage error = cluster.error("Operator", COMPARISON);
    assertThat(error.getSQLState()).isEqualTo("42704");
    assertThat(error.getMessage())
        .isEqualTo("foreign server \"nowhere\" of peer node \"peer\" does not exist");
  }

  @Test
  void withoutServerUsageOrMappingAnOperatorIsRefused() {
    ServerErrorMessage error = cluster.error("Operator", COMPARISON);
    assertThat(error.getSQLState()).isEqualTo("42501");
    assertThat(error.getMessage())
        .isEqualTo("peer node \"peer\" has no foreign server that you may use");
    assertThat(error.getHint()).contains("user mapping");

    server("peer");
    assertThat(cluster.error("Operator", COMPARISON).getSQLState()).isEqualTo("42501");
    cluster.execute("UPDATE steep_repl.nodes SET foreign_server = 'peer'");
    error = cluster.error("Operator", COMPARISON);
    assertThat(error.getSQLState()).isEqualTo("42501");
    assertThat(error.getMessage())
        .isEqualTo("permission denied for foreign server \"peer\" of peer node \"peer\"");

    cluster.execute("GRANT USAGE ON FOREIGN SERVER peer TO \"Operator\"");
    error = cluster.error("Operator", COMPARISON);
    assertThat(error.getSQLState()).isEqualTo("42704");
    assertThat(error.getMessage())
        .isEqualTo(
            "foreign server \"peer\" of peer node \"peer\" has no user mapping for role \"Operator\"");
  }

  @Test
  void aWrongPasswordIsNotTold() {
    server("peer");
    mapping("peer", "wrong horse");
    ServerErrorMessage error = cluster.error("Operator", COMPARISON);
    assertThat(error.getSQLState()).isEqualTo("08001");
    assertThat(error.getMessage())
        .isEqualTo("could not connect to peer node \"peer\" through foreign server \"peer\"");
    assertThat(error.getDetail())
        .contains("password authentication failed")
        .doesNotContain("horse");
  }

  /** A superuser's own credentials would be his. */
  @Test
  void anOperatorWhoPointsANodeElsewhereGainsNothing() throws Exception {
    try (Trap trap = new Trap()) {
      asOperator(
          "SELECT node_id FROM steep_repl.register_node('peer', 'Peer', p_port => %d)"
              .formatted(trap.port()));
      ServerErrorMessage error = cluster.error(COMPARISON);
      assertThat(error.getSQLState()).isEqualTo("42501");
      assertThat(error.getMessage())
          .isEqualTo("the address of peer node \"peer\" was not confirmed by a superuser");
      assertThat(error.getDetail()).contains("127.0.0.1:" + trap.port());
      assertThat(cluster.error("Operator", COMPARISON).getSQLState()).isEqualTo("42501");
      trap.assertThatNobodyCame();
    }
    register("peer", cluster.port());
    assertThat(cluster.column(COMPARISON)).containsExactly("orders MATCH 3 3");
  }

  @Test
  void aForeignServerOfAnOperatorIsNoneForASuperuser() throws Exception {
    cluster.execute("GRANT USAGE ON FOREIGN DATA WRAPPER dblink_fdw TO \"Operator\"");
    try (Trap trap = new Trap();
        Connection connection = cluster.connect("Operator");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "CREATE SERVER peer FOREIGN DATA WRAPPER dblink_fdw OPTIONS (host '127.0.0.1', port '%d')"
              .formatted(trap.port()));
      statement.execute("CREATE USER MAPPING FOR PUBLIC SERVER peer OPTIONS (user 'mine')");
      assertThat(cluster.column(COMPARISON))
          .as("the address that was confirmed")
          .containsExactly("orders MATCH 3 3");

      statement.execute("UPDATE steep_repl.nodes SET foreign_server = 'peer'");
      ServerErrorMessage error = cluster.error(COMPARISON);
      assertThat(error.getSQLState()).isEqualTo("42501");
      assertThat(error.getMessage())
          .isEqualTo(
              "foreign server \"peer\" of peer node \"peer\" does not belong to a superuser");
      trap.assertThatNobodyCame();
    }
  }

  /** Nothing runs at the peer that its users have made, not even under the names of the server. */
  @Test
  void aPeerThatShadowsTheServersNamesIsReadAllTheSame() {
    server("peer");
    mapping("peer", PASSWORD);
    peer("CREATE SCHEMA evil");
    peer("GRANT USAGE ON SCHEMA evil TO PUBLIC");
    peer("CREATE DOMAIN evil.text AS integer CHECK (VALUE < 0)");
    String body = " LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'evil ran'; END $$";
    for (String function :
        new String[] {
          "sha256(bytea) RETURNS bytea",
          "encode(bytea, pg_catalog.text) RETURNS pg_catalog.text",
          "convert_to(pg_catalog.text, name) RETURNS bytea",
          "octet_length(bytea) RETURNS integer",
          "format_type(oid, integer) RETURNS pg_catalog.text",
          "pg_get_expr(pg_node_tree, oid) RETURNS pg_catalog.text",
          "getdatabaseencoding() RETURNS name",
          "concat(\"char\", \"char\") RETURNS pg_catalog.text",
          "eq(name, name) RETURNS boolean",
          "eq(oid, oid) RETURNS boolean",
          "eq(\"char\", \"char\") RETURNS boolean",
          "set_config(pg_catalog.text, pg_catalog.text, boolean) RETURNS pg_catalog.text"
        }) {
      peer("CREATE FUNCTION evil." + function + body);
    }
    for (String type : new String[] {"name", "oid", "\"char\""}) {
      peer(
          "CREATE OPERATOR evil.= (FUNCTION = evil.eq, LEFTARG = %1$s, RIGHTARG = %1$s)"
              .formatted(type));
    }
    peer("CREATE SCHEMA steep_repl");
    peer(
        "CREATE FUNCTION steep_repl.table_fingerprints(pg_catalog.text[] DEFAULT NULL)"
            + " RETURNS SETOF record"
            + body);
    peer("ALTER DATABASE \"" + PEER + "\" SET search_path = evil, pg_catalog, public");
    try {
      assertThatThrownBy(() -> Databases.value(cluster, PEER, "SELECT encode('a'::bytea, 'hex')"))
          .as("the trap works")
          .hasStackTraceContaining("evil ran");
      assertThat(cluster.column(COMPARISON)).containsExactly("orders MATCH 3 3");
      assertThat(cluster.column(DIFFERENCES)).isEmpty();
      assertThat(asOperator(COMPARISON)).containsExactly("orders MATCH 3 3");
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    } finally {
      peer("ALTER DATABASE \"" + PEER + "\" RESET ALL");
      peer("DROP SCHEMA evil, steep_repl CASCADE");
    }
  }

  @Test
  void aPeerThatDoesNotAnswerIsNamed() {
    register("dead", 1);
    ServerErrorMessage error =
        cluster.error("SELECT * FROM steep_repl.compare_fingerprints('here', 'dead')");
    assertThat(error.getSQLState()).isEqualTo("08001");
    assertThat(error.getMessage())
        .isEqualTo("could not connect to peer node \"dead\" at 127.0.0.1:1");
    assertThat(error.getDetail()).contains("Connection refused");
  }

  /** An error of the peer names it; a comparison can be cancelled; neither stops the next one. */
  @Test
  void errorsLeaveNoConnectionBehind() throws SQLException {
    String peerSessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'asked'";
    try (Connection session = cluster.connect();
        Connection blocker = Databases.connect(cluster, PEER);
        Statement statement = session.createStatement();
        Statement lock = blocker.createStatement()) {
      blocker.setAutoCommit(false);
      lock.execute("LOCK TABLE pg_catalog.pg_attrdef IN ACCESS EXCLUSIVE MODE");

      cluster.execute("ALTER DATABASE \"" + PEER + "\" SET statement_timeout = '500ms'");
      assertThatThrownBy(() -> rows(session, COMPARISON))
          .hasMessageContaining(
              "could not ask peer node \"peer\" at 127.0.0.1:" + cluster.port() + ": ")
          .hasMessageContaining("statement timeout");
      cluster.execute("ALTER DATABASE \"" + PEER + "\" RESET statement_timeout");
      awaitNone(peerSessions);

      statement.execute("SET statement_timeout = '1s'");
      long before = System.nanoTime();
      assertThatThrownBy(() -> rows(session, COMPARISON))
          .isInstanceOfSatisfying(
              PSQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
      assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
      statement.execute("SET statement_timeout = 0");
      assertThat(
              rows(
                  session,
                  "SELECT coalesce(array_length(extensions.dblink_get_connections(), 1), 0)"))
          .containsExactly("0");

      blocker.rollback();
      assertThat(rows(session, COMPARISON)).containsExactly("orders MATCH 3 3");
      awaitNone(peerSessions);
    }
  }

  private static void awaitNone(String count) {
    Wait.until(
        () -> "still there\n" + cluster.log(),
        TestCluster.SOON,
        () -> "0".equals(cluster.value(count)));
  }

  @Test
  void aTableThatIsNowhereIsNamed() {
    ServerErrorMessage error =
        cluster.error("SELECT * FROM steep_repl.get_column_diff('peer', 'public', 'nothing')");
    assertThat(error.getSQLState()).isEqualTo("42P01");
    assertThat(error.getMessage()).contains("\"public.nothing\"", "\"peer\"");
  }

  @Test
  void thousandTablesAreCapturedByOneStatement() {
    both(
        "DO $$ BEGIN FOR i IN 1..1000 LOOP"
            + " EXECUTE format('CREATE TABLE t%s (a integer, b text)', i); END LOOP; END $$");
    long before = System.nanoTime();
    assertThat(cluster.value("SELECT steep_repl.capture_fingerprints('here')")).isEqualTo("1001");
    System.out.printf("1001 tables captured in %d ms%n", (System.nanoTime() - before) / 1_000_000);
    assertThat(
            cluster.value(
                "SELECT count(DISTINCT fingerprint) FROM steep_repl.schema_fingerprints"
                    + " WHERE node_id = 'here'"))
        .isEqualTo("2");
    cluster.execute("ALTER TABLE t500 ADD c date");
    assertThat(cluster.column(COMPARISON))
        .hasSize(1001)
        .filteredOn(row -> !row.contains(" MATCH "))
        .containsExactly("t500 MISMATCH 3 2");
  }
}

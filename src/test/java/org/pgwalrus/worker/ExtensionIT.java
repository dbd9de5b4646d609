package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What CREATE EXTENSION gives, and what it takes when it is dropped. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExtensionIT {

  private final TestCluster cluster = TestCluster.create();

  @BeforeAll
  void start() {
    cluster.startWithBaseline();
    cluster.execute("CREATE ROLE ordinary LOGIN");
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void controlFileDatabaseAndJarAgreeOnTheVersion() throws Exception {
    Path control =
        Path.of(Installation.get().ask("--sharedir")).resolve("extension/pg_walrus.control");
    Matcher version =
        Pattern.compile("default_version = '([^']+)'").matcher(Files.readString(control));
    assertThat(version.find()).isTrue();

    assertThat(version.group(1)).isEqualTo(BuildInfo.VERSION);
    assertThat(cluster.value("SELECT extversion FROM pg_extension WHERE extname = 'pg_walrus'"))
        .isEqualTo(BuildInfo.VERSION);
    if (Installation.get().major() >= 18) {
      assertThat(
              cluster.value(
                  "SELECT version FROM pg_get_loaded_modules() WHERE module_name = 'pg_walrus'"))
          .isEqualTo(BuildInfo.VERSION);
    }
  }

  @Test
  void everyFieldOfTheStateIsInTheJsonWithItsVersionAndTheClock() throws SQLException {
    List<String> expected =
        new ArrayList<>(List.of("magic", "version", "layout_version", "monotonic_sec"));
    Arrays.stream(StateField.values()).map(StateField::cName).forEach(expected::add);
    List<String> found = new ArrayList<>();
    try (Connection connection = cluster.connect();
        Statement statement = connection.createStatement();
        ResultSet keys =
            statement.executeQuery("SELECT jsonb_object_keys(walrus.shmem_status())")) {
      while (keys.next()) {
        found.add(keys.getString(1));
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(cluster.state("worker_start"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00");
    assertThat(
            cluster.value(
                "SELECT abs(extract(epoch FROM (walrus.shmem_status() ->>"
                    + " 'last_check_time')::timestamptz - now())) < 60"))
        .isEqualTo("t");
    assertThat(cluster.value("SELECT walrus.shmem_status() -> 'last_adjustment_time'"))
        .isEqualTo("null");
  }

  @Test
  void aMonitorReadsTheStateAndAnOrdinaryRoleNothing() throws SQLException {
    assertThat(cluster.error("ordinary", "SELECT walrus.shmem_status()").getSQLState())
        .isEqualTo("42501");
    cluster.execute("CREATE ROLE monitor LOGIN IN ROLE pg_monitor");
    try (Connection connection = cluster.connect("monitor");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT walrus.shmem_status() ->> 'worker_pid' <> '0'")) {
      assertThat(row.next()).isTrue();
      assertThat(row.getBoolean(1)).isTrue();
    }
    assertThat(cluster.error("ordinary", "CREATE TABLE walrus.mine ()").getSQLState())
        .isEqualTo("42501");
    assertThat(cluster.error("ordinary", "DROP EXTENSION pg_walrus").getSQLState())
        .isEqualTo("42501");
    assertThat(
            cluster.value(
                "SELECT superuser AND NOT trusted AND NOT relocatable"
                    + " FROM pg_available_extension_versions WHERE name = 'pg_walrus'"))
        .isEqualTo("t");
  }

  @Test
  void sizingGoesOnWithoutTheExtension() {
    long worker = cluster.workerPid();
    long samples = cluster.stateNumber("samples");
    cluster.execute("DROP EXTENSION pg_walrus");
    assertThat(cluster.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'walrus'"))
        .isEqualTo("0");
    Wait.sleep(java.time.Duration.ofMillis(2500));

    cluster.execute("CREATE EXTENSION pg_walrus");

    assertThat(cluster.workerPid()).isEqualTo(worker);
    assertThat(cluster.stateNumber("samples")).isGreaterThanOrEqualTo(samples + 2);
    assertThat(cluster.stateNumber("engine_failures")).isZero();
    assertThat(cluster.log()).doesNotContain("WARNING:  pg_walrus");
  }
}

package org.pgwalrus;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.pgwalrus.cluster.TestCluster;

/** What we hand to operators names metrics that the server has. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MonitoringIT {

  private static final Path DASHBOARD = Path.of("monitoring/grafana-dashboard.json");
  private static final Path EXPORTER = Path.of("monitoring/sql_exporter.yml");
  private static final Path DOCUMENT = Path.of("docs/monitoring.md");

  private static final Pattern METRIC = Pattern.compile("\\bwalrus_[a-z_]+");
  private static final Pattern DECLARED =
      Pattern.compile(
          """
           +- metric_name: (?<name>\\w+)
           +type: (?<type>\\w+)
           +help: '(?<help>.*)'
          (?: +key_labels: \\[(?<labels>.*)]
          )? +values: \\[(?<column>\\w+)]
          """);
  private static final Pattern QUERY =
      Pattern.compile("^( +)query: \\|\\n((?:\\1 +.*\\n)+)", Pattern.MULTILINE);

  private final TestCluster cluster = TestCluster.create();
  private final Map<String, String> served = new TreeMap<>();

  @BeforeAll
  void start() throws SQLException {
    cluster.startWithBaseline();
    cluster.execute("CREATE ROLE exporter LOGIN IN ROLE pg_monitor");
    try (Connection connection = cluster.connect("exporter");
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT metric, type || ' ' || help FROM walrus.metrics()")) {
      while (rows.next()) {
        served.put(rows.getString(1), rows.getString(2));
      }
    }
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  @Test
  void theTextForPrometheusHasEveryMetric() {
    Set<String> sampled = new TreeSet<>();
    String text = String.valueOf(cluster.value("SELECT walrus.metrics_prometheus()"));
    text.lines()
        .filter(line -> !line.startsWith("#"))
        .forEach(line -> sampled.add(line.split("[{ ]", 2)[0]));
    assertThat(sampled).isEqualTo(served.keySet());
  }

  @Test
  void theDashboardIsJsonAndAsksForMetricsThatExist() throws Exception {
    List<String> expressions = fromDashboard("$.panels[*].targets[*].expr");
    expressions.addAll(fromDashboard("$.annotations.list[*].expr"));

    assertThat(expressions).hasSizeGreaterThan(10);
    for (String expression : expressions) {
      assertThat(metricsIn(expression)).isNotEmpty().isSubsetOf(served.keySet());
    }
    assertThat(fromDashboard("$.**.datasource.uid")).containsOnly("${datasource}");
    assertThat(fromDashboard("$.templating.list[*].name")).contains("datasource");
    assertThat(fromDashboard("$.panels[*].id")).doesNotHaveDuplicates();
  }

  @Test
  void theExporterServesEveryMetricAsItIs() throws IOException {
    Map<String, String> declared = new TreeMap<>();
    DECLARED
        .matcher(Files.readString(EXPORTER))
        .results()
        .forEach(metric -> declared.put(metric.group("name"), described(metric)));
    assertThat(declared).isEqualTo(served);
  }

  @Test
  void theExporterFindsInItsQueriesTheColumnsThatItNames() throws Exception {
    String file = Files.readString(EXPORTER);
    Set<String> columns = new HashSet<>();
    try (Connection connection = cluster.connect("exporter");
        Statement statement = connection.createStatement()) {
      for (MatchResult query : QUERY.matcher(file).results().toList()) {
        try (ResultSet rows = statement.executeQuery(query.group(2))) {
          assertThat(rows.next()).isTrue();
          for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
            assertThat(rows.getString(i)).as(rows.getMetaData().getColumnName(i)).isNotNull();
            columns.add(rows.getMetaData().getColumnName(i));
          }
        }
      }
    }
    DECLARED
        .matcher(file)
        .results()
        .forEach(metric -> {
          assertThat(columns).contains(metric.group("column"));
          if (metric.group("labels") != null) {
            assertThat(columns).contains(metric.group("labels").split(", "));
          }
        });
  }

  @Test
  void theDocumentAlertsOnMetricsThatExist() throws IOException {
    Set<String> named = metricsIn(Files.readString(DOCUMENT));
    named.removeAll(Set.of("walrus_exporter", "walrus_events"));
    assertThat(named).isNotEmpty().isSubsetOf(served.keySet());
  }

  private static String described(MatchResult metric) {
    return metric.group("type") + " " + metric.group("help");
  }

  private static Set<String> metricsIn(String text) {
    Set<String> metrics = new TreeSet<>();
    METRIC.matcher(text).results().forEach(metric -> metrics.add(metric.group()));
    return metrics;
  }

  /** The server reads the JSON: it has a parser, and the tests need no other. */
  private List<String> fromDashboard(String path) throws IOException, SQLException {
    List<String> found = new ArrayList<>();
    try (Connection connection = cluster.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "SELECT jsonb_path_query(CAST(? AS jsonb), CAST(? AS jsonpath)) #>> '{}'")) {
      statement.setString(1, Files.readString(DASHBOARD));
      statement.setString(2, path);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          found.add(rows.getString(1));
        }
      }
    }
    return found;
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** {@code walrus.explain()}: the last decision, check by check. */
@Execution(ExecutionMode.CONCURRENT)
class ExplainIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  @Test
  void tellsTheChecksOfAGrowthInTheirOrder() throws SQLException {
    try (TestCluster cluster = Storm.server().startWithBaseline()) {
      assertThat(steps(cluster)).isEmpty();
      try (WalLoad _ = Storm.begin(cluster)) {
        cluster.awaitState("total_adjustments", "1", AN_INTERVAL);
      }
      List<String> steps = steps(cluster);
      long size = cluster.stateNumber("current_recommendation_mb");
      assertThat(steps)
          .extracting(step -> step.replaceFirst(" \\|.*", ""))
          .containsExactly(
              "1 requested checkpoints",
              "2 forced by WAL",
              "3 threshold",
              "4 measured WAL rate",
              "5 calculated size",
              "6 walrus.max",
              "7 disk",
              "8 current size",
              "9 rate limit",
              "10 dry run");
      assertThat(steps.get(2)).isEqualTo("3 threshold | 2 | reached");
      assertThat(steps.get(3)).startsWith("4 measured WAL rate | early | needs ");
      assertThat(steps.get(5)).isEqualTo("6 walrus.max | 4096 MB | does not limit");
      assertThat(steps.get(8)).isEqualTo("9 rate limit | 0 this hour | allowed");
      assertThat(steps.get(9))
          .isEqualTo("10 dry run | off | increase from 64 MB to " + size + " MB");
    }
  }

  @Test
  void tellsWhyAQuietIntervalChangedNothing() throws SQLException {
    try (TestCluster cluster = TestCluster.create().startWithBaseline()) {
      cluster.execute("CREATE ROLE plain LOGIN");
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(steps(cluster))
          .containsSubsequence(
              "3 threshold | 2 | not reached",
              "4 shrinking | on | allowed",
              "5 quiet intervals | 1 of 5 | stays")
          .hasSize(5);
      try (Connection connection = cluster.connect("plain")) {
        assertThat(steps(connection)).hasSize(5);
      }
    }
  }

  private static List<String> steps(TestCluster cluster) throws SQLException {
    try (Connection connection = cluster.connect()) {
      return steps(connection);
    }
  }

  private static List<String> steps(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT step || ' ' || concat_ws(' | ', \"check\", value, result)"
                    + " FROM walrus.explain()")) {
      List<String> steps = new ArrayList<>();
      while (row.next()) {
        steps.add(row.getString(1));
      }
      return steps;
    }
  }
}

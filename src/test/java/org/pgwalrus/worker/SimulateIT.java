package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.cluster.TestCluster;

/** {@code walrus.simulate()}: the engine at given rates. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulateIT {

  private final TestCluster cluster = TestCluster.create();

  @BeforeAll
  void start() {
    cluster.startWithBaseline();
    cluster.execute("CREATE ROLE plain LOGIN");
  }

  @AfterAll
  void stop() {
    cluster.close();
  }

  /** The longest argument and the longest answer that there can be. */
  @ParameterizedTest
  @CsvSource({"999999.999, 2147483647, 86400", "1000000, 2, 86400", "0.001, 1024, 30"})
  void takesFiveHundredRates(String rate, int sizeMb, int timeout) {
    assertThat(
            cluster.value(
                "SELECT concat_ws(' ', count(*), min(step), max(step),"
                    + " bool_and(max_wal_size_mb > 0 AND forced_checkpoints >= 0"
                    + " AND action IN ('none', 'increase', 'decrease', 'capped', 'skipped')))"
                    + " FROM walrus.simulate(array_fill("
                    + rate
                    + "::float8, ARRAY[500]), start_size_mb => "
                    + sizeMb
                    + ", max_mb => 2147483647, checkpoint_timeout_sec => "
                    + timeout
                    + ")"))
        .isEqualTo("500 1 500 t");
  }

  @Test
  void growsAtAPeakAndChangesNothingOnTheServer() {
    String state =
        "SELECT (s ->> 'analysis_cycles') || (s ->> 'total_adjustments')"
            + " FROM walrus.shmem_status() AS s";
    String before = cluster.value(state) + cluster.autoConf();
    assertThat(
            cluster.value(
                "SELECT string_agg(concat_ws(':', step, rate_mb_sec, max_wal_size_mb,"
                    + " forced_checkpoints, action), ' ' ORDER BY step)"
                    + " FROM walrus.simulate('{2, 10, 10, 0.5}', start_size_mb => 1024,"
                    + " max_mb => 65536, checkpoint_timeout_sec => 300)"))
        .isEqualTo("1:2:1024:1:none 2:10:1024:5:increase 3:10:6144:0:none 4:0.5:6144:0:none");
    assertThat(cluster.value(state) + cluster.autoConf()).isEqualTo(before);
    assertThat(cluster.value("SELECT count(*) FROM walrus.history")).isEqualTo("0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'{}'                                      | walrus.simulate() takes 1 to 500 rates",
        "array_fill(1::float8, ARRAY[501])         | walrus.simulate() takes 1 to 500 rates",
        "'{-1}'                                    | a rate must be between 0 and 1000000",
        "'{NaN}'                                   | a rate must be between 0 and 1000000",
        "'{1, NULL}'                               | a rate must be between 0 and 1000000",
        "'{1}', threshold => 0                     | invalid value for parameter \"threshold\": \"0\"",
        "'{1}', algorithm => 'magic x=1'           | invalid value for parameter \"algorithm\"",
        "'{1}', shrink_factor => 'NaN'             | invalid value for parameter \"shrink_factor\"",
        "'{1}', checkpoint_timeout_sec => 29       | invalid value for parameter \"checkpoint_"
      })
  void refusesWhatNoServerCouldBeSetTo(String arguments, String message) {
    var error = cluster.error("plain", "SELECT * FROM walrus.simulate(" + arguments + ")");
    assertThat(error.getMessage()).startsWith(message);
    assertThat(error.getSQLState()).isEqualTo("22023");
  }
}

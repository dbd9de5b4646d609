package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.pgwalrus.cluster.TestCluster;

/** The worker's database need not be in UTF-8, nor the library be named without its path. */
class EncodingIT {

  private static final String BASELINE = "pg_walrus: established baseline";

  @ParameterizedTest
  @ValueSource(strings = {"LATIN1", "EUC_JP", "SQL_ASCII"})
  void worksInADatabaseOfAnotherEncoding(String encoding) {
    try (TestCluster cluster = TestCluster.create().start()) {
      cluster.awaitLog(BASELINE, TestCluster.SOON);
      cluster.execute(
          "CREATE DATABASE other TEMPLATE template0 LOCALE 'C' ENCODING '" + encoding + "'");
      cluster.set("walrus.database", "other");
      cluster.restart();
      cluster.awaitLog(BASELINE, 2, TestCluster.SOON);

      assertThat(cluster.log()).contains("Cause: FIRST_SAMPLE.").doesNotContain("engine failed");
      assertThat(
              cluster.value(
                  "SELECT datname FROM pg_stat_activity WHERE backend_type = 'pg_walrus'"))
          .isEqualTo("other");
    }
  }

  @Test
  void knowsItselfPreloadedByItsPath() {
    try (TestCluster cluster =
        TestCluster.create().set("shared_preload_libraries", "$libdir/pg_walrus").start()) {
      cluster.execute(
          "DO $$ BEGIN SET LOCAL client_min_messages = warning; CREATE EXTENSION pg_walrus; END $$");
      cluster.awaitBaseline();
      assertThat(cluster.log()).doesNotContain("nothing is sized");
    }
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.sizing.Decision;
import org.pgwalrus.sizing.Evidence;

/** The texts that people search logs for. */
class DecisionLogTest {

  private static final Evidence EVIDENCE = new Evidence(6, 0, 5, 299.6, 2700, 528);

  private static final String DETAIL =
      "Requested checkpoints: 6, of which 5 count as forced by WAL. WAL since the interval began:"
          + " 2700 MB in 300 s; the server forced a checkpoint every 528 MB.";

  private final FakeServer server = new FakeServer();
  private final DecisionLog log = new DecisionLog(server);

  private static FakeServer.Line line(Level level, String message, String detail) {
    return new FakeServer.Line(level, message, detail, "");
  }

  @Test
  void aBaselineIsToldToTheCurious() {
    log.explain(new Decision.Baseline(57, Decision.Baseline.Cause.STATISTICS_RESET));

    assertThat(server.log)
        .containsExactly(
            line(
                Level.DEBUG1,
                "pg_walrus: established baseline checkpoint count: 57",
                "Cause: STATISTICS_RESET."));
  }

  @Test
  void aRunningIntervalSaysNothing() {
    log.explain(new Decision.Waiting());

    assertThat(server.log).isEmpty();
  }

  @Test
  void missingStatisticsAreAWarning() {
    log.explain(new Decision.Unavailable());

    assertThat(server.log)
        .containsExactly(
            line(
                Level.WARNING, "pg_walrus: checkpoint statistics unavailable, skipping cycle", ""));
  }

  @Test
  void aQuietIntervalIsToldToTheCurious() {
    log.explain(new Decision.Quiet(EVIDENCE, 3));

    assertThat(server.log)
        .containsExactly(line(Level.DEBUG1, "pg_walrus: quiet interval, 3 in a row", DETAIL));
  }

  @Test
  void growthIsLeftToTheApplierButItsCeilingIsAWarning() {
    log.explain(new Decision.Grow(EVIDENCE, 1024, 4096, 4096, false, false));
    assertThat(server.log).isEmpty();

    log.explain(new Decision.Grow(EVIDENCE, 1024, 4096, 6144, true, true));
    assertThat(server.log)
        .containsExactly(
            line(
                Level.WARNING,
                "pg_walrus: requested max_wal_size of 6144 MB exceeds maximum of 4096 MB; using"
                    + " maximum",
                DETAIL));
  }

  @Test
  void aSizeAtTheCeilingIsToldToTheCurious() {
    log.explain(new Decision.AlreadyThere(EVIDENCE, 4096, 4096, false, 24576));

    assertThat(server.log)
        .containsExactly(
            line(Level.DEBUG1, "pg_walrus: max_wal_size already at maximum (4096 MB)", DETAIL));
  }

  @Test
  void aSizeAboveTheCeilingIsExplained() {
    log.explain(new Decision.AlreadyThere(EVIDENCE, 8192, 4096, true, 49152));

    assertThat(server.log)
        .startsWith(
            line(
                Level.WARNING,
                "pg_walrus: requested max_wal_size of 49152 MB exceeds maximum of 4096 MB; using"
                    + " maximum",
                DETAIL),
            line(
                Level.LOG,
                "pg_walrus: max_wal_size (8192 MB) is above walrus.max (4096 MB) and left alone",
                ""));
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.worker.Examples.EVIDENCE;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.sizing.Change;
import org.pgwalrus.sizing.Limit;
import org.pgwalrus.sizing.Trigger;

/** Actions, reasons and metadata, which people query by name. */
class HistoryRowsTest {

  private static final String GROWN =
      "\"calculated_size_mb\": 6144, \"delta\": 5, \"multiplier\": 6";

  private static final String SHRUNK =
      "\"calculated_size_mb\": 3072, \"shrink_factor\": 0.75, \"quiet_intervals\": 5";

  private final Circumstances now = Examples.circumstances();

  /** What every row of a decision has. */
  private static String common(String trigger, String limit) {
    return ", \"algorithm\": \"multiplicative\", \"trigger\": \""
        + trigger
        + "\", \"requested_delta\": 6, \"requested_total\": 63, \"wal_mb\": 2700,"
        + " \"trigger_distance_mb\": 528, \"elapsed_sec\": 299.6, \"profile\": \"night\","
        + " \"limited_by\": \""
        + limit
        + "\", \"fpi_share\": 0.25, \"rate_samples\": 3, \"rate_ema_mb_sec\": 4.5,"
        + " \"rate_percentile_mb_sec\": 6.0, \"timeline\": 7";
  }

  private static void assertRow(
      HistoryRow row, String action, int fromMb, int toMb, String reason, String event) {
    assertThat(row.action).isEqualTo(action);
    assertThat(row.oldMb).isEqualTo(fromMb);
    assertThat(row.newMb).isEqualTo(toMb);
    assertThat(row.reason).isEqualTo(reason);
    assertThat(row.event).isEqualTo(event);
  }

  @Test
  void anIncreaseHasItsDeltaAndMultiplier() {
    HistoryRow row = HistoryRows.applied(Examples.GROWTH, EVIDENCE, now);

    assertRow(row, "increase", 1024, 6144, "Forced checkpoints exceeded threshold", "adjustment");
    assertThat(row.metadata).hasToString("{" + GROWN + common("reactive", "none") + "}");
    assertThat(row.columns())
        .startsWith("{\"at\": 77000000,")
        .contains("\"forced_checkpoints\": 5, \"checkpoint_timeout_sec\": 300,");
  }

  @Test
  void aCappedIncreaseAlsoHasItsCeiling() {
    HistoryRow row = HistoryRows.applied(Examples.CAPPED, EVIDENCE, now);

    assertRow(row, "capped", 1024, 4096, "Calculated size exceeded walrus.max", "adjustment");
    assertThat(row.metadata)
        .hasToString(
            "{" + GROWN + ", \"walrus_max_mb\": 4096" + common("reactive", "walrus.max") + "}");
  }

  @Test
  void aDecreaseHasItsFactorAndQuietIntervals() {
    HistoryRow row = HistoryRows.applied(Examples.SHRINK, EVIDENCE, now);

    assertRow(row, "decrease", 4096, 3072, "Sustained low checkpoint activity", "adjustment");
    assertThat(row.metadata).hasToString("{" + SHRUNK + common("reactive", "none") + "}");
  }

  @Test
  void aProactiveIncreaseSaysSo() {
    Change change = Examples.growth(Change.Kind.INCREASE, Trigger.PROACTIVE, 6144, Limit.NONE);
    HistoryRow row = HistoryRows.applied(change, EVIDENCE, now);

    assertThat(row.reason).isEqualTo("proactive: projected WAL exceeds trigger distance");
    assertThat(row.metadata.toString()).contains("\"trigger\": \"proactive\"");
  }

  @Test
  void aTrialSaysWhatItWouldHaveDone() {
    HistoryRow growth = HistoryRows.trial(Examples.GROWTH, EVIDENCE, now);
    assertRow(growth, "dry_run", 1024, 6144, "threshold exceeded", "dry_run");
    assertThat(growth.metadata)
        .hasToString(
            "{"
                + GROWN
                + common("reactive", "none")
                + ", \"dry_run\": true, \"would_apply\": \"increase\"}");

    HistoryRow capped = HistoryRows.trial(Examples.CAPPED, EVIDENCE, now);
    assertRow(capped, "dry_run", 1024, 4096, "capped at walrus.max", "dry_run");
    assertThat(capped.metadata.toString()).endsWith("\"would_apply\": \"capped\"}");

    HistoryRow shrink = HistoryRows.trial(Examples.SHRINK, EVIDENCE, now);
    assertRow(shrink, "dry_run", 4096, 3072, "sustained low activity", "dry_run");
    assertThat(shrink.metadata.toString()).endsWith("\"would_apply\": \"decrease\"}");
  }

  @Test
  void aCooldownSaysHowLongItStillIs() {
    HistoryRow row = HistoryRows.skipped(Examples.GROWTH, Examples.COOLDOWN, EVIDENCE, now);

    assertRow(row, "skipped", 1024, 6144, "cooldown active", "");
    assertThat(row.metadata)
        .hasToString(
            "{"
                + GROWN
                + common("reactive", "none")
                + ", \"blocked_by\": \"cooldown\", \"cooldown_sec\": 300,"
                + " \"cooldown_remaining_sec\": 120,"
                // 180 s before 77 s into 2000.
                + " \"last_adjustment_time\": 9.46684697E8}");
  }

  @Test
  void theHourlyLimitSaysWhatWasUsedOfIt() {
    HistoryRow row = HistoryRows.skipped(Examples.SHRINK, Examples.HOURLY_LIMIT, EVIDENCE, now);

    assertRow(row, "skipped", 4096, 3072, "hourly limit reached", "");
    assertThat(row.metadata)
        .hasToString(
            "{"
                + SHRUNK
                + common("reactive", "none")
                + ", \"blocked_by\": \"hourly_limit\", \"max_changes_per_hour\": 4,"
                + " \"changes_this_hour\": 4, \"hour_window_start\": 9.46682877E8}");
  }

  @Test
  void whatIsOnlyAdvisedSaysSo() {
    Circumstances advised =
        Examples.circumstances(Examples.policy(), /* fpiShare= */ 0.25, /* advised= */ true);
    HistoryRow row = HistoryRows.trial(Examples.GROWTH, EVIDENCE, advised);

    assertThat(row.metadata.toString())
        .endsWith("\"dry_run\": true, \"would_apply\": \"increase\", \"advised\": true}");
  }

  @Test
  void anEmergencyStopIsAnHourlyLimitOfNone() {
    FakeServer server = new FakeServer();
    server.set(LimitSettings.MAX_CHANGES_PER_HOUR, 0);
    Circumstances stopped =
        Examples.circumstances(new PolicyReader(server).policy(), /* fpiShare= */ Double.NaN);
    HistoryRow row = HistoryRows.skipped(Examples.GROWTH, Examples.DISABLED, EVIDENCE, stopped);

    assertRow(
        row,
        "skipped",
        1024,
        6144,
        "automatic adjustments disabled (max_changes_per_hour = 0)",
        "");
    assertThat(row.metadata.toString())
        .contains("\"fpi_share\": null")
        .endsWith(
            "\"blocked_by\": \"hourly_limit\", \"max_changes_per_hour\": 0,"
                + " \"changes_this_hour\": 0, \"hour_window_start\": null}");
  }

  @Test
  void aChangeByHandHasItsReasonAndWhoAsked() {
    Json who = new Json().put("source", "walrus.analyze").put("user", "alice");

    HistoryRow made =
        HistoryRows.manual(Examples.CAPPED, EVIDENCE, now, "because", who, /* made= */ true);
    assertRow(made, "capped", 1024, 4096, "because", "adjustment");
    assertThat(made.metadata.toString())
        .endsWith("\"timeline\": 7, \"source\": \"walrus.analyze\", \"user\": \"alice\"}");

    HistoryRow tried =
        HistoryRows.manual(Examples.CAPPED, EVIDENCE, now, "because", who, /* made= */ false);
    assertRow(tried, "dry_run", 1024, 4096, "because", "dry_run");
    assertThat(tried.metadata.toString())
        .endsWith("\"user\": \"alice\", \"dry_run\": true, \"would_apply\": \"capped\"}");
  }

  @Test
  void aSizeThatNoIntervalLedToHasItsSource() {
    Json more = new Json().put("user", "alice");

    HistoryRow down = HistoryRows.without(4096, 1024, "because", "walrus.release", more, now);
    assertRow(down, "decrease", 4096, 1024, "because", "adjustment");
    assertThat(down.metadata)
        .hasToString("{\"source\": \"walrus.release\", \"timeline\": 7, \"user\": \"alice\"}");
    assertThat(down.columns()).contains("\"forced_checkpoints\": 0");

    HistoryRow up = HistoryRows.without(1024, 4096, "because", "warm_start", new Json(), now);
    assertThat(up.action).isEqualTo("increase");
  }
}

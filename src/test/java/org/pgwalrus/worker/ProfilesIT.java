package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.cluster.WalLoad;

/** Settings that hold at certain hours. */
@Execution(ExecutionMode.CONCURRENT)
class ProfilesIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);

  /** Fourteen hours ahead of UTC: its hours are those of no server's own zone. */
  private static final String ZONE = "Pacific/Kiritimati";

  private static final String UNUSABLE = "WARNING:  pg_walrus: walrus.profiles cannot be used: ";

  private static TestCluster server() {
    return Storm.server()
        .set("timezone", "UTC")
        .set("walrus.profile_timezone", ZONE)
        .set("walrus.cooldown_sec", "0");
  }

  /** In force in this hour and the next, so that no test can outlast it. */
  private static String profile(String name, String overrides) {
    int hour = ZonedDateTime.now(ZoneId.of(ZONE)).getHour();
    return "[{\"name\": \""
        + name
        + "\", \"start_hour\": "
        + hour
        + ", \"end_hour\": "
        + (hour + 2) % 24
        + ", \"days\": [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\", \"Sat\", \"Sun\"], "
        + overrides
        + "}]";
  }

  private static void setProfiles(TestCluster cluster, String profiles) {
    cluster.set("walrus.profiles", profiles).reload();
  }

  @Test
  void theProfileOfTheHourReplacesTheSettings() throws Exception {
    try (TestCluster cluster =
            server()
                .set("walrus.profiles", profile("patient", "\"threshold\": 1000"))
                .startWithBaseline();
        Listener listener = Listener.on(cluster, "walrus_events");
        WalLoad _ = Storm.begin(cluster)) {
      HistoryTable history = HistoryTable.of(cluster);
      cluster.awaitDecisions(1, AN_INTERVAL);
      assertThat(cluster.stateNumber("last_forced_checkpoints")).isGreaterThanOrEqualTo(2);
      assertThat(cluster.stateNumber("quiet_intervals")).isEqualTo(1);
      assertThat(cluster.value("SELECT walrus.status() ->> 'active_profile'")).isEqualTo("patient");

      setProfiles(cluster, profile("careful", "\"dry_run\": true"));
      history.await("action = 'dry_run'", 1, AN_INTERVAL);
      assertThat(history.metadata("profile", "true")).isEqualTo("careful");
      JsonText event = JsonText.of(cluster, listener.await("profile_changed", TestCluster.SOON));
      assertThat(event.get("from")).isEqualTo("patient");
      assertThat(event.get("to")).isEqualTo("careful");
      assertThat(cluster.log())
          .contains("LOG:  pg_walrus: active profile changed from \"(base)\" to \"patient\"")
          .contains("LOG:  pg_walrus: active profile changed from \"patient\" to \"careful\"");

      setProfiles(cluster, profile("small", "\"max_size\": \"100MB\""));
      Storm.renew(cluster, 80);
      history.await("action = 'capped'", 1, AN_INTERVAL);
      assertThat(history.newest("new_size_mb", "true")).isEqualTo("96");
      assertThat(history.metadata("walrus_max_mb", "true")).isEqualTo("100");
      assertThat(history.metadata("profile", "true")).isEqualTo("small");

      setProfiles(cluster, "");
      cluster.awaitState("active_profile", "", TestCluster.SOON);
      cluster.awaitState("total_adjustments", "2", AN_INTERVAL);
      assertThat(history.metadata("profile", "true")).isEmpty();
    }
  }

  @Test
  void aBadSetIsReportedOnceAndLeavesTheLastGoodOneInForce() {
    try (TestCluster cluster =
        server().set("walrus.profiles", profile("good", "\"threshold\": 7")).startWithBaseline()) {
      cluster.awaitState("active_profile", "good", TestCluster.SOON);
      String[][] bad = {
        {"{}", "it must be a JSON array"},
        {"[7]", "profile 1 must be a JSON object"},
        {profile("late", "\"threshold\": 0"), "profile \"late\": threshold must be between 1"},
        {profile("big", "\"max_size\": \"lots\""), "profile \"big\": max_size"},
        {profile("odd", "\"dry_run\": 1"), "profile \"odd\": dry_run must be true or false"},
        {profile("x", "\"days\": [\"Mond\"]"), "profile \"x\": days must be an array of Mon"},
        {profile("", "\"threshold\": 2"), "profile 1: name is missing"},
        {profile("n".repeat(20_000), "\"threshold\": 2"), "profile 1 has texts that are too long"}
      };
      for (String[] one : bad) {
        setProfiles(cluster, one[0]);
        cluster.awaitLog(UNUSABLE + one[1], TestCluster.SOON);
        Wait.until(
            () -> "profile_error is " + cluster.state("profile_error"),
            TestCluster.SOON,
            () -> cluster.state("profile_error").startsWith(one[1]));
      }
      cluster.reload();
      cluster.reload();
      assertThat(cluster.state("active_profile")).isEqualTo("good");
      assertThat(cluster.value("SELECT walrus.status() ->> 'profile_error'")).isNotNull();

      setProfiles(cluster, profile("strange", "\"colour\": \"red\""));
      cluster.awaitState("active_profile", "strange", TestCluster.SOON);
      assertThat(cluster.log())
          .contains("profile \"strange\" of walrus.profiles has unknown keys: colour");
      assertThat(cluster.logCount(UNUSABLE)).isEqualTo(bad.length);
      assertThat(cluster.value("SELECT walrus.status() ->> 'profile_error'")).isNull();

      assertThat(cluster.error("ALTER SYSTEM SET walrus.profiles = '[{]'").toString())
          .contains("invalid value for parameter \"walrus.profiles\"")
          .contains("Not JSON at byte 3");
      setProfiles(cluster, "");
      cluster.awaitState("active_profile", "", TestCluster.SOON);
    }
  }

  @Test
  void aRestartedWorkerShowsNoProfileThatHasGoneMeanwhile() {
    try (TestCluster cluster =
        server().set("walrus.profiles", profile("gone", "\"threshold\": 7")).startWithBaseline()) {
      cluster.awaitState("active_profile", "gone", TestCluster.SOON);
      setProfiles(cluster, "[{}]");
      cluster.awaitLog(UNUSABLE, TestCluster.SOON);
      long worker = cluster.workerPid();
      cluster.execute("SELECT pg_terminate_backend(" + worker + ")");
      cluster.awaitState("worker_pid", "0", TestCluster.SOON);
      setProfiles(cluster, "");
      cluster.awaitWorker(worker, AN_INTERVAL);
      cluster.awaitBaseline();
      cluster.awaitState("engine", "ready", TestCluster.SOON);

      cluster.awaitState("active_profile", "", TestCluster.SOON);
      cluster.awaitState("profile_error", "", TestCluster.SOON);
    }
  }
}

package org.pgwalrus.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.pgwalrus.cluster.HistoryTable;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.Storm;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.WalLoad;

/** Events, heard by a session that listens. */
@Execution(ExecutionMode.CONCURRENT)
class NotifyIT {

  private static final Duration AN_INTERVAL = Duration.ofSeconds(60);
  private static final int LONGEST_PAYLOAD = 7999;

  @Test
  void aChangeIsAnnouncedWithItsRowOnTheChannelThatIsSet() throws Exception {
    try (TestCluster cluster =
            Storm.server()
                .set("walrus.cooldown_sec", "0")
                .set("cluster_name", "a \"quoted\" name")
                .startWithBaseline();
        Listener usual = Listener.on(cluster, "walrus_events");
        Listener other = Listener.on(cluster, "Elsewhere, it's \"odd");
        WalLoad _ = Storm.begin(cluster)) {
      String payload = usual.await("adjustment", AN_INTERVAL);
      assertThat(payload.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(LONGEST_PAYLOAD);
      JsonText event = JsonText.of(cluster, payload);
      HistoryTable history = HistoryTable.of(cluster);
      assertThat(event.keys())
          .containsExactlyInAnyOrder(
              "event",
              "action",
              "old_size_mb",
              "new_size_mb",
              "forced_checkpoints",
              "reason",
              "effective",
              "id",
              "server",
              "timestamp");
      String row = "id = " + event.get("id");
      for (String column :
          new String[] {"action", "old_size_mb", "new_size_mb", "forced_checkpoints", "reason"}) {
        assertThat(event.get(column)).isEqualTo(history.newest(column, row));
      }
      assertThat(event.get("server")).isEqualTo("a \"quoted\" name");
      assertThat(event.get("timestamp"))
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}\\+00:00");
      assertThat(other.payloads()).isEmpty();

      cluster.alterSystem("walrus.notify_channel", "Elsewhere, it's \"odd");
      Storm.renew(cluster, 80);
      assertThat(JsonText.of(cluster, other.await("adjustment", AN_INTERVAL)).get("old_size_mb"))
          .isEqualTo("80");
      assertThat(usual.payloads()).hasSize(1);

      cluster.alterSystem("walrus.notify_channel", "");
      Storm.renew(cluster, 96);
      history.await("old_size_mb = 96", 1, AN_INTERVAL);
      assertThat(other.payloads()).hasSize(1);
      assertThat(usual.payloads()).hasSize(1);
      assertThat(cluster.log()).doesNotContain("failed to announce");
    }
  }

  @Test
  void theCeilingAndAnOverriddenSizeAreAnnounced() throws Exception {
    try (TestCluster cluster =
        Storm.server()
            .set("walrus.max", "100MB")
            .set("walrus.cooldown_sec", "0")
            .start("-c", "max_wal_size=64MB")) {
      cluster.execute("CREATE EXTENSION pg_walrus");
      cluster.awaitBaseline();
      try (Listener listener = Listener.on(cluster, "walrus_events");
          WalLoad _ = Storm.begin(cluster)) {
        JsonText ceiling = JsonText.of(cluster, listener.await("ceiling_reached", AN_INTERVAL));
        assertThat(ceiling.get("ceiling_mb")).isEqualTo("100");

        JsonText blocked = JsonText.of(cluster, listener.await("apply_blocked", AN_INTERVAL));
        assertThat(blocked.get("written_size_mb")).isEqualTo("96");
        assertThat(blocked.get("effective_size_mb")).isEqualTo("64");
        assertThat(blocked.get("reason")).isEqualTo("command line");
        assertThat(HistoryTable.of(cluster).metadata("effective", "action = 'capped'"))
            .isEqualTo("false");
        assertThat(listener.payloads())
            .allSatisfy(payload ->
                assertThat(payload.getBytes(UTF_8)).hasSizeLessThanOrEqualTo(LONGEST_PAYLOAD));
      }
    }
  }
}

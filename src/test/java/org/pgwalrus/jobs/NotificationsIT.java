package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.pgwalrus.cluster.JsonText;
import org.pgwalrus.cluster.Listener;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;

/** What sessions hear that listen, each test in its database. */
class NotificationsIT {

  private static final String PROGRESS = "steep_repl_progress";
  private static final String WORK = "steep_repl_work";
  private static final int LONGEST_PAYLOAD = 7999;

  private static TestCluster cluster;

  @BeforeAll
  static void start() {
    cluster = ProgressKinds.cluster().set("steep_repl.max_operations", "16").start();
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static JsonText json(String payload) {
    return JsonText.of(cluster, payload);
  }

  private static boolean isTerminal(String payload) {
    return !json(payload).get("status").equals("running");
  }

  /** Waits for a job's last message; returns all that were heard until long after it. */
  private static List<String> hearTheEnd(JobQueue queue, Listener listener, long id) {
    Wait.until(
        () -> "no end heard but " + listener.payloads() + "\n" + cluster.log(),
        JobQueue.SOON,
        () -> listener.payloads().stream().anyMatch(NotificationsIT::isTerminal));
    assertThat(queue.of(id, "status")).as("once it is heard").doesNotContain("running");
    Wait.until("ended", JobQueue.SOON, () -> !queue.live(id, "ended_at").equals("null"));
    return listener.payloads();
  }

  private static String theEnd(JobQueue queue, Listener listener, long id) {
    List<String> terminal =
        hearTheEnd(queue, listener, id).stream().filter(NotificationsIT::isTerminal).toList();
    assertThat(terminal).hasSize(1);
    assertThat(listener.payloads().getLast()).isEqualTo(terminal.getFirst());
    return terminal.getFirst();
  }

  @Test
  void progressIsToldTwiceASecondAndEachPhaseAtOnce() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "paced");
    try (Listener listener = Listener.on(cluster, "paced", PROGRESS)) {
      long id = queue.queue("trial_pace", "{\"steps\": 20, \"millis\": 50}");
      theEnd(queue, listener, id);
      List<String> payloads = listener.payloads();
      double seconds =
          Double.parseDouble(queue.of(id, "extract(epoch FROM completed_at - started_at)"));

      assertThat(payloads).hasSizeGreaterThanOrEqualTo(6);
      assertThat((double) payloads.size()).isLessThanOrEqualTo(3 + 2 * seconds + 1);
      List<Long> sequence = new ArrayList<>();
      List<Double> percents = new ArrayList<>();
      List<String> phases = new ArrayList<>();
      for (String payload : payloads) {
        JsonText message = json(payload);
        assertThat(message.get("op")).isEqualTo("trial_pace");
        assertThat(message.get("id")).isEqualTo(String.valueOf(id));
        assertThat(message.number("work_id")).isEqualTo(id);
        assertThat(message.number("tables_total")).isEqualTo(60);
        assertThat(message.number("tables_completed")).isBetween(0L, 60L);
        assertThat(message.get("percent")).matches("\\d{1,3}(\\.\\d)?");
        assertThat(message.number("bytes")).isZero();
        assertThat(message.get("eta")).isEqualTo(message.get("eta_seconds"));
        percents.add(Double.valueOf(message.get("percent")));
        sequence.add(message.number("seq"));
        phases.add(message.get("phase"));
      }
      assertThat(sequence).isSorted().doesNotHaveDuplicates().startsWith(1L);
      assertThat(percents).isSorted().endsWith(100.0);
      assertThat(phases.stream().distinct())
          .containsExactly("schema", "data", "verify", "complete");
      assertThat(payloads)
          .anySatisfy(p -> assertThat(json(p).get("table")).matches("public.\"t \\d+\""));
      assertThat(payloads).anySatisfy(p -> assertThat(json(p).get("eta")).matches("\\d+"));
    }
  }

  @Test
  void aCompleteJobSaysSoInBothWays() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "complete");
    try (Listener listener = Listener.on(cluster, "complete", PROGRESS)) {
      long id = queue.queueGated();
      JsonText end = json(theEnd(queue, listener, id));

      assertThat(end.keys())
          .containsExactlyInAnyOrder(
              "op",
              "id",
              "work_id",
              "phase",
              "status",
              "percent",
              "tables_completed",
              "tables_total",
              "bytes",
              "seq");
      assertThat(end.get("status")).isEqualTo("complete");
      assertThat(end.get("phase")).isEqualTo("complete");
      assertThat(end.get("percent")).isEqualTo("100.0");
      assertThat(end.number("tables_completed")).isEqualTo(10);
      assertThat(end.number("bytes")).isEqualTo(10_000);
    }
  }

  @Test
  void aFailureIsToldAsItWas() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "failing");
    try (Listener listener = Listener.on(cluster, "failing", PROGRESS)) {
      String message = "a \\\\\\\"quote\\\\\\\",\\n\\ttabs, \\u0001, \\u00e9 and \\ud83d\\ude00";
      long id = queue.queue("trial_fail", "{\"message\": \"" + message + "\", \"times\": 1}");
      JsonText end = json(theEnd(queue, listener, id));

      assertThat(end.get("status")).isEqualTo("failed");
      assertThat(end.get("phase")).isEqualTo("failed");
      assertThat(end.get("error"))
          .isEqualTo("a \\\"quote\\\",\n\ttabs, \u0001, é and \ud83d\ude00")
          .isEqualTo(queue.of(id, "error_message"));
      assertThat(end.get("error_truncated")).isEqualTo("null");
    }
  }

  @Test
  void ofALongErrorThereIsABeginning() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "long");
    for (String part : new String[] {"abcdefghij", "\\n\\\"\\\\\\\\x", "\\u0001", "\\u20ac"}) {
      try (Listener listener = Listener.on(cluster, "long", PROGRESS)) {
        long id = queue.queue("trial_fail", "{\"message\": \"" + part + "\", \"times\": 100000}");
        String payload = theEnd(queue, listener, id);
        JsonText end = json(payload);

        assertThat(payload.getBytes(UTF_8)).hasSizeBetween(3500, LONGEST_PAYLOAD);
        assertThat(end.get("error_truncated")).isEqualTo("true");
        assertThat(queue.of(id, "error_message"))
            .startsWith(end.get("error"))
            .hasSizeGreaterThan(end.get("error").length());
        assertThat(queue.live(id, "octet_length(error_message) BETWEEN 250 AND 255"))
            .isEqualTo("t");
      }
    }
  }

  /** The euro sign is in no LATIN1 database. */
  @Test
  void whatTheDatabaseCannotSpellHoldsNobodyUp() throws SQLException {
    cluster.execute(
        "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    JobQueue queue = JobQueue.install(cluster, "latin");
    try (Listener listener = Listener.on(cluster, "latin", PROGRESS)) {
      long id =
          queue.queue(
              "trial_fail", "{\"message\": \"costs é or \", \"times\": 1, \"character\": 8364}");
      JsonText end = json(theEnd(queue, listener, id));
      assertThat(end.get("error")).isEqualTo("costs ? or ?");
      assertThat(queue.of(id, "error_message")).isEqualTo("costs ? or ?");
      assertThat(queue.live(id, "error_message")).isEqualTo("costs ? or ?");
    }
    queue.await(queue.queueGated(), "complete");
    long spelled = queue.queue("trial_fail", "{\"message\": \"é\", \"times\": 1}");
    queue.await(spelled, "failed");
    assertThat(queue.of(spelled, "error_message")).isEqualTo("é");
  }

  /** However long a text is that somebody makes up. */
  @Test
  void everyPayloadIsShortEnough() {
    JobQueue queue = JobQueue.create(cluster, "made_up");
    queue.execute("ALTER DATABASE made_up SET statement_timeout = '20s'");
    String longest =
        "SELECT max(octet_length(steep_repl.progress_payload(%s, 1, 2, %s, 3, 4, %s, 5, 6)))"
            + " FROM unnest(ARRAY['x', chr(1), chr(8364), '\"']) AS c, repeat(c, 20000) AS t";
    for (String sql :
        List.of(
            longest.formatted("t, t, t, t, 1", "t", "t"),
            longest.formatted("'snapshot', t, 'failed', 'failed', 1", "t", "NULL"),
            longest.formatted("'merge', 'x', 'failed', 'failed', 1", "NULL", "t"))) {
      String size = Objects.requireNonNull(queue.value(sql));
      assertThat(Integer.parseInt(size)).isLessThanOrEqualTo(7900);
    }
  }

  @Test
  void onlyTheDatabaseOfTheJobHearsOfIt() throws SQLException {
    JobQueue here = JobQueue.create(cluster, "here");
    JobQueue.create(cluster, "there");
    try (Listener mine = Listener.on(cluster, "here", PROGRESS);
        Listener mineToo = Listener.on(cluster, "here", PROGRESS);
        Listener other = Listener.on(cluster, "there", PROGRESS);
        Listener otherWork = Listener.on(cluster, "there", WORK)) {
      long id = here.queueGated();
      theEnd(here, mine, id);

      assertThat(mineToo.payloads()).isEqualTo(mine.payloads());
      assertThat(other.payloads()).isEmpty();
      assertThat(otherWork.payloads()).isEmpty();
    }
  }

  @Test
  void queueingIsToldAtCommit() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "a \"quoted\" db");
    try (Listener listener = Listener.on(cluster, "a \"quoted\" db", WORK)) {
      queue.execute("BEGIN; " + JobQueue.enqueue("trial_gate", "{}") + "; ROLLBACK");
      long id = queue.queueGated();
      queue.await(id, "complete");

      assertThat(listener.payloads()).hasSize(1);
      JsonText message = json(listener.payloads().getFirst());
      assertThat(message.keys()).containsExactlyInAnyOrder("db", "id");
      assertThat(message.get("db")).isEqualTo("a \"quoted\" db");
      assertThat(message.number("id")).isEqualTo(id);
    }
  }

  @Test
  void whatIsCancelledBeforeItRanIsToldOnce() throws SQLException {
    JobQueue queue = JobQueue.create(cluster, "cancelled");
    try (Gate _ = Gate.shut(queue)) {
      long running = queue.queueGated();
      queue.awaitGate(running);
      long waiting = queue.queueGated();
      try (Listener listener = Listener.on(cluster, "cancelled", PROGRESS)) {
        queue.execute("SELECT steep_repl.cancel_operation(" + waiting + ")");
        Wait.until("heard", JobQueue.SOON, () -> !listener.payloads().isEmpty());
        assertThat(listener.payloads()).hasSize(1);
        JsonText message = json(listener.payloads().getFirst());
        assertThat(message.number("work_id")).isEqualTo(waiting);
        assertThat(message.get("status")).isEqualTo("cancelled");
        assertThat(message.number("seq")).isEqualTo(1);
      }
    }
  }
}

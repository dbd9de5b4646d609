package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pgwalrus.backend.BuildInfo;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.PgException;

class JobRunnerTest {

  private final FakeJobServer server = new FakeJobServer();
  private final FakeKind kind = new FakeKind(server);
  private final JobRunner runner = new JobRunner(server, new JobKinds(List.of(kind)));

  @BeforeEach
  void shareSilently() {
    server.answer("share_progress", _ -> "");
  }

  /** What happened but for progress. */
  private List<String> events() {
    return server.events.stream().filter(event -> !event.startsWith("share_progress")).toList();
  }

  private String lastError() {
    String finish =
        events().stream().filter(event -> event.startsWith("finish_work")).toList().getLast();
    return finish.replaceFirst("(?s)finish_work \\d+ \\w+ ?", "");
  }

  @Test
  void aJobIsPlannedDoneWrittenDownAndOnlyThenShownAsEnded() {
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(events())
        .containsExactly("claim 1", "plan 1", "finish_work 1 complete", "end", "no job");
    assertThat(server.shown.getLast().status()).isEqualTo("complete");
    assertThat(server.shown.getLast().percent()).isEqualTo(100);
  }

  @Test
  void jobsComeAsTheQueueHasThemUntilItIsEmpty() {
    server.queue(3, FakeKind.NAME);
    server.queue(1, "unknown");
    server.queue(2, FakeKind.NAME);
    runner.run();

    assertThat(events().stream().filter(event -> event.matches("claim .*|no job")))
        .containsExactly("claim 3", "claim 1", "claim 2", "no job");
  }

  @Test
  void anEmptyQueueIsLeftAtOnce() {
    runner.run();

    assertThat(server.events).containsExactly("no job");
    assertThat(server.shown).isEmpty();
  }

  @Test
  void stagesAreDoneInOrderStepByStep() {
    List<String> steps = new ArrayList<>();
    kind.plan =
        () ->
            new Plan(
                0,
                0,
                0,
                List.of(
                    new Stage(Phase.SCHEMA, 1, 2, _ -> steps.add("schema") && steps.size() < 3),
                    new Stage(Phase.VERIFY, 1, 1, _ -> !steps.add("verify"))));
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(steps).containsExactly("schema", "schema", "schema", "verify");
    assertThat(server.shown.stream().map(FakeJobServer.Shown::phase))
        .containsExactly("idle", "schema", "verify", "complete");
  }

  @Test
  void aFailureIsUndoneBeforeItIsWrittenDown() {
    kind.fail(new PgException("23505", "duplicate key", "Key (a)=(1).", "Remove one."));
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(events())
        .containsExactly(
            "claim 1",
            "plan 1",
            "undo 1",
            "finish_undo 1",
            "finish_work 1 failed duplicate key (SQLSTATE 23505)\n"
                + "DETAIL: Key (a)=(1).\nHINT: Remove one.",
            "end",
            "no job");
    assertThat(server.shown.getLast().status()).isEqualTo("failed");
  }

  @Test
  void aPlainErrorHasNoDetailAndNoHint() {
    kind.fail(new PgException("53100", "disk full", "", ""));
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(lastError()).isEqualTo("disk full (SQLSTATE 53100)");
  }

  @Test
  void whatAJobSaysItselfIsTakenAsItIs() {
    kind.fail(new JobException("there is no directory \"/x\""));
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(lastError()).isEqualTo("there is no directory \"/x\"");
  }

  @Test
  void anythingElseIsNamed() {
    kind.fail(new IllegalStateException("odd"));
    server.queue(1, FakeKind.NAME);
    runner.run();
    assertThat(lastError()).isEqualTo("java.lang.IllegalStateException: odd");

    kind.plan =
        () -> {
          throw new StackOverflowError();
        };
    server.queue(2, FakeKind.NAME);
    runner.run();
    assertThat(lastError()).isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  void anUnknownOperationFailsAndTheNextJobRuns() {
    server.queue(1, "nothing");
    server.queue(2, FakeKind.NAME);
    runner.run();

    assertThat(events())
        .containsSubsequence(
            "finish_undo 1",
            "finish_work 1 failed operation \"nothing\" is not available in version "
                + BuildInfo.VERSION,
            "finish_work 2 complete");
  }

  @ParameterizedTest
  @CsvSource({
    "CANCELLED, cancelled cancelled on request",
    "TERMINATED, failed the worker was terminated by an administrator or a server shutdown",
    "DISABLED, failed the database was disabled or unregistered for jobs while the job ran"
  })
  void aSignalBetweenStepsIsTheReason(Interruption why, String end) {
    List<String> steps = new ArrayList<>();
    kind.plan =
        () ->
            FakeKind.plan(
                Phase.DATA,
                9,
                _ -> {
                  if (steps.size() == 1) {
                    server.interrupt(why);
                  }
                  return steps.add("step");
                });
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(steps).hasSize(2);
    assertThat(events())
        .containsExactly(
            "claim 1",
            "plan 1",
            "undo 1",
            "finish_undo 1",
            "finish_work 1 " + end,
            "end",
            "no job");
    assertThat(server.shown.getLast().status()).isEqualTo(end.replaceFirst(" .*", ""));
  }

  @Test
  void aSignalCountsMoreThanTheErrorThatItCaused() {
    kind.plan =
        () -> {
          server.interrupt(Interruption.CANCELLED);
          throw new PgException("57014", "canceling statement due to user request", "", "");
        };
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(events()).contains("finish_work 1 cancelled cancelled on request");
  }

  @Test
  void aCancelThatCameBeforeThePlanKeepsItFromBeingMade() {
    server.interrupt(Interruption.CANCELLED);
    server.queue(1, FakeKind.NAME);
    runner.run();

    assertThat(events()).doesNotContain("plan 1").contains("undo 1");
  }

  @Test
  void anUndoThatFailsStaysMarkedInTheQueue() {
    kind.fail(new JobException("why"));
    kind.undo =
        () -> {
          throw new PgException("53100", "disk full", "", "");
        };
    server.queue(1, FakeKind.NAME);
    server.queue(2, "nothing");
    runner.run();

    assertThat(events())
        .doesNotContain("finish_undo 1")
        .containsSubsequence("finish_work 1 failed why", "end", "claim 2");
    assertThat(server.warnings)
        .containsExactly("steep_repl: job 1 could not be undone: disk full (SQLSTATE 53100)");
  }

  @Test
  void whatADeadWorkerHasLeftIsUndoneAndNotRunAgain() {
    server.queue(new ClaimedJob(1, FakeKind.NAME, "1", /* undo= */ true));
    server.queue(2, FakeKind.NAME);
    runner.run();

    assertThat(events())
        .containsExactly(
            "claim 1",
            "undo 1",
            "finish_undo 1",
            "end",
            "claim 2",
            "plan 2",
            "finish_work 2 complete",
            "end",
            "no job");
  }

  @Test
  void ofAnUnknownOperationThereIsNothingToUndo() {
    server.queue(new ClaimedJob(1, "nothing", "1", /* undo= */ true));
    runner.run();

    assertThat(events()).containsExactly("claim 1", "finish_undo 1", "end", "no job");
    assertThat(server.warnings).isEmpty();
  }
}

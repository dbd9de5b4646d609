package org.pgwalrus.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.jobs.FakeJobServer;
import org.pgwalrus.jobs.JobKinds;
import org.pgwalrus.jobs.JobRunner;

class SchemaCaptureTest {

  private static final List<String> SCHEMAS = List.of("", "A", "b.c", "é");

  private final FakeJobServer server = new FakeJobServer();

  SchemaCaptureTest() {
    server.answer("count_tables_to_capture", _ -> "6");
    server.answer(
        "next_schema_to_capture",
        statement -> {
          int next = SCHEMAS.indexOf(statement.parameters().get(1)) + 1;
          return next < SCHEMAS.size() ? SCHEMAS.get(next) : null;
        });
    server.answer("stage_fingerprints", _ -> "2");
    server.answer("publish_fingerprints", _ -> "6");
    server.answer("discard_fingerprints", _ -> "0");
    server.queue(7, "schema_capture");
  }

  private void run() {
    new JobRunner(server, JobKinds.onClassPath()).run();
  }

  private List<List<String>> parametersOf(String function) {
    return server.statements.stream()
        .filter(statement -> statement.sql().contains(function))
        .map(FakeJobServer.Statement::parameters)
        .toList();
  }

  @Test
  void schemasAreStagedOneByOneAndPublishedAtTheEnd() {
    run();

    assertThat(parametersOf("stage_fingerprints"))
        .containsExactly(List.of("7", "A"), List.of("7", "b.c"), List.of("7", "é"));
    assertThat(parametersOf("publish_fingerprints")).containsExactly(List.of("7"));
    assertThat(parametersOf("discard_fingerprints")).isEmpty();
    assertThat(server.events).contains("finish_work 7 complete");
  }

  @Test
  void tablesAreCountedAsTheyAreStaged() {
    server.answer(
        "publish_fingerprints",
        _ -> {
          assertThat(server.progress().get(ProgressField.TABLES_TOTAL)).isEqualTo(6);
          assertThat(server.progress().get(ProgressField.TABLES_COMPLETED)).isEqualTo(6);
          assertThat(server.progress().text(ProgressField.CURRENT_TABLE)).isEmpty();
          assertThat(server.progress().real(ProgressField.OVERALL_PERCENT)).isEqualTo(90);
          return "6";
        });
    run();

    assertThat(server.events).contains("finish_work 7 complete");
  }

  @Test
  void anEmptyDatabaseIsPublishedToo() {
    server.answer("count_tables_to_capture", _ -> "0");
    server.answer("next_schema_to_capture", _ -> null);
    run();

    assertThat(parametersOf("stage_fingerprints")).isEmpty();
    assertThat(parametersOf("publish_fingerprints")).hasSize(1);
  }

  @Test
  void aFailureDiscardsWhatWasStagedAndPublishesNothing() {
    server.answer(
        "stage_fingerprints",
        statement -> {
          if (statement.parameters().get(1).equals("b.c")) {
            throw new PgException("42501", "permission denied", "", "");
          }
          return "2";
        });
    run();

    assertThat(parametersOf("publish_fingerprints")).isEmpty();
    assertThat(parametersOf("discard_fingerprints")).containsExactly(List.of("7"));
    assertThat(server.events)
        .containsSubsequence(
            "finish_undo 7", "finish_work 7 failed permission denied (SQLSTATE 42501)");
  }
}

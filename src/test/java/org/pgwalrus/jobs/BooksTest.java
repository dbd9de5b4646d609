package org.pgwalrus.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.PgException;

class BooksTest {

  private final FakeJobServer server = new FakeJobServer();
  private final Books books = new Books(server);
  private final ClaimedJob job = new ClaimedJob(7, "fake", "7", /* undo= */ false);
  private int failures;

  private void failFinish(int times) {
    failures = times;
    server.answer(
        "finish_work",
        _ -> {
          if (failures-- > 0) {
            throw new PgException("57014", "canceling statement due to user request", "", "");
          }
          return "t";
        });
  }

  @Test
  void aSignalThatHitsTheEndOnlyDelaysIt() {
    failFinish(1);
    server.interrupt(Interruption.CANCELLED);
    books.finish(job, Outcome.COMPLETE);

    assertThat(server.events).containsExactly("finish_work 7 complete");
    server.checkPoint();
    assertThat(server.warnings)
        .containsExactly(
            "steep_repl: job 7 could not write down how it ended: canceling statement due to user"
                + " request");
  }

  @Test
  void whatCannotBeWrittenAtAllEndsTheWorker() {
    failFinish(Integer.MAX_VALUE);

    assertThatThrownBy(() -> books.finish(job, Outcome.COMPLETE)).isInstanceOf(PgException.class);
    assertThat(server.warnings).hasSize(5);
  }

  @Test
  void anErrorThatIsTooLongIsCutAtAWholeCharacter() {
    List<String> texts = new ArrayList<>();
    server.answer(
        "finish_work",
        statement -> {
          texts.add(statement.parameters().get(2));
          return "t";
        });
    books.finish(job, Outcome.failed("x" + "é".repeat(50_000)));

    assertThat(texts.getFirst().getBytes(StandardCharsets.UTF_8))
        .hasSizeBetween(Frame.TEXT_SIZE - 3, Frame.TEXT_SIZE - 1);
    assertThat(texts.getFirst()).matches("xé+");
  }

  @Test
  void whatTheDatabaseCannotSpellIsWrittenWithoutIt() {
    server.answer(
        "finish_work",
        statement -> {
          if (statement.parameters().get(2).contains("€")) {
            throw new PgException("22P05", "has no equivalent in encoding \"LATIN1\"", "", "");
          }
          return "t";
        });

    assertThat(books.finish(job, Outcome.failed("é costs 1 €")))
        .isEqualTo(Outcome.failed("? costs 1 ?"));
    assertThat(server.events).containsExactly("finish_work 7 failed ? costs 1 ?");
    assertThat(books.finish(job, Outcome.failed("é"))).isEqualTo(Outcome.failed("é"));
  }

  @Test
  void anUndoIsWrittenDownAsWell() {
    books.undone(job);

    assertThat(server.events).containsExactly("finish_undo 7");
  }
}

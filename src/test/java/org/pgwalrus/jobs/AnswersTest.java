package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.PgException;

class AnswersTest {

  private final ByteBuffer messages = ByteBuffer.allocate(1000);

  private void message(char type, ByteBuffer body) {
    body.flip();
    messages.put((byte) type).putInt(body.remaining() + 4).put(body);
  }

  private static ByteBuffer body() {
    return ByteBuffer.allocate(200);
  }

  private static byte[] zeroEnded(String text) {
    return (text + "\0").getBytes(UTF_8);
  }

  private List<Answer> read() {
    List<Answer> answers = new ArrayList<>();
    new Answers(messages.flip()).forEach(answers::add);
    return answers;
  }

  @Test
  void aRowHasTextsAndNulls() {
    byte[] text = "ä b".getBytes(UTF_8);
    message('T', body().putShort((short) 0));
    message('D', body().putShort((short) 3).putInt(text.length).put(text).putInt(-1).putInt(0));

    assertThat(read()).containsExactly(new Answer.DataRow(Arrays.asList("ä b", null, "")));
  }

  @Test
  void aCommandTagMayCountRows() {
    message('C', body().put(zeroEnded("COPY 1234567890123")));
    message('C', body().put(zeroEnded("INSERT 0 7")));
    message('C', body().put(zeroEnded("CREATE TABLE")));
    message('Z', body().put((byte) 'I'));

    assertThat(read())
        .containsExactly(
            new Answer.Complete("COPY", 1234567890123L),
            new Answer.Complete("INSERT", 7),
            new Answer.Complete("CREATE TABLE", 0),
            new Answer.Ready());
  }

  private static ByteBuffer error(String sqlState) {
    return body().put(zeroEnded("SERROR")).put(zeroEnded("C" + sqlState)).put((byte) 0);
  }

  private Optional<String> failure() {
    return Answers.failure(messages.flip()).map(PgException::sqlState);
  }

  @Test
  void aStatementThatHasOnlyFailedCanBeRunAgain() {
    message('N', body().put((byte) 0));
    message('E', error("40P01"));
    message('Z', body().put((byte) 'I'));

    assertThat(failure()).contains("40P01");
    assertThat(messages.remaining()).isPositive();
  }

  @Test
  void noticesTellNothingOfTheEnd() {
    message('N', body().put((byte) 0));
    message('N', body().put((byte) 0));
    assertThat(Answers.areNotices(messages.flip())).isTrue();
    assertThat(messages.remaining()).isPositive();
  }

  @Test
  void whatIsNoNoticeTellsSomething() {
    message('N', body().put((byte) 0));
    message('E', error("40P01"));

    assertThat(Answers.areNotices(messages.flip())).isFalse();
  }

  @Test
  void oneThatHasDoneWellHasNoFailure() {
    message('C', body().put(zeroEnded("CREATE INDEX")));
    message('Z', body().put((byte) 'I'));

    assertThat(failure()).isEmpty();
  }

  @Test
  void afterRowsItCannotBeRunAgain() {
    message('C', body().put(zeroEnded("SELECT 1")));
    message('E', error("40P01"));
    message('Z', body().put((byte) 'I'));

    assertThat(failure()).isEmpty();
  }

  @Test
  void withinATransactionItCannotBeRunAgain() {
    message('E', error("40P01"));
    message('Z', body().put((byte) 'E'));

    assertThat(failure()).isEmpty();
  }

  @Test
  void anErrorComesBeforeWhatItHasLeft() {
    message('E', error("40P01"));

    assertThat(failure()).contains("40P01");
  }

  @Test
  void anErrorKeepsWhatItSays() {
    message(
        'E',
        body()
            .put(zeroEnded("SERROR"))
            .put(zeroEnded("C23505"))
            .put(zeroEnded("Mduplicate"))
            .put(zeroEnded("Dkey 1"))
            .put(zeroEnded("Hdo not"))
            .put(zeroEnded("WCOPY t, line 3, column c: \"x\"\nSQL function \"f\""))
            .put((byte) 0));

    assertThat(read())
        .singleElement()
        .isInstanceOfSatisfying(
            Answer.Failed.class,
            failed -> {
              PgException error = failed.error();
              assertThat(error.sqlState()).isEqualTo("23505");
              assertThat(error.message()).isEqualTo("duplicate");
              assertThat(error.detail())
                  .isEqualTo("key 1\nCONTEXT: COPY t, line 3, column c: \"x\"");
              assertThat(error.hint()).isEqualTo("do not");
            });
  }
}

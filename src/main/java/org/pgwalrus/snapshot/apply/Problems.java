package org.pgwalrus.snapshot.apply;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.JobException;

/** All that stands against applying a snapshot, to be told at once. */
final class Problems {

  /** What an error message has room for. */
  private static final int LONGEST_LIST = 50;

  private final List<String> texts = new ArrayList<>();
  private @Nullable String sqlState;

  /** One more; the first tells the SQLSTATE. */
  void add(@Nullable String state, @Nullable String text) {
    if (sqlState == null) {
      sqlState = state;
    }
    texts.add(String.valueOf(text));
  }

  /**
   * Ends the job where there are any.
   *
   * @param subject what cannot be done
   * @param hint what to do
   */
  void check(String subject, String hint) {
    if (texts.isEmpty()) {
      return;
    }
    StringBuilder message = new StringBuilder(subject);
    message.append(" (SQLSTATE ").append(sqlState).append(')');
    texts.stream().limit(LONGEST_LIST).forEach(text -> message.append("\n- ").append(text));
    if (texts.size() > LONGEST_LIST) {
      message.append("\nand ").append(texts.size() - LONGEST_LIST).append(" more");
    }
    throw new JobException(message.append("\nHINT: ").append(hint).toString());
  }
}

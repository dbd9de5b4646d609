package org.pgwalrus.jobs;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.PgException;

/** What a session says about a statement. */
sealed interface Answer {

  /** A row of texts. */
  record DataRow(List<@Nullable String> values) implements Answer {}

  /** It failed. */
  record Failed(PgException error) implements Answer {}

  /** A command of it is done, with so many rows where it counts them. */
  record Complete(String command, long rows) implements Answer {}

  /** The session waits for the next one. */
  record Ready() implements Answer {}
}

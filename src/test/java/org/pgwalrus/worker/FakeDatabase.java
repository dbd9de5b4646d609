package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.Frame;
import org.pgwalrus.backend.PgException;

/**
 * What a server answers to SQL. It remembers every statement, and knows them by a part of their
 * text; a statement that nobody has thought of fails the test. It has an empty history.
 */
final class FakeDatabase {

  static final String TABLE = "pg_catalog.pg_class";
  static final String INSERT = "INSERT INTO walrus.history";
  static final String UPDATE = "UPDATE walrus.history SET metadata = metadata || $2";
  static final String REPEAT = "'repeat_count'";
  static final String DELETE = "DELETE FROM walrus.history";
  static final String NOTIFY = "SELECT pg_catalog.pg_notify(";
  static final String LAST_HOUR = "interval '1 hour'";
  static final String BEFORE_PROMOTION = "'walrus.release'";
  static final String TIMELINE = "pg_walfile_name";
  static final String SOURCE = "SELECT source";
  static final String BROKEN_FILE = "error IS NOT NULL";
  static final String CONFIRM = "AND NOT h.metadata ? 'effective'";
  static final String UNRECORDED = "pg_stat_file";
  static final String MEGABYTES = "SELECT pg_catalog.pg_size_bytes($1)";
  static final String SURROUNDINGS = "pg_ls_waldir";
  static final String PROFILE_COUNT = "jsonb_array_length";
  static final String PROFILE = "array_to_string";

  /** One statement with its parameters. */
  record Statement(String sql, String first, String second, boolean readOnly) {}

  /** How a statement is answered. */
  interface Answer {

    /** The first value of the first row, or null; or an exception. */
    @Nullable String to(Statement statement);
  }

  private record Rule(String part, Answer answer) {}

  /** The newest rule counts. */
  private final ArrayDeque<Rule> rules = new ArrayDeque<>();

  private final List<Statement> statements = new ArrayList<>();
  private int lastId;

  FakeDatabase() {
    answer(TABLE, "1");
    answer(INSERT, _ -> String.valueOf(++lastId));
    answer(UPDATE, (String) null);
    answer(REPEAT, Statement::first);
    answer(DELETE, "0");
    answer(NOTIFY, "");
    answer(LAST_HOUR, (String) null);
    answer(BEFORE_PROMOTION, (String) null);
    answer(TIMELINE, "1");
    answer(SOURCE, "configuration file");
    answer(BROKEN_FILE, (String) null);
    answer(CONFIRM, (String) null);
    answer(UNRECORDED, (String) null);
    answer(SURROUNDINGS, "0 0 0 0 0 0");
  }

  /** From now on statements with this part are answered with this value. */
  void answer(String part, @Nullable String value) {
    answer(part, _ -> value);
  }

  /** From now on statements with this part are answered like this. */
  void answer(String part, Answer answer) {
    rules.addFirst(new Rule(part, answer));
  }

  /** From now on statements with this part fail. */
  void fail(String part, String sqlState, String message) {
    answer(
        part,
        _ -> {
          throw new PgException(sqlState, message, "", "");
        });
  }

  /** Somebody drops the extension. */
  void dropHistory() {
    answer(TABLE, (String) null);
    for (String part : List.of(INSERT, UPDATE, REPEAT, DELETE)) {
      fail(part, "42P01", "relation \"walrus.history\" does not exist");
    }
  }

  /** Somebody creates it, with an empty table; the ids go on, which makes tests easier to read. */
  void createHistory() {
    answer(TABLE, "1");
    answer(INSERT, _ -> String.valueOf(++lastId));
    answer(UPDATE, (String) null);
    answer(REPEAT, (String) null);
    answer(DELETE, "0");
  }

  /** The statements so far with this part. */
  List<Statement> sent(String part) {
    return statements.stream().filter(statement -> statement.sql().contains(part)).toList();
  }

  /** The rows so far, as JSON, also where writing them failed. */
  List<String> rows() {
    return sent(INSERT).stream().map(Statement::first).toList();
  }

  /** What was announced without a row. */
  List<String> events() {
    return sent(NOTIFY).stream().map(Statement::first).toList();
  }

  @Nullable String run(Statement statement) {
    for (String text : List.of(statement.sql(), statement.first(), statement.second())) {
      if (!Frame.fits(text)) {
        throw new IllegalArgumentException("text of " + text.length() + " bytes is too long");
      }
    }
    statements.add(statement);
    for (Rule rule : rules) {
      if (statement.sql().contains(rule.part())) {
        assertThat(statement.readOnly()).isEqualTo(!writes(statement.sql()));
        return rule.answer().to(statement);
      }
    }
    throw new AssertionError("no answer to: " + statement.sql());
  }

  private static boolean writes(String sql) {
    return sql.contains(INSERT)
        || sql.contains(DELETE)
        || sql.contains("UPDATE walrus.history")
        || sql.contains(NOTIFY);
  }
}

package org.pgwalrus.jobs;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.ClaimedJob;
import org.pgwalrus.backend.CopierServer;
import org.pgwalrus.backend.Interruption;
import org.pgwalrus.backend.JobServer;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.SharedState;
import org.pgwalrus.backend.SharedStates;

/** A server with a queue, a clock and signals that a test sets, and that remembers what it did. */
public final class FakeJobServer implements JobServer {

  static final long SECOND = 1_000_000_000L;
  static final long MILLI = 1_000_000L;

  /** A statement with its parameters. */
  public record Statement(String sql, List<String> parameters) {}

  /** How a statement is answered. */
  @FunctionalInterface
  public interface Answer {

    /** The first value of the first row, or null; or an exception. */
    @Nullable String to(Statement statement);
  }

  /** What others see of a job from a moment on. */
  record Shown(
      long nanos, String status, String phase, double percent, int etaSeconds, double perSecond) {}

  private record Rule(String part, Answer answer) {}

  /** All that has happened, in words and in order. */
  public final List<String> events = new ArrayList<>();

  /** What the jobs have executed as themselves. */
  public final List<Statement> statements = new ArrayList<>();

  final List<Shown> shown = new ArrayList<>();
  final List<String> warnings = new ArrayList<>();
  long nanos = 100 * SECOND;
  Interruption interruption = Interruption.NONE;

  private final ArrayDeque<ClaimedJob> queue = new ArrayDeque<>();
  private final ArrayDeque<Rule> rules = new ArrayDeque<>();
  private final Map<Setting, Integer> settings = new HashMap<>();
  private final SharedState progress = SharedStates.progressInMemory();
  private @Nullable PgException signal;

  /** A job that waits. */
  public ClaimedJob queue(long id, String operation) {
    return queue(new ClaimedJob(id, operation, String.valueOf(id), /* undo= */ false));
  }

  ClaimedJob queue(ClaimedJob job) {
    queue.addLast(job);
    return job;
  }

  /** Answers statements that contain a text; the newest rule counts. */
  public void answer(String part, Answer answer) {
    rules.addFirst(new Rule(part, answer));
  }

  void set(Setting.Int setting, int value) {
    settings.put(setting, value);
  }

  void pass(long milliseconds) {
    nanos += milliseconds * MILLI;
  }

  /** A signal has come: the next check point throws, and says why when asked. */
  void interrupt(Interruption why) {
    interruption = why;
    signal = new PgException("57014", "canceling job due to user request", "", "");
  }

  @Override
  public int get(Setting.Int setting) {
    return settings.getOrDefault(setting, setting.defaultValue());
  }

  @Override
  public @Nullable ClaimedJob claim() {
    ClaimedJob job = queue.pollFirst();
    events.add(job == null ? "no job" : "claim " + job.id());
    return job;
  }

  @Override
  public @Nullable String execute(String sql, String... parameters) {
    Statement statement = new Statement(sql, List.of(parameters));
    statements.add(statement);
    return answerTo(statement);
  }

  @Override
  public @Nullable String executeAsOwner(String sql, String... parameters) {
    Statement statement = new Statement(sql, List.of(parameters));
    String function = sql.replaceFirst("SELECT steep_repl\\.(\\w+)\\(.*", "$1");
    String answer = answerTo(statement);
    events.add(function + " " + String.join(" ", parameters).strip());
    return answer;
  }

  private @Nullable String answerTo(Statement statement) {
    for (Rule rule : rules) {
      if (statement.sql().contains(rule.part())) {
        return rule.answer().to(statement);
      }
    }
    return null;
  }

  @Override
  public void checkPoint() {
    if (signal != null) {
      throw signal;
    }
  }

  @Override
  public Interruption interruption() {
    Interruption why = interruption;
    signal = null;
    return why;
  }

  @Override
  public SharedState progress() {
    return progress;
  }

  @Override
  public void publishProgress() {
    shown.add(
        new Shown(
            nanos,
            progress.text(ProgressField.STATUS),
            progress.text(ProgressField.PHASE),
            progress.real(ProgressField.OVERALL_PERCENT),
            (int) progress.get(ProgressField.ETA_SECONDS),
            progress.real(ProgressField.THROUGHPUT_BYTES_SEC)));
  }

  /** As in C, the next job begins with nothing. */
  @Override
  public void endJob() {
    publishProgress();
    events.add("end");
    for (ProgressField field : ProgressField.values()) {
      if (field.type() == CType.TEXT) {
        progress.set(field, "");
      } else if (field.type() == CType.DOUBLE) {
        progress.setReal(field, 0);
      } else {
        progress.set(field, 0);
      }
    }
  }

  @Override
  public CopierServer copiers() {
    return new NoCopiers();
  }

  @Override
  public void report(Level level, String message, String detail, String hint) {
    if (level == Level.WARNING) {
      warnings.add(message);
    }
  }

  @Override
  public long monotonicNanos() {
    return nanos;
  }
}

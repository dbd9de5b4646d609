package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.CopierServer;
import org.pgwalrus.backend.PgException;

/**
 * A session of the job's role in a process of its own. It runs one statement at a time; what comes
 * and goes is moved by {@link #work}. Main thread only.
 */
public final class Copier {

  private static final String COPY = "COPY";
  private static final byte BARE_ROWS = 'D';
  private static final byte[] NO_TEXT = {};
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private static final Sink NO_SINK = new Sink() {};

  /** Takes the rows of a COPY TO STDOUT, or the answers to a statement of somebody else. */
  public interface Sink {

    /**
     * Whether {@link #take} would not have to wait. Whoever changes that on another thread wakes
     * the main thread.
     */
    default boolean isReady() {
      return true;
    }

    /** Takes bytes, which are good only during the call; what it leaves comes again. */
    default void take(ByteBuffer bytes) {
      throw new IllegalStateException("rows that nobody has asked for");
    }

    /**
     * Whether a relayed statement that has come to nothing is run again, and its error not told.
     */
    default boolean runsAgain(String sqlState) {
      return false;
    }
  }

  /** Brings the input of a COPY FROM STDIN. */
  public interface Source {

    /**
     * The next bytes in a direct buffer whose first byte is free, good until the next call; null
     * when there are none yet. Whoever brings them on another thread wakes the main thread.
     */
    @Nullable ByteBuffer next();

    /** Whether there will be none any more for this COPY. */
    boolean isAtEnd();

    /** Goes on to the input of the next COPY of the statement, once at the end; false for none. */
    default boolean hasMore() {
      return false;
    }
  }

  private final CopierServer server;
  private final int number;
  private final List<List<@Nullable String>> rows = new ArrayList<>();
  private @Nullable ByteBuffer outgoing;
  private @Nullable ByteBuffer behind;
  private @Nullable ByteBuffer left;
  private @Nullable Source source;
  private Sink sink = NO_SINK;
  private @Nullable PgException error;
  private final List<Long> copied = new ArrayList<>();
  private long count;
  private byte @Nullable [] relayed;
  private ByteBuffer held = NOTHING;
  private boolean answered;
  private boolean again;
  private boolean lastOfAnswers;
  private boolean idle;

  Copier(CopierServer server, int number) {
    this.server = server;
    this.number = number;
  }

  /** Begins a statement whose rows are few. */
  public void run(String sql) {
    order(Order.RUN, sql);
  }

  /** Begins a COPY TO STDOUT. */
  public void copyOut(String sql, Sink rows) {
    order(Order.COPY_OUT, sql);
    sink = rows;
  }

  /** Begins a COPY FROM STDIN, or several among other commands. */
  public void copyIn(String sql, Source data) {
    order(Order.RUN, sql);
    source = data;
  }

  /**
   * Begins to make a logical replication slot, which is dropped with this session unless it is
   * kept. The row has the name of a snapshot, which can be imported until this session is told to
   * do anything else, and the position in the WAL of which that is.
   */
  public void exportSlot(String name) {
    order(Order.EXPORT_SLOT, name);
  }

  /** Begins to make that slot last. */
  public void keepSlot() {
    order(Order.KEEP_SLOT, "");
  }

  /** Begins to lead a lock group. */
  public void lead() {
    order(Order.LEAD, "");
  }

  /**
   * Begins to join the lock group of another, outside of any transaction: the locks of one are no
   * obstacle to the other.
   *
   * @param pid the leader's process
   */
  public void join(int pid) {
    order(Order.JOIN, String.valueOf(pid));
  }

  /**
   * Begins a statement for somebody who speaks the protocol himself: its answers are passed on as
   * they are, whole messages up to and with ReadyForQuery. It can have no input.
   *
   * @param sql in UTF-8
   */
  public void relay(ByteBuffer sql, Sink answers) {
    byte[] text = new byte[sql.remaining()];
    sql.get(text);
    relay(text, answers);
  }

  private void relay(byte[] text, Sink answers) {
    order(Order.RUN, text);
    // A COPY FROM STDIN that finds this in its input fails; for others it means nothing.
    behind = message(Order.DATA_FAIL, NO_TEXT);
    sink = answers;
    relayed = text;
  }

  private void order(char kind, String text) {
    order(kind, text.getBytes(UTF_8));
  }

  private void order(char kind, byte[] text) {
    if (!isIdle()) {
      throw new IllegalStateException("copier " + number + " is at work");
    }
    outgoing = message(kind, text);
    behind = null;
    relayed = null;
    held = NOTHING;
    answered = false;
    lastOfAnswers = false;
    sink = NO_SINK;
    source = null;
    rows.clear();
    error = null;
    copied.clear();
    count = 0;
    idle = false;
  }

  private static ByteBuffer message(char kind, byte[] text) {
    return ByteBuffer.allocateDirect(text.length + 1).put((byte) kind).put(text).flip();
  }

  /** Does what can be done without waiting; false when that was nothing. */
  public boolean work() {
    boolean sent = send();
    boolean received = receive();
    return sent || received;
  }

  private boolean send() {
    if (again && relayed != null && outgoing == null) {
      again = false;
      relay(relayed, sink);
    }
    if (outgoing == null && source != null && error == null) {
      outgoing = nextInput(source);
    }
    if (outgoing == null || !server.send(number, outgoing)) {
      return false;
    }
    outgoing = behind;
    behind = null;
    return true;
  }

  private @Nullable ByteBuffer nextInput(Source from) {
    if (from.isAtEnd()) {
      source = from.hasMore() ? from : null;
      return message(Order.DATA_END, NO_TEXT);
    }
    ByteBuffer next = from.next();
    return next == null ? null : next.put(0, (byte) Order.DATA);
  }

  /** Gives up the input of a COPY FROM STDIN, which then fails. */
  public void fail() {
    source = null;
    outgoing = message(Order.DATA_FAIL, NO_TEXT);
  }

  private boolean receive() {
    if (!sink.isReady()) {
      return false;
    }
    ByteBuffer message = left == null ? hear() : left;
    if (message == null) {
      return false;
    }
    if (left != null || message.get() == BARE_ROWS || relayed != null) {
      pass(message);
    } else {
      new Answers(message).forEach(this::hear);
    }
    return true;
  }

  private void pass(ByteBuffer message) {
    ByteBuffer answers = message;
    if (left == null && relayed != null) {
      lastOfAnswers = Answers.endWithReady(message);
      answers = answered ? message : judge(message);
    }
    if (answers.hasRemaining()) {
      sink.take(answers);
    }
    left = answers.hasRemaining() ? answers : null;
    idle = left == null && lastOfAnswers;
  }

  /**
   * An error comes alone, and is passed on once it is known how the statement has left things.
   * Notices are passed on at once, and come again with the statement.
   */
  private ByteBuffer judge(ByteBuffer message) {
    if (Answers.areNotices(message) && !held.hasRemaining()) {
      return message;
    }
    ByteBuffer all =
        ByteBuffer.allocate(held.remaining() + message.remaining()).put(held).put(message).flip();
    held = NOTHING;
    Optional<String> failure = Answers.failure(all).map(PgException::sqlState);
    if (failure.isPresent() && !lastOfAnswers) {
      held = all;
      return NOTHING;
    }
    again = failure.filter(sink::runsAgain).isPresent();
    answered = true;
    return again ? NOTHING : all;
  }

  /** What a session says last tells more than its end. */
  private @Nullable ByteBuffer hear() {
    try {
      return server.receive(number);
    } catch (PgException e) {
      throw error == null ? e : error;
    }
  }

  private void hear(Answer answer) {
    switch (answer) {
      case Answer.DataRow row -> rows.add(row.values());
      case Answer.Failed failed -> {
        error = failed.error();
        source = null;
      }
      case Answer.Complete complete -> complete(complete);
      case Answer.Ready _ -> idle = true;
    }
  }

  private void complete(Answer.Complete command) {
    count = command.rows();
    if (command.command().equals(COPY)) {
      copied.add(count);
    }
  }

  /** Whether the last statement has ended. */
  public boolean isIdle() {
    // What it is sent must come whole, also when it has answered before it was read.
    return idle && outgoing == null && !again;
  }

  /**
   * The rows of the last statement, which has ended.
   *
   * @throws PgException when it failed
   */
  public List<List<@Nullable String>> rows() {
    check();
    return List.copyOf(rows);
  }

  /**
   * How many rows the last statement has moved.
   *
   * @throws PgException when it failed
   */
  public long count() {
    check();
    return count;
  }

  /**
   * How many rows each COPY of the last statement has moved.
   *
   * @throws PgException when it failed
   */
  public List<Long> copied() {
    check();
    return List.copyOf(copied);
  }

  /**
   * Looks whether the last statement, which has ended, has done so well.
   *
   * @throws PgException when it failed
   */
  public void check() {
    if (error != null) {
      throw error;
    }
  }

  /**
   * The same.
   *
   * @param subject what the statement was about, which its error seldom names
   * @throws PgException when it failed, with the subject
   */
  public void check(String subject) {
    if (error != null) {
      throw new PgException(
          error.sqlState(), subject + ": " + error.message(), error.detail(), error.hint());
    }
  }

  void close() {
    server.close(number, isIdle());
  }
}

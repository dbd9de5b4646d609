package org.pgwalrus.snapshot.dump;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;

/**
 * Serves one program after another at a socket, each by a copier of its own: a thread reads and
 * writes, and the main thread, which alone knows copiers, does what it asks for.
 */
final class Connection implements Copier.Sink {

  /** What is on its way to the program: so many pieces of what a copier says at a time. */
  private static final int MOST_ANSWERS = 16;

  /** Whoever is chosen to end a deadlock comes after the others then. */
  private static final String DEADLOCK = "40P01";

  private static final int MOST_TRIES = 11;

  private static final String SETTINGS =
      "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('server_version',"
          + " 'server_encoding', 'client_encoding', 'standard_conforming_strings',"
          + " 'integer_datetimes', 'DateStyle', 'IntervalStyle', 'TimeZone',"
          + " 'default_transaction_read_only', 'in_hot_standby', 'application_name')"
          + " UNION ALL SELECT 'is_superuser', CASE WHEN rolsuper THEN 'on' ELSE 'off' END"
          + " FROM pg_catalog.pg_roles WHERE rolname = current_user"
          + " UNION ALL SELECT 'session_authorization', current_user";

  /** What the thread asks of the main thread. */
  private sealed interface Request {

    /** A session. */
    record Begin() implements Request {}

    /** The answers to a statement. */
    record Run(ByteBuffer sql) implements Request {}

    /** The end of the session, whatever it is doing. */
    record End() implements Request {}
  }

  /** What it gets. */
  private sealed interface Reply {

    /** Bytes for the program. */
    record Some(ByteBuffer bytes) implements Reply {}

    /** There is no more for this request. */
    record Done() implements Reply {}

    /** There is no more for this session: what comes from here on is for the next. */
    record Ended() implements Reply {}
  }

  private final Copiers copiers;
  private final Supplier<Copier> opener;
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<Reply> answers = new LinkedBlockingQueue<>();
  private @Nullable Copier copier;
  private boolean running;
  private int tries;

  Connection(Copiers copiers, Supplier<Copier> opener) {
    this.copiers = copiers;
    this.opener = opener;
  }

  Thread start(ServerSocketChannel server) {
    return copiers.start("steep_repl relay", () -> serve(server));
  }

  private void serve(ServerSocketChannel server) {
    try {
      while (true) {
        try (SocketChannel channel = PatientChannel.accept(server)) {
          serve(channel);
        }
      }
    } catch (IOException | InterruptedException _) {
      // The job has closed the socket.
    }
  }

  private void serve(SocketChannel channel) throws InterruptedException {
    try (PatientChannel patient = PatientChannel.of(channel)) {
      Frontend frontend = new Frontend(new BufferedInputStream(patient.input()), patient.output());
      if (frontend.start()) {
        ask(new Request.Begin(), patient);
        for (byte[] sql = frontend.query(); sql != null; sql = frontend.query()) {
          ask(new Request.Run(ByteBuffer.wrap(sql)), patient);
        }
      }
    } catch (IOException _) {
      // The program is gone; why, it has said itself.
    }
    ask(new Request.End());
    Reply left = answers.take();
    while (!(left instanceof Reply.Ended)) {
      left = answers.take();
    }
  }

  private void ask(Request request) {
    requests.add(request);
    copiers.wake();
  }

  private void ask(Request request, PatientChannel out) throws IOException, InterruptedException {
    ask(request);
    while (answers.take() instanceof Reply.Some some) {
      copiers.wake();
      out.write(some.bytes());
    }
  }

  @Override
  public boolean isReady() {
    return answers.size() < MOST_ANSWERS;
  }

  @Override
  public void take(ByteBuffer bytes) {
    ByteBuffer some = ByteBuffer.allocate(bytes.remaining());
    answers.add(new Reply.Some(some.put(bytes).flip()));
  }

  @Override
  public boolean runsAgain(String sqlState) {
    return sqlState.equals(DEADLOCK) && ++tries < MOST_TRIES;
  }

  /** Does on the main thread what the thread has asked for; false when that was nothing. */
  boolean step() {
    if (running && copier != null && copier.isIdle()) {
      running = false;
      answers.add(new Reply.Done());
    }
    // A session ends whatever it is doing.
    @Nullable Request next =
        running && !(requests.peek() instanceof Request.End) ? null : requests.poll();
    switch (next) {
      case Request.Begin _ -> begin();
      case Request.Run run -> run(run.sql());
      case Request.End _ -> {
        end();
        answers.add(new Reply.Ended());
      }
      case null -> {
        return false;
      }
    }
    return true;
  }

  private void begin() {
    Copier opened = opener.get();
    copier = opened;
    opened.run(SETTINGS);
    copiers.await(opened);
    Map<String, String> settings = new LinkedHashMap<>();
    for (List<@Nullable String> row : opened.rows()) {
      settings.put(String.valueOf(row.get(0)), String.valueOf(row.get(1)));
    }
    answers.add(new Reply.Some(ByteBuffer.wrap(Messages.begun(settings))));
    answers.add(new Reply.Done());
  }

  private void run(ByteBuffer sql) {
    if (copier == null) {
      throw new IllegalStateException("a statement before the session");
    }
    tries = 0;
    copier.relay(sql, this);
    running = true;
  }

  /** Ends the session, if there is one. */
  void end() {
    running = false;
    if (copier != null) {
      copiers.close(copier);
      copier = null;
    }
  }
}

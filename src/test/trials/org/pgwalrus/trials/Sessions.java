package org.pgwalrus.trials;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;

/** The copiers of a script, by name; what comes of each act is noted in the table of effects. */
final class Sessions {

  private static final String NOTE =
      "INSERT INTO public.effects (job, what) VALUES ($1::bigint, $2)";
  private static final int PIECE = 100_000;

  private final Session session;
  private final Copiers copiers;
  private final Map<String, Copier> named = new HashMap<>();

  Sessions(Session session) {
    this.session = session;
    copiers = session.copiers();
  }

  /** "NAME VERB ARGUMENT". */
  void perform(String line) {
    String[] words = line.split(" ", 3);
    String argument = words.length > 2 ? words[2] : "";
    switch (words[1]) {
      case "open" -> open(words[0]);
      case "thread" -> copiers.start("sleeper", () -> LockSupport.parkNanos(Long.MAX_VALUE));
      case "close" -> copiers.close(named.get(words[0]));
      case "relay" -> note(relayed(named.get(words[0]), argument));
      default -> {
        Copier copier = named.get(words[0]);
        begin(copier, words[1], argument);
        note(words[1].equals("out") || words[1].equals("in") ? moved(copier) : rows(copier));
      }
    }
  }

  private void open(String name) {
    Copier copier = copiers.open().orElseThrow(() -> new JobException("no worker to spare"));
    copiers.await(copier);
    named.put(name, copier);
  }

  private void begin(Copier copier, String verb, String argument) {
    switch (verb) {
      case "run" -> copier.run(argument);
      case "out" -> copier.copyOut(argument, new Nothing());
      case "in" -> {
        String[] parts = argument.split(" <- ", 2);
        copier.copyIn(parts[0], new Text(parts[1]));
      }
      case "slot" -> copier.exportSlot(argument);
      case "keep" -> copier.keepSlot();
      case "lead" -> copier.lead();
      case "join" -> {
        Copier leader = named.get(argument);
        leader.run("SELECT pg_backend_pid()");
        copiers.await(leader);
        copier.join(Integer.parseInt(leader.rows().getFirst().getFirst()));
      }
      default -> throw new AssertionError(verb);
    }
  }

  /** The types of the messages of which a statement's answers consist. */
  private String relayed(Copier copier, String sql) {
    Pieces pieces = new Pieces();
    copier.relay(UTF_8.encode(sql), pieces);
    copiers.await(copier);
    return pieces.types();
  }

  private String rows(Copier copier) {
    copiers.await(copier);
    return copier.rows().toString();
  }

  private String moved(Copier copier) {
    copiers.await(copier);
    return String.valueOf(copier.count());
  }

  private void note(String what) {
    session.execute(NOTE, String.valueOf(session.id()), what);
  }

  /** Forgets all. */
  private static final class Nothing implements Copier.Sink {

    @Override
    public void take(ByteBuffer rows) {
      rows.position(rows.limit());
    }
  }

  /** Takes little at a time. */
  private static final class Pieces implements Copier.Sink {

    private static final int MOST = 1000;

    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    public void take(ByteBuffer bytes) {
      byte[] some = new byte[Math.min(bytes.remaining(), MOST)];
      bytes.get(some);
      all.writeBytes(some);
    }

    String types() {
      ByteBuffer messages = ByteBuffer.wrap(all.toByteArray());
      StringBuilder types = new StringBuilder();
      for (int at = 0; at < messages.limit(); at += 1 + messages.getInt(at + 1)) {
        types.append((char) messages.get(at));
      }
      return types.toString();
    }
  }

  /** A text: "1..N" for that many lines, each with its number, else its words as lines. */
  private static final class Text implements Copier.Source {

    private final byte[] all;
    private int done;

    Text(String text) {
      StringBuilder lines = new StringBuilder();
      if (text.startsWith("1..")) {
        for (int i = 1; i <= Integer.parseInt(text.substring(3)); i++) {
          lines.append(i).append('\n');
        }
      } else {
        lines.append(text.replace(' ', '\n')).append('\n');
      }
      all = lines.toString().getBytes(UTF_8);
    }

    @Override
    public ByteBuffer next() {
      int length = Math.min(PIECE, all.length - done);
      ByteBuffer piece = ByteBuffer.allocateDirect(length + 1).put(1, all, done, length);
      done += length;
      return piece;
    }

    @Override
    public boolean isAtEnd() {
      return done == all.length;
    }
  }
}

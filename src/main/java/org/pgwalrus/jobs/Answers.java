package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.PgException;

/**
 * Reads messages of a backend to its client, of protocol 3 ("Message Formats" in PostgreSQL's
 * documentation), as far as a job needs them.
 */
final class Answers {

  /** As copier_statement.c has it, behind what it calls. */
  private static final String SCRIPT = "statement of a script: ";

  private static final byte ERROR = 'E';
  private static final byte NOTICE = 'N';
  private static final byte READY = 'Z';
  private static final byte IDLE = 'I';

  /** The type of a message and its length. */
  private static final int HEADER = 1 + Integer.BYTES;

  private static final Pattern NUMBERS = Pattern.compile("(?: (\\d+))+$");

  private final ByteBuffer messages;

  Answers(ByteBuffer messages) {
    this.messages = messages;
  }

  void forEach(Consumer<Answer> listener) {
    while (messages.hasRemaining()) {
      byte type = messages.get();
      int length = messages.getInt() - Integer.BYTES;
      ByteBuffer body = messages.slice(messages.position(), length);
      messages.position(messages.position() + length);
      switch (type) {
        case 'D' -> listener.accept(new Answer.DataRow(row(body)));
        case ERROR -> listener.accept(new Answer.Failed(error(body)));
        case 'C' -> listener.accept(complete(text(body)));
        case READY -> listener.accept(new Answer.Ready());
        default -> {
          // Descriptions of rows, notices, settings: nobody here has asked.
        }
      }
    }
  }

  /** Whether the session waits for the next statement after these, which are left as they are. */
  static boolean endWithReady(ByteBuffer messages) {
    boolean ready = false;
    for (int at = messages.position(); at < messages.limit(); ) {
      ready = messages.get(at) == READY;
      at += 1 + messages.getInt(at + 1);
    }
    return ready;
  }

  /** Whether these tell nothing of how the statement ends. */
  static boolean areNotices(ByteBuffer messages) {
    for (int at = messages.position(); at < messages.limit(); ) {
      if (messages.get(at) != NOTICE) {
        return false;
      }
      at += 1 + messages.getInt(at + 1);
    }
    return true;
  }

  /** The error that is all there is of a statement, unless that has left a transaction open. */
  static Optional<PgException> failure(ByteBuffer messages) {
    PgException error = null;
    for (int at = messages.position(); at < messages.limit(); ) {
      int length = messages.getInt(at + 1);
      switch (messages.get(at)) {
        case NOTICE -> {
          // Tells nothing of how it ended.
        }
        case ERROR -> error = error(messages.slice(at + HEADER, length - Integer.BYTES));
        case READY -> {
          boolean isIdle = messages.get(at + HEADER) == IDLE;
          return isIdle ? Optional.ofNullable(error) : Optional.empty();
        }
        default -> {
          return Optional.empty();
        }
      }
      at += 1 + length;
    }
    return Optional.ofNullable(error);
  }

  private static List<@Nullable String> row(ByteBuffer body) {
    int columns = body.getShort();
    List<@Nullable String> values = new ArrayList<>(columns);
    for (int i = 0; i < columns; i++) {
      int length = body.getInt();
      values.add(length < 0 ? null : string(body, length));
    }
    return values;
  }

  private static PgException error(ByteBuffer body) {
    String state = "XX000";
    String message = "";
    String detail = "";
    String hint = "";
    String context = "";
    for (byte field = body.get(); field != 0; field = body.get()) {
      String value = text(body);
      switch (field) {
        case 'C' -> state = value;
        case 'M' -> message = value;
        case 'D' -> detail = value;
        case 'H' -> hint = value;
        case 'W' -> context = value;
        default -> {
          // Where in the server's source it came from is in the log.
        }
      }
    }
    return new PgException(state, message, located(detail, place(context)), hint);
  }

  private static String located(String detail, String place) {
    return detail.isEmpty() || place.isEmpty() ? detail + place : detail + "\nCONTEXT: " + place;
  }

  /**
   * The line of a COPY, or else the statement of a script, that is at fault; where a function was
   * is for the log.
   */
  private static String place(String context) {
    String first = context.lines().findFirst().orElse("");
    if (first.startsWith("COPY ")) {
      return first;
    }
    int script = context.lastIndexOf(SCRIPT);
    return script < 0 ? "" : context.substring(script);
  }

  /** A command tag may have numbers behind its words, of which the last one counts rows. */
  private static Answer.Complete complete(String tag) {
    Matcher numbers = NUMBERS.matcher(tag);
    return numbers.find()
        ? new Answer.Complete(tag.substring(0, numbers.start()), Long.parseLong(numbers.group(1)))
        : new Answer.Complete(tag, 0);
  }

  /** Up to the next zero byte. */
  private static String text(ByteBuffer body) {
    int end = body.position();
    while (body.get(end) != 0) {
      end++;
    }
    String value = string(body, end - body.position());
    body.get();
    return value;
  }

  private static String string(ByteBuffer body, int length) {
    byte[] bytes = new byte[length];
    body.get(bytes);
    return new String(bytes, UTF_8);
  }
}

package org.pgwalrus.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.CopierServer;

/**
 * The copiers of a rehearsal: they answer as a script says, COPY TO STDOUT with one row, and take
 * one row for COPY FROM STDIN. Each call is made before its answer is made up.
 */
final class RehearsalCopiers implements CopierServer {

  private static final byte MESSAGES = 'M';
  private static final byte[] ROW = "1\n".getBytes(UTF_8);
  private static final int LONGEST_ANSWER = 1 << 12;
  private static final int PAUSE_MILLIS = 1;

  private final CopierServer server;
  private final Rehearsal.Script script;
  private final List<Deque<ByteBuffer>> answers = new ArrayList<>();

  RehearsalCopiers(CopierServer server, Rehearsal.Script script) {
    this.server = server;
    this.script = script;
  }

  @Override
  public int open() {
    server.open();
    answers.add(new ArrayDeque<>());
    answers.getLast().add(answer(List.of(), "OPEN"));
    return answers.size() - 1;
  }

  @Override
  public boolean send(int copier, ByteBuffer message) {
    server.send(copier, message);
    byte[] bytes = new byte[message.remaining()];
    message.slice().get(bytes);
    String text = new String(bytes, 1, bytes.length - 1, UTF_8);
    Deque<ByteBuffer> to = answers.get(copier);
    switch ((char) bytes[0]) {
      case Order.COPY_OUT -> {
        to.add(ByteBuffer.allocate(ROW.length + 1).put((byte) 'D').put(ROW).flip());
        to.add(answer(List.of(), "COPY 1"));
      }
      case Order.DATA_END -> to.add(answer(List.of(), "COPY 1"));
      case Order.DATA, Order.DATA_FAIL -> {
        // Input: its end is answered.
      }
      default -> {
        if (!text.contains(" FROM STDIN")) {
          to.add(answer(script.rows(text), "SELECT"));
        }
      }
    }
    return true;
  }

  private static ByteBuffer answer(List<List<@Nullable String>> rows, String tag) {
    ByteBuffer messages = ByteBuffer.allocate(LONGEST_ANSWER).put(MESSAGES);
    for (List<@Nullable String> row : rows) {
      ByteBuffer body = ByteBuffer.allocate(LONGEST_ANSWER).putShort((short) row.size());
      for (String value : row) {
        if (value == null) {
          body.putInt(-1);
        } else {
          body.putInt(value.getBytes(UTF_8).length).put(value.getBytes(UTF_8));
        }
      }
      add(messages, 'D', body.flip());
    }
    add(messages, 'C', ByteBuffer.wrap((tag + '\0').getBytes(UTF_8)));
    add(messages, 'Z', ByteBuffer.wrap(new byte[] {'I'}));
    return messages.flip();
  }

  private static void add(ByteBuffer messages, char type, ByteBuffer body) {
    messages.put((byte) type).putInt(body.remaining() + Integer.BYTES).put(body);
  }

  @Override
  public @Nullable ByteBuffer receive(int copier) {
    server.receive(copier);
    return answers.get(copier).poll();
  }

  @Override
  public void await(int millis) {
    server.await(millis);
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void wake() {
    server.wake();
  }

  @Override
  public void close(int copier, boolean idle) {
    server.close(copier, idle);
  }

  @Override
  public Thread start(String name, Runnable work) {
    return server.start(name, work);
  }
}

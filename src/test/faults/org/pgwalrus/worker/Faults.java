package org.pgwalrus.worker;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;

/** What Java can do wrong in the worker. */
final class Faults {

  /** Never freed, other than a list on the stack. */
  private static final List<byte[]> HOARD = new ArrayList<>();

  private static final MemorySegment ONE_BYTE = Arena.global().allocate(1);

  private final Server server;
  private final MortalServer mortal;

  Faults(Server server, MortalServer mortal) {
    this.server = server;
    this.mortal = mortal;
  }

  /** Commits a fault and says what came of it, if anything. */
  String commit(String fault) {
    int blank = fault.indexOf(' ');
    String name = blank < 0 ? fault : fault.substring(0, blank);
    String argument = fault.substring(blank + 1);
    return switch (name) {
      case "query" -> query(argument);
      case "uncaught-query" -> String.valueOf(server.query(argument));
      case "errors" -> errors(Integer.parseInt(argument));
      case "state" -> throw new IllegalStateException(argument);
      case "silent" -> throw new Silent();
      case "heap" -> fill(new ArrayList<>());
      case "full-heap" -> fill(HOARD);
      case "stack" -> String.valueOf(deep(0));
      case "caught-stack" -> caughtStack();
      case "class" -> String.valueOf(new Absent());
      case "beyond" -> beyond();
      case "busy" -> busy();
      case "query-then-busy" -> query(argument) + ", then " + busy();
      case "deaf" -> deaf(Long.parseLong(argument));
      case "die" -> mortal.arm(argument);
      case "crash" -> crash();
      case "exit" -> exit(Integer.parseInt(argument));
      case "halt" -> halt(Integer.parseInt(argument));
      default -> "nothing";
    };
  }

  private String query(String sql) {
    try {
      return "value " + server.query(sql);
    } catch (PgException e) {
      return "SQLSTATE " + e.sqlState() + ": " + e.message();
    }
  }

  private String errors(int times) {
    int caught = 0;
    for (int i = 0; i < times; i++) {
      if (query("SELECT 1/0").startsWith("SQLSTATE 22012")) {
        caught++;
      }
    }
    return caught + " errors";
  }

  private static String fill(List<byte[]> list) {
    for (; ; ) {
      list.add(new byte[4096]);
    }
  }

  private static int deep(int depth) {
    return deep(depth + 1) + 1;
  }

  private static String caughtStack() {
    try {
      return String.valueOf(deep(0));
    } catch (StackOverflowError e) {
      return e.getClass().getSimpleName();
    }
  }

  private static String beyond() {
    return String.valueOf(ONE_BYTE.get(ValueLayout.JAVA_BYTE, 1));
  }

  /** Long work that is polite. */
  private String busy() {
    server.report(Level.LOG, "fault: busy", "", "");
    while (!server.interruptPending()) {
      Thread.onSpinWait();
    }
    return "interrupted";
  }

  /** Long work that is not. */
  private String deaf(long millis) {
    server.report(Level.LOG, "fault: deaf", "", "");
    long end = System.nanoTime() + millis * 1_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return "done";
  }

  private static String crash() {
    return String.valueOf(
        MemorySegment.ofAddress(16).reinterpret(8).get(ValueLayout.JAVA_BYTE, 0));
  }

  private static String exit(int code) {
    System.exit(code);
    return "still there";
  }

  private static String halt(int code) {
    Runtime.getRuntime().halt(code);
    return "still there";
  }

  /** Cannot even say what it is. */
  private static final class Silent extends RuntimeException {

    private static final long serialVersionUID = 1L;

    @Override
    public String toString() {
      throw new IllegalStateException("no words");
    }
  }
}

package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.Session;

/**
 * Programs that run one after another on behalf of a job, in a private directory. However that
 * ends, closing it leaves no process, no session and no file. Main thread only.
 */
final class ProgramRun implements AutoCloseable {

  private static final String RESTORE = "pg_restore";

  private final Copiers copiers;
  private final ServerPrograms programs;
  private final Workplace workplace;
  private final ByteArrayOutputStream list = new ByteArrayOutputStream();
  private @Nullable Relay relay;
  private @Nullable Program program;

  ProgramRun(Session session) {
    copiers = session.copiers();
    programs = ServerPrograms.of(session);
    workplace = Workplace.make();
  }

  /** The archive that the programs are about. */
  Path archive() {
    return workplace.file("archive");
  }

  /** Lets programs speak to so many copiers at once. */
  void listen(int most, Supplier<Copier> opener) {
    relay = new Relay(copiers, workplace.socket(), most, opener);
  }

  /** Starts a program, after the end of the one before. */
  void start(String name, List<String> arguments, Program.Output output) {
    List<String> command = new ArrayList<>();
    command.add(programs.find(name));
    command.addAll(arguments);
    program = new Program(copiers, workplace, command, programs.environment(workplace), output);
  }

  /**
   * Serves the program for a moment.
   *
   * @return false when it has ended well
   * @throws org.pgwalrus.jobs.JobException when it has not
   */
  boolean step() {
    if (!serve()) {
      return false;
    }
    copiers.workOrWait();
    return true;
  }

  /** The same without a wait, for which the main thread is ready then. */
  boolean serve() {
    if (program == null || program.isDone()) {
      if (program != null) {
        program.check();
      }
      return false;
    }
    if (relay != null) {
      relay.step();
    }
    return true;
  }

  /** Ends the sessions of programs that have ended; others may listen then. */
  void hangUp() {
    if (relay != null) {
      relay.end();
      relay = null;
    }
  }

  /** Begins to look what is in the archive. */
  void startList() {
    list.reset();
    start(
        RESTORE,
        List.of("--list", archive().toString()),
        (bytes, length) -> list.write(bytes, 0, length));
  }

  /**
   * What has been found, of which is named in a file what is to be restored.
   *
   * @param leftOut foreign keys, as in {@link SchemaArchive#without}
   */
  SchemaArchive endList(List<String> leftOut) {
    SchemaArchive archive = SchemaArchive.parse(list.toString(UTF_8)).without(leftOut);
    try {
      Files.writeString(workplace.file("list"), archive.useList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return archive;
  }

  /** The arguments by which pg_restore restores that. */
  List<String> restore(String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.add("--use-list=" + workplace.file("list"));
    arguments.add(archive().toString());
    return arguments;
  }

  /** Sessions last: their end is the server's business, and may fail. */
  @Override
  public void close() {
    try (workplace) {
      if (relay != null) {
        relay.close();
      }
      if (program != null) {
        program.abandon();
      }
    }
    hangUp();
    program = null;
  }
}

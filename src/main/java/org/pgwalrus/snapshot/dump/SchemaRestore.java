package org.pgwalrus.snapshot.dump;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Streams;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;
import org.pgwalrus.snapshot.files.VerifiedCopy;

/**
 * Restores the schema of a snapshot in the job's database, with the rights of the job's role:
 * before its rows what they need, all or nothing, and afterwards what needs them, several things at
 * once. Main thread only.
 */
public final class SchemaRestore implements AutoCloseable {

  /** A part of the schema, as pg_dump divides it. */
  public enum Section {
    /** What rows need. */
    PRE_DATA("pre-data"),
    /** What needs rows: indexes, constraints, triggers. */
    POST_DATA("post-data");

    private final String option;

    Section(String option) {
      this.option = option;
    }
  }

  /** What is done otherwise than by default. */
  public enum Mode {
    /** All belongs to the role, and privileges are left out. */
    WITHOUT_OWNERS("--no-owner", "--no-privileges"),
    /** What an earlier try has restored of the section is dropped first. */
    ANEW("--clean", "--if-exists");

    private final List<String> options;

    Mode(String... options) {
      this.options = List.of(options);
    }
  }

  private final Session session;
  private final Copiers copiers;
  private final ProgramRun programs;
  private final Deque<Copier> ready = new ArrayDeque<>();
  private final SchemaArchive archive;
  private @Nullable ByteArrayOutputStream script;
  private String lastStatement = "";
  private @Nullable Copier running;

  /**
   * Copies the archive, which must be as it was written, and looks what is in it. Foreign keys to
   * what the snapshot has not are left out.
   *
   * @param file the archive of the manifest
   * @param excluded what the manifest says is left out
   * @throws org.pgwalrus.snapshot.files.SnapshotFileException when it is not
   * @throws JobException when pg_restore is missing or cannot read it
   */
  public SchemaRestore(
      Session session,
      SnapshotDirectory snapshot,
      StoredFile file,
      List<Manifest.Excluded> excluded) {
    this.session = session;
    copiers = session.copiers();
    programs = new ProgramRun(session);
    try {
      VerifiedCopy.make(snapshot, file, programs.archive());
      programs.startList();
      while (programs.step()) {
        // Check points are in it.
      }
      archive =
          programs.endList(
              excluded.stream()
                  .filter(Manifest.Excluded::isForeignKey)
                  .map(key -> key.schema() + " " + key.name())
                  .toList());
    } catch (RuntimeException | Error e) {
      programs.close();
      throw e;
    }
  }

  /** What is going to be restored, of both sections. */
  public SchemaArchive archive() {
    return archive;
  }

  /**
   * Begins with the first section, which is one transaction.
   *
   * @param last the statement that ends it
   */
  public void startPreData(Set<Mode> modes, String last) {
    // One session runs it at once, which takes half the time of one statement after another.
    open(1);
    List<String> options = options(Section.PRE_DATA, modes);
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    script = text;
    lastStatement = last;
    options.add("--file=-");
    start(options, (bytes, length) -> text.write(bytes, 0, length));
  }

  /**
   * Begins with the second section.
   *
   * @param jobs connections at once; fewer where the server has no worker to spare
   */
  public void startPostData(Set<Mode> modes, int jobs) {
    List<String> options = options(Section.POST_DATA, modes);
    open(jobs);
    int connections = ready.size();
    programs.listen(connections, this::take);
    options.addAll(
        List.of(
            "--dbname=dbname=job", "--no-password", "--exit-on-error", "--jobs=" + connections));
    start(options, (_, _) -> {});
  }

  private static List<String> options(Section section, Set<Mode> modes) {
    List<String> options = new ArrayList<>(List.of("--section=" + section.option));
    modes.forEach(mode -> options.addAll(mode.options));
    return options;
  }

  private void start(List<String> options, Program.Output output) {
    programs.start("pg_restore", programs.restore(options.toArray(String[]::new)), output);
  }

  /** One that waits, or another in the place of one that has ended. */
  private Copier take() {
    if (ready.isEmpty()) {
      open(1);
    }
    return ready.remove();
  }

  /** A section counts only once somebody has written that down, whose commit waits for these. */
  private void open(int sessions) {
    ready.addAll(Streams.openAsynchronous(session, sessions));
  }

  /**
   * Goes on with the section for a moment, with a check point.
   *
   * @return false when it is restored
   * @throws JobException when it could not be, with what pg_restore says
   * @throws org.pgwalrus.backend.PgException when it could not be, with what the server says
   */
  public boolean step() {
    if (programs.step()) {
      return true;
    }
    if (script != null) {
      Copier copier = take();
      // The script switches policies off, which the statement may be subject to.
      copier.run(
          Script.statements(script.toString(UTF_8)) + "RESET row_security;\n" + lastStatement);
      running = copier;
      script = null;
    }
    if (running != null && !running.isIdle()) {
      copiers.workOrWait();
      return true;
    }
    if (running != null) {
      running.check();
    }
    end();
    return false;
  }

  private void end() {
    programs.hangUp();
    if (running != null) {
      copiers.close(running);
      running = null;
    }
    ready.forEach(copiers::close);
    ready.clear();
  }

  /** Stops what is going on, and removes all but what has been restored. */
  @Override
  public void close() {
    programs.close();
    end();
  }
}

package org.pgwalrus.snapshot.dump;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.Compression;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.FileNames;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * The schema of the job's database on its way to two files, an archive of pg_dump, which can be
 * restored, and its DDL for readers. Rows may be copied meanwhile. Main thread only.
 */
public final class SchemaExport implements AutoCloseable {

  private enum Step {
    DUMP,
    LIST,
    WRITE,
    DONE
  }

  private final ProgramRun programs;
  private final SnapshotDirectory directory;
  private Step step = Step.DUMP;
  private @Nullable OutputStream copy;
  private @Nullable DataFileWriter writer;
  private @Nullable StoredFile archive;
  private @Nullable StoredFile sql;

  private SchemaExport(Session session, SnapshotDirectory directory) {
    this.directory = directory;
    programs = new ProgramRun(session);
  }

  /**
   * Starts pg_dump.
   *
   * @param copier its session, idle
   * @param snapshot the exported snapshot that it is to show
   * @throws org.pgwalrus.jobs.JobException when it is not installed
   */
  public static SchemaExport start(
      Session session,
      SnapshotDirectory directory,
      Copier copier,
      String snapshot,
      SchemaChoice choice) {
    SchemaExport export = new SchemaExport(session, directory);
    try {
      export.programs.listen(1, () -> copier);
      export.dump(options(snapshot, choice));
      return export;
    } catch (RuntimeException | Error e) {
      export.close();
      throw e;
    }
  }

  private static List<String> options(String snapshot, SchemaChoice choice) {
    List<String> options =
        new ArrayList<>(
            List.of(
                "--format=custom",
                "--schema-only",
                "--no-subscriptions",
                "--no-password",
                "--encoding=UTF8",
                "--snapshot=" + snapshot));
    options.addAll(choice.options());
    return options;
  }

  /** To the snapshot, and to where pg_restore can read it without going through others' paths. */
  private void dump(List<String> options) {
    DataFileWriter to = create(FileNames.SCHEMA_ARCHIVE);
    OutputStream also = open(programs.archive());
    copy = also;
    programs.start(
        "pg_dump",
        options,
        (bytes, length) -> {
          to.write(bytes, 0, length);
          write(also, bytes, length);
        });
  }

  private void restoreToText() {
    DataFileWriter to = create(FileNames.SCHEMA);
    programs.start(
        "pg_restore", programs.restore("--file=-"), (bytes, length) -> to.write(bytes, 0, length));
  }

  private DataFileWriter create(String name) {
    DataFileWriter created =
        DataFileWriter.create(directory, name, Compression.NONE, Compression.NONE.defaultLevel());
    writer = created;
    return created;
  }

  private static OutputStream open(Path file) {
    try {
      return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(OutputStream out, byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Goes on without a wait, for which the main thread is ready then.
   *
   * @return false when both files are there
   * @throws org.pgwalrus.jobs.JobException when a program fails, with what it says
   */
  public boolean step() {
    while (!programs.serve()) {
      if (step == Step.DONE) {
        return false;
      }
      step = next();
    }
    return true;
  }

  /** What follows the end of a program. */
  private Step next() {
    return switch (step) {
      case DUMP -> {
        archive = Objects.requireNonNull(writer).finish();
        programs.hangUp();
        programs.startList();
        yield Step.LIST;
      }
      case LIST -> {
        programs.endList(List.of());
        restoreToText();
        yield Step.WRITE;
      }
      case WRITE -> {
        sql = Objects.requireNonNull(writer).finish();
        close();
        yield Step.DONE;
      }
      case DONE -> throw new IllegalStateException("the schema is exported");
    };
  }

  /** What can be restored, once it is there. */
  public @Nullable StoredFile archive() {
    return archive;
  }

  /** What can be read, once it is there. */
  public @Nullable StoredFile sql() {
    return sql;
  }

  /** Stops what is going on, and removes files that are not finished. */
  @Override
  public void close() {
    // Closed from the last to the first.
    try (DataFileWriter _ = writer;
        OutputStream _ = copy) {
      programs.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

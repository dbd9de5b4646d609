package org.pgwalrus.snapshot.dump;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.Compression;
import org.pgwalrus.snapshot.files.DataFileWriter;
import org.pgwalrus.snapshot.files.FileNames;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * The schema of the job's database in two files: an archive of pg_dump, and its DDL for readers.
 *
 * @param archive what can be restored
 * @param sql what can be read
 */
public record SchemaExport(StoredFile archive, StoredFile sql) {

  /**
   * Writes both. Main thread only, with check points.
   *
   * @param opener gives the idle copier for pg_dump
   * @param snapshot the exported snapshot that it is to show
   * @throws org.pgwalrus.jobs.JobException when a program fails, with what it says
   */
  public static SchemaExport run(
      Session session,
      SnapshotDirectory directory,
      Supplier<Copier> opener,
      String snapshot,
      SchemaChoice choice) {
    try (ProgramRun programs = new ProgramRun(session)) {
      programs.listen(1, opener);
      StoredFile archive = writeArchive(programs, directory, snapshot, choice);
      programs.list();
      return new SchemaExport(archive, writeSql(programs, directory));
    }
  }

  /** To the snapshot, and to where pg_restore can read it without going through others' paths. */
  private static StoredFile writeArchive(
      ProgramRun programs, SnapshotDirectory directory, String snapshot, SchemaChoice choice) {
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
    try (DataFileWriter writer = create(directory, FileNames.SCHEMA_ARCHIVE);
        OutputStream copy =
            Files.newOutputStream(programs.archive(), StandardOpenOption.CREATE_NEW)) {
      programs.run(
          "pg_dump",
          options,
          (bytes, length) -> {
            writer.write(bytes, 0, length);
            write(copy, bytes, length);
          });
      return writer.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static StoredFile writeSql(ProgramRun programs, SnapshotDirectory directory) {
    try (DataFileWriter writer = create(directory, FileNames.SCHEMA)) {
      programs.run(
          "pg_restore",
          programs.restore("--file=-"),
          (bytes, length) -> writer.write(bytes, 0, length));
      return writer.finish();
    }
  }

  private static DataFileWriter create(SnapshotDirectory directory, String name) {
    return DataFileWriter.create(
        directory, name, Compression.NONE, Compression.NONE.defaultLevel());
  }

  private static void write(OutputStream out, byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

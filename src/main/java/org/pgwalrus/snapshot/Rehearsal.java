package org.pgwalrus.snapshot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Rehearsal.Script;
import org.pgwalrus.snapshot.dump.RehearsalPrograms;
import org.pgwalrus.snapshot.files.Compression;

/**
 * Runs one job of each kind that there is without a server, as {@link org.pgwalrus.jobs.Rehearsal}
 * does, so that the JVM records in its AOT cache what they need. Run by the installation.
 */
public final class Rehearsal {

  private Rehearsal() {}

  /**
   * Runs the rehearsal.
   *
   * @param arguments an empty directory that the user owns, in which programs can be run
   */
  public static void main(String[] arguments) throws IOException {
    Path directory = Path.of(arguments[0]).toRealPath();
    Path data = Files.createDirectory(directory.resolve("data"));
    org.pgwalrus.jobs.Rehearsal rehearsal = new org.pgwalrus.jobs.Rehearsal();
    Path programs = RehearsalPrograms.make(directory, rehearsal::start);
    rehearsal.run("schema_capture", new NoSchema());
    Script script = new SnapshotScript(programs, data, directory.resolve("snapshot"));
    rehearsal.run("snapshot_generate", script);
    if (Files.notExists(directory.resolve("snapshot/data/public.t.csv"))) {
      throw new IllegalStateException("the rehearsal has copied no table");
    }
    rehearsal.run("snapshot_apply", script);
    for (Compression compression : Compression.values()) {
      roundTrip(compression);
    }
  }

  private static void roundTrip(Compression compression) throws IOException {
    ByteArrayOutputStream compressed = new ByteArrayOutputStream();
    try (OutputStream out = compression.compress(compressed, compression.defaultLevel())) {
      out.write(new byte[1]);
    }
    compression.decompress(new ByteArrayInputStream(compressed.toByteArray())).readAllBytes();
  }

  /** A database without a schema to capture. */
  private record NoSchema() implements Script {

    @Override
    public @Nullable String value(String sql, String... parameters) {
      return sql.contains("next_schema") ? null : "1";
    }

    @Override
    public List<List<@Nullable String>> rows(String sql) {
      return List.of();
    }
  }

  /** A database with one table of one row, and one sequence. */
  private record SnapshotScript(Path programs, Path data, Path snapshot) implements Script {

    @Override
    public @Nullable String value(String sql, String... parameters) {
      if (sql.contains("params ->>")) {
        return parameter(parameters[1]);
      }
      if (sql.contains("current_setting($1)")) {
        return parameters[0].equals("data_directory") ? data.toString() : "";
      }
      if (sql.contains("names_in")) {
        return null;
      }
      if (sql.contains("BINDIR")) {
        return programs.toString();
      }
      if (sql.contains("server_version_num")) {
        return "150000";
      }
      if (sql.contains("pg_has_role") || sql.contains("begin_directory")) {
        return "t";
      }
      return sql.contains("server_encoding") ? "UTF8" : "1";
    }

    private @Nullable String parameter(String name) {
      return switch (name) {
        case "output_path", "input_path" -> snapshot.toString();
        case "compression" -> "none";
        case "parallel" -> "1";
        case "verify", "create_schema", "analyze" -> "true";
        default -> null;
      };
    }

    @Override
    public List<List<@Nullable String>> rows(String sql) {
      if (sql.contains("t.splittable")) {
        List<@Nullable String> table =
            Arrays.asList("public", "t", null, "1", "61", "74657874", "8192", "1", "f");
        return List.of(table);
      }
      if (sql.contains("snapshot_sequences")) {
        return List.of(List.of("public", "s"));
      }
      if (sql.contains("is_called")) {
        return List.of(List.of("public", "s", "1", "t"));
      }
      if (sql.contains("current_wal_insert_lsn")) {
        return List.of(List.of("0/1"));
      }
      if (sql.contains("pg_largeobject_metadata")) {
        return List.of(List.of("0"));
      }
      return sql.contains("pg_backend_pid") || sql.contains("pg_export_snapshot")
          ? List.of(List.of("1"))
          : List.of();
    }
  }
}

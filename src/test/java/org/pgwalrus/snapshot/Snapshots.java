package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.pgwalrus.cluster.Databases;
import org.pgwalrus.cluster.Installation;
import org.pgwalrus.cluster.TestCluster;
import org.pgwalrus.cluster.Wait;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.ManifestFile;
import org.pgwalrus.snapshot.files.Placement;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.Verification;

/** Snapshots of one cluster, in a directory of their own. */
public record Snapshots(TestCluster cluster, Path place) {

  public static final Duration SOON = Duration.ofMinutes(3);

  /** A server that is not started yet, on which snapshots and their slots can be made. */
  public static TestCluster server() {
    return TestCluster.create()
        .set("walrus.enable", "off")
        .set("wal_level", "logical")
        .set("max_worker_processes", "16");
  }

  public static Snapshots of(TestCluster cluster) {
    try {
      Path place = Files.createDirectory(cluster.directory().resolve("snapshots"));
      Installation.get().give(place);
      return new Snapshots(cluster, place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A path where nothing is yet. */
  public String path(String name) {
    return place.resolve(name).toString();
  }

  /** Queues one as superuser; its id. */
  public String start(String database, String path, String arguments) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT snapshot_id FROM steep_repl.start_snapshot('" + path + "'" + arguments + ")"));
  }

  /** Queues one around start_snapshot(), which would look at its directory. */
  public String queue(String database, String path) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT s.snapshot_id FROM steep_repl.enqueue('snapshot_generate', NULL, NULL,"
                + " jsonb_build_object('output_path', '"
                + path
                + "', 'compression', 'none', 'parallel', 1), NULL) AS e,"
                + " LATERAL steep_repl.snapshot_of(e) AS s"));
  }

  /** A column of the row of one. */
  public String of(String database, String id, String column) {
    return String.valueOf(
        Databases.value(
            cluster,
            database,
            "SELECT " + column + " FROM steep_repl.snapshots WHERE snapshot_id = '" + id + "'"));
  }

  public void await(String database, String id, String status) {
    Wait.until(
        () ->
            "snapshot is "
                + of(database, id, "status || ': ' || coalesce(error_message, '')")
                + "\n"
                + cluster.log(),
        SOON,
        () -> of(database, id, "status").equals(status));
  }

  /** Waits until rows of one are copied, in either direction. */
  void awaitRows(String database, String id) {
    Wait.until(
        () -> "no rows are copied\n" + cluster.log(),
        SOON,
        () ->
            "t"
                .equals(
                    Databases.value(
                        cluster,
                        database,
                        "SELECT phase = 'data' AND bytes_processed > 0"
                            + " FROM steep_repl.snapshot_progress('"
                            + id
                            + "')")));
  }

  /** Waits until no worker is left that would take the next job with the settings of its start. */
  public void awaitIdle() {
    Wait.until(
        () -> "a job worker is left\n" + cluster.log(),
        SOON,
        () ->
            "0"
                .equals(
                    cluster.value(
                        "SELECT count(*) FROM pg_stat_activity"
                            + " WHERE backend_type = 'steep_repl job'")));
  }

  /** Generates one and reads its manifest, whose files are all as they should be. */
  public Manifest generate(String database, String name, String arguments) {
    String id = start(database, path(name), arguments);
    await(database, id, "complete");
    return whole(database, id, path(name));
  }

  /** Reads the manifest of one that is complete, and checks that all is as it says. */
  Manifest whole(String database, String id, String path) {
    try (SnapshotDirectory directory = open(path)) {
      ManifestFile file = ManifestFile.read(directory);
      assertThat(file.checksum()).isEqualTo(of(database, id, "checksum"));
      assertThat(
              Verification.run(directory, file.manifest(), 2, Thread.ofPlatform()::start, _ -> {}))
          .allMatch(check -> check.isOk());
      return file.manifest();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  public SnapshotDirectory open(String path) {
    return SnapshotDirectory.open(path, new Placement(cluster.data(), null));
  }

  /** The lines of a table's files without their headers, sorted. */
  public List<String> lines(String name, Manifest manifest, String table) {
    List<String> lines = new ArrayList<>();
    for (Manifest.Part part : find(manifest, table).parts()) {
      Path file = place.resolve(name).resolve(part.stored().file());
      try (BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(
                  manifest.compression().decompress(Files.newInputStream(file)),
                  StandardCharsets.UTF_8))) {
        lines.addAll(reader.lines().skip(1).toList());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    lines.sort(null);
    return lines;
  }

  public static Manifest.Table find(Manifest manifest, String table) {
    return manifest.tables().stream()
        .filter(candidate -> candidate.name().equals(table))
        .findFirst()
        .orElseThrow();
  }

  /** What lies in a directory, files and directories; nothing if it is not there. */
  public static List<String> files(String path) {
    if (!Files.exists(Path.of(path))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(Path.of(path))) {
      return files.map(Path::toString).filter(file -> !file.equals(path)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Removes all that is in a directory. */
  static void empty(Path directory) throws IOException {
    for (String file : files(directory.toString()).reversed()) {
      Files.delete(Path.of(file));
    }
  }

  /** Changes a bit of the last row of a file, or changes it back. */
  public static void flipLastByte(Path file) {
    try {
      byte[] bytes = Files.readAllBytes(file);
      bytes[bytes.length - 2] ^= 1;
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

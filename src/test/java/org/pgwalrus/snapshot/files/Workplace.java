package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A data directory, a place for snapshots beside it, and things to put there. */
public final class Workplace {

  /** Whose directories are made. */
  static final String SNAPSHOT = "snap_1";

  final Path directory;
  final Placement placement;

  /** A place below a directory. */
  public Workplace(Path temporary) throws IOException {
    directory = temporary.toRealPath();
    Path data = Files.createDirectory(directory.resolve("pgdata"));
    Files.createDirectory(data.resolve("pg_tblspc"));
    placement = new Placement(data, null);
  }

  String path(String name) {
    return directory.resolve(name).toString();
  }

  /** A new snapshot. */
  public SnapshotDirectory create(String name) {
    return SnapshotDirectory.create(path(name), placement, SNAPSHOT, () -> {});
  }

  SnapshotDirectory open(String name) {
    return SnapshotDirectory.open(path(name), placement);
  }

  /** Writes a file whole. */
  public static StoredFile write(
      SnapshotDirectory snapshot, String file, Compression compression, byte[] contents) {
    try (DataFileWriter writer =
        DataFileWriter.create(snapshot, file, compression, compression.defaultLevel())) {
      writer.write(ByteBuffer.wrap(contents));
      return writer.finish();
    }
  }

  static byte[] read(SnapshotDirectory snapshot, StoredFile file, Compression compression) {
    ByteBuffer contents = ByteBuffer.allocate(1 << 22);
    try (DataFileReader reader = DataFileReader.open(snapshot, file, compression)) {
      while (reader.read(contents) >= 0) {
        // Until the end.
      }
    }
    byte[] bytes = new byte[contents.position()];
    contents.flip().get(bytes);
    return bytes;
  }

  /** Lines of CSV, the same for the same seed. */
  static byte[] csv(long seed, int bytes) {
    Random random = new Random(seed);
    StringBuilder lines = new StringBuilder("id,name,amount\n");
    for (int id = 1; lines.length() < bytes; id++) {
      lines.append(id).append(",name ").append(random.nextInt(1000)).append(',');
      lines.append(random.nextInt()).append('\n');
    }
    lines.setLength(bytes);
    return lines.toString().getBytes(StandardCharsets.US_ASCII);
  }

  /** Changes bytes of a file in place. */
  static void overwrite(Path file, int position, byte... bytes) {
    try {
      byte[] all = Files.readAllBytes(file);
      System.arraycopy(bytes, 0, all, position, bytes.length);
      Files.write(file, all);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package org.pgwalrus.snapshot.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A manifest as it lies in its directory: written last, so that a snapshot without one is not
 * complete.
 *
 * @param checksum of its exact bytes: {@code sha256:} and 64 hexadecimal digits
 */
public record ManifestFile(Manifest manifest, String checksum) {

  /** Room for about 200,000 tables. */
  private static final long LONGEST = 64 << 20;

  private static final int DIGITS = 64;
  private static final String CHECKSUM_LINE = "%s  " + FileNames.MANIFEST + "\n";

  /**
   * Writes the manifest and its checksum beside it, once the names of all data files are on the
   * disk; afterwards the snapshot is complete.
   *
   * @throws SnapshotFileException when one is there (58P02), the disk is full (53100), cannot be
   *     written (58030), or the manifest is too large to be read again (22023)
   */
  public static ManifestFile write(SnapshotDirectory snapshot, Manifest manifest) {
    PartialFile file = new PartialFile(snapshot, FileNames.MANIFEST);
    boolean published = false;
    try {
      ManifestWriter.write(manifest, file);
      String checksum = file.seal();
      if (file.count() > LONGEST) {
        throw SnapshotFileException.invalid(
            "the manifest has " + file.count() + " bytes, more than " + LONGEST,
            "Take several snapshots of fewer tables.");
      }
      snapshot.sync(FileNames.DATA);
      writeChecksum(snapshot, checksum);
      snapshot.sync();
      file.publish();
      published = true;
      snapshot.sync();
      return new ManifestFile(manifest, checksum);
    } catch (IOException e) {
      throw file.failed(e);
    } finally {
      if (!published) {
        file.discard();
      }
    }
  }

  private static void writeChecksum(SnapshotDirectory snapshot, String checksum)
      throws IOException {
    PartialFile file = new PartialFile(snapshot, FileNames.MANIFEST_CHECKSUM);
    boolean published = false;
    try {
      String line = String.format(CHECKSUM_LINE, Checksum.digits(checksum));
      file.write(line.getBytes(StandardCharsets.US_ASCII));
      file.seal();
      file.publish();
      published = true;
    } finally {
      if (!published) {
        file.discard();
      }
    }
  }

  /**
   * Reads the manifest, and compares it with its checksum where one is beside it.
   *
   * @throws SnapshotFileException when there is none (58P01), it is not the one that was written or
   *     not legal (SR003, with all problems and their JSON paths), or cannot be read (58030)
   */
  public static ManifestFile read(SnapshotDirectory snapshot) {
    Path path = snapshot.path().resolve(FileNames.MANIFEST);
    if (!snapshot.has(FileNames.MANIFEST)) {
      throw SnapshotFileException.missing(
          "directory \""
              + snapshot.path()
              + "\" holds no complete snapshot: it has no "
              + FileNames.MANIFEST,
          "Check the path, or wait until the snapshot is complete.");
    }
    try (FileChannel channel = snapshot.read(FileNames.MANIFEST)) {
      if (channel.size() > LONGEST) {
        throw SnapshotFileException.corrupt(
            "manifest \"" + path + "\" has " + channel.size() + " bytes, more than " + LONGEST);
      }
      StoredInput stored = new StoredInput(channel);
      Problems problems = new Problems();
      Manifest manifest = ManifestReader.read(stored, LONGEST, problems);
      while (stored.fill()) {
        // The rest belongs to the checksum.
      }
      String checksum = stored.checksum();
      compare(path, checksum, recorded(snapshot));
      if (manifest == null) {
        throw SnapshotFileException.corrupt("manifest \"" + path + "\" is not legal: " + problems);
      }
      return new ManifestFile(manifest, checksum);
    } catch (IOException e) {
      throw SnapshotFileException.failed("read file", path, e);
    }
  }

  private static void compare(Path path, String checksum, @Nullable String recorded) {
    if (recorded != null && !Checksum.digits(checksum).equals(recorded)) {
      throw SnapshotFileException.corrupt(
          "manifest \"" + path + "\" has checksum " + checksum + " instead of sha256:" + recorded);
    }
  }

  /** The digits in the file beside it, null when there is none. */
  private static @Nullable String recorded(SnapshotDirectory snapshot) throws IOException {
    if (!snapshot.has(FileNames.MANIFEST_CHECKSUM)) {
      return null;
    }
    try (StoredInput in = new StoredInput(snapshot.read(FileNames.MANIFEST_CHECKSUM))) {
      return new String(in.readNBytes(DIGITS), StandardCharsets.ISO_8859_1)
          .replaceAll("[^0-9a-f]", "?");
    }
  }
}

package org.pgwalrus.snapshot;

import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.StoredFile;

/** What the row of a snapshot keeps of its manifest, which may be far too large for a row. */
final class SnapshotFacts {

  private SnapshotFacts() {}

  /** As JSON, every value a number or of characters that need no escapes. */
  static String json(Manifest manifest) {
    String slot =
        manifest.slotName() == null ? "" : ",\"slot_name\":\"" + manifest.slotName() + '"';
    return String.format(
        "{\"lsn\":\"%s\",\"lsn_exact\":%b%s,\"table_count\":%d,\"row_count\":%d,"
            + "\"total_size_bytes\":%d,\"compression_ratio\":%s,\"format_version\":%d}",
        manifest.lsn(),
        manifest.lsnExact(),
        slot,
        manifest.tables().size(),
        manifest.dataFiles().stream().mapToLong(Manifest.Part::rowCount).sum(),
        manifest.totalSizeBytes(),
        compressionRatio(manifest),
        manifest.formatVersion());
  }

  /** Stored bytes for each byte of data, 0 when there is no data. */
  private static double compressionRatio(Manifest manifest) {
    long data =
        manifest.dataFiles().stream()
            .map(Manifest.Part::stored)
            .mapToLong(StoredFile::uncompressedBytes)
            .sum();
    return data == 0 ? 0 : (double) manifest.totalSizeBytes() / data;
  }
}

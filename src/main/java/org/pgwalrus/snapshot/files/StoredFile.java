package org.pgwalrus.snapshot.files;

/**
 * A file as it lies in the snapshot directory.
 *
 * @param file path relative to the snapshot directory, with {@code /} between its names
 * @param sizeBytes as stored; {@link #UNKNOWN} for files whose size the manifest does not tell
 * @param checksum of the bytes as stored: {@code sha256:} and 64 hexadecimal digits
 * @param uncompressedBytes of what it expands to; {@link #UNKNOWN} in manifests of format 1
 */
public record StoredFile(String file, long sizeBytes, String checksum, long uncompressedBytes) {

  /** A size that the manifest does not tell. */
  public static final long UNKNOWN = -1;
}

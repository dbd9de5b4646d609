package org.pgwalrus.snapshot.files;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a snapshot consists of. Lists keep the order in which they are written.
 *
 * @param formatVersion 2 for those that are written, 1 for those that do not tell
 * @param snapshotId {@code snap_} and up to 58 letters, digits, {@code _} and {@code -}
 * @param sourceNode the node that was copied
 * @param lsn the point that the data belongs to, such as {@code 0/16B3748}
 * @param lsnExact whether no change before that point is missing and none after it included
 * @param slotName the replication slot that begins there, null when none was kept
 * @param publication that has the tables, for whoever follows the slot; null when none was kept
 * @param createdAt when the snapshot was begun
 * @param database its name, empty in format 1
 * @param serverVersionNum such as 180001, 0 in format 1
 * @param encoding of the database and the data files, empty in format 1
 * @param extensionVersion that wrote the snapshot, empty in format 1
 * @param compression of the data files
 * @param parallelWorkers that copied tables at the same time, 0 to 1024
 * @param schema the DDL, uncompressed; null when there is none
 * @param schemaArchive the same as an archive of pg_dump, which can be restored in sections; null
 *     when there is none
 * @param tables with their data
 * @param sequences with their values
 * @param largeObjects null when there is none
 * @param excluded what was left out
 */
public record Manifest(
    int formatVersion,
    String snapshotId,
    String sourceNode,
    String lsn,
    boolean lsnExact,
    @Nullable String slotName,
    @Nullable String publication,
    Instant createdAt,
    String database,
    int serverVersionNum,
    String encoding,
    String extensionVersion,
    Compression compression,
    int parallelWorkers,
    @Nullable StoredFile schema,
    @Nullable StoredFile schemaArchive,
    List<Table> tables,
    List<Sequence> sequences,
    @Nullable LargeObjects largeObjects,
    List<Excluded> excluded) {

  /** The format that is written. */
  public static final int FORMAT = 2;

  /** Copies the lists. */
  public Manifest {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
    excluded = List.copyOf(excluded);
  }

  /**
   * A table, in one file or split by ranges of its blocks.
   *
   * @param columns that the files have, in order; empty in format 1
   * @param types of the columns as {@code format_type()} writes them, with their schema unless that
   *     is {@code pg_catalog}; empty where they are not told
   * @param fingerprint of its definition, null when none was taken
   * @param parts at least one
   */
  public record Table(
      String schema,
      String name,
      List<String> columns,
      List<String> types,
      @Nullable String fingerprint,
      List<Part> parts) {

    /** Copies the lists. */
    public Table {
      columns = List.copyOf(columns);
      types = List.copyOf(types);
      parts = List.copyOf(parts);
    }

    /** Rows in all parts. */
    public long rowCount() {
      return parts.stream().mapToLong(Part::rowCount).sum();
    }

    /** Bytes of all parts as stored. */
    public long sizeBytes() {
      return parts.stream().mapToLong(part -> part.stored().sizeBytes()).sum();
    }

    /** Bytes of all parts uncompressed, {@link StoredFile#UNKNOWN} in format 1. */
    public long uncompressedBytes() {
      return parts.stream()
              .anyMatch(part -> part.stored().uncompressedBytes() == StoredFile.UNKNOWN)
          ? StoredFile.UNKNOWN
          : parts.stream().mapToLong(part -> part.stored().uncompressedBytes()).sum();
    }
  }

  /**
   * A data file.
   *
   * @param rowCount rows in it, without the header
   */
  public record Part(StoredFile stored, long rowCount) {}

  /**
   * A sequence.
   *
   * @param value the last one, or the first when it was never used; 0 for such in format 1
   * @param isCalled whether it was used
   */
  public record Sequence(String schema, String name, long value, boolean isCalled) {}

  /**
   * All large objects, in one data file: a row for each page, with the object's OID, the number of
   * the page and its bytes. Owners, privileges and comments are in the schema file.
   *
   * @param count objects, of which empty ones have no row
   * @param pages the file
   */
  public record LargeObjects(long count, Part pages) {}

  /**
   * A relation whose data was left out, or a foreign key.
   *
   * @param name of a foreign key with that of its table before it, as in the list of an archive
   * @param reason in words
   */
  public record Excluded(String schema, String name, String reason) {

    private static final String FOREIGN_KEY = "foreign key of ";

    /** A materialized view that has not been filled, or was emptied. */
    public static Excluded hollowView(String schema, String name) {
      return new Excluded(schema, name, "materialized view without data");
    }

    /** A foreign key of a table to what was left out. */
    public static Excluded foreignKey(
        String schema, String table, String constraint, String refersTo) {
      return new Excluded(
          schema, table + " " + constraint, FOREIGN_KEY + schema + "." + table + " to " + refersTo);
    }

    /** Whether it is a foreign key. */
    public boolean isForeignKey() {
      return reason.startsWith(FOREIGN_KEY);
    }
  }

  /** Every file but the manifest itself, in the order of the manifest. */
  public List<StoredFile> files() {
    List<StoredFile> files = new ArrayList<>();
    if (schema != null) {
      files.add(schema);
    }
    if (schemaArchive != null) {
      files.add(schemaArchive);
    }
    dataFiles().forEach(part -> files.add(part.stored()));
    return files;
  }

  /** The files of tables and large objects. */
  public List<Part> dataFiles() {
    List<Part> parts = new ArrayList<>();
    tables.forEach(table -> parts.addAll(table.parts()));
    if (largeObjects != null) {
      parts.add(largeObjects.pages());
    }
    return parts;
  }

  /** Bytes of all data files as stored. */
  public long totalSizeBytes() {
    return dataFiles().stream().mapToLong(part -> part.stored().sizeBytes()).sum();
  }
}

package org.pgwalrus.snapshot.files;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a manifest that anybody may have written. Keys that are not known mean nothing; all that is
 * wrong with the others is told at once.
 */
final class ManifestReader {

  private static final Pattern ID = Pattern.compile("snap_[A-Za-z0-9_-]{1,58}");
  private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");
  private static final Pattern SLOT = Pattern.compile("[a-z0-9_]{1,63}");
  private static final int MOST_WORKERS = 1024;
  private static final int OLDEST_SERVER = 100000;
  private static final int NEWEST_SERVER = 9999999;

  private final JsonInput in;
  private final Problems problems;
  private final List<Manifest.Table> tables = new ArrayList<>();
  private final List<Manifest.Sequence> sequences = new ArrayList<>();
  private final List<Manifest.Excluded> excluded = new ArrayList<>();
  private Manifest.@Nullable LargeObjects largeObjects;

  /** Places that only format 1 may leave empty: the format may be told behind them. */
  private final List<String> lacking = new ArrayList<>();

  private final Set<String> files = new HashSet<>(Set.of(FileNames.MANIFEST));
  private final Set<List<String>> relations = new HashSet<>();

  private ManifestReader(JsonInput in, Problems problems) {
    this.in = in;
    this.problems = problems;
  }

  /**
   * Reads all of a stream.
   *
   * @param longest in bytes
   * @param problems gets all that is wrong; without any the result is not null
   */
  static @Nullable Manifest read(InputStream stream, long longest, Problems problems)
      throws IOException {
    try (JsonInput in = new JsonInput(stream, longest, problems)) {
      return new ManifestReader(in, problems).read();
    } catch (JacksonException e) {
      var place = e.getLocation();
      problems.add(
          place == null ? "$" : "line " + place.getLineNr() + ", column " + place.getColumnNr(),
          "is not legal: " + e.getOriginalMessage());
      return null;
    }
  }

  private @Nullable Manifest read() throws IOException {
    JsonFields fields =
        in.document(
            Map.of(
                ManifestKey.TABLES, path -> in.list(path, this::table),
                ManifestKey.SEQUENCES, path -> in.list(path, this::sequence),
                ManifestKey.EXCLUDED, path -> in.list(path, this::excluded),
                ManifestKey.LARGE_OBJECTS, this::largeObjects));
    if (fields == null) {
      return null;
    }
    int format = (int) fields.number(ManifestKey.FORMAT_VERSION, 1, Integer.MAX_VALUE, 1);
    if (format > Manifest.FORMAT) {
      fields.add(
          ManifestKey.FORMAT_VERSION,
          "is " + format + ", and this version reads up to " + Manifest.FORMAT);
      return null;
    }
    Manifest manifest = manifest(fields, format);
    checkTotal(fields, manifest);
    return problems.isEmpty() ? manifest : null;
  }

  private Manifest manifest(JsonFields fields, int format) {
    fields.require(ManifestKey.TABLES);
    fields.require(ManifestKey.SEQUENCES);
    boolean isOld = format < Manifest.FORMAT;
    if (!isOld) {
      lacking.forEach(place -> problems.add(place, "is missing"));
      fields.require(ManifestKey.LSN_EXACT);
    }
    return new Manifest(
        format,
        matching(fields, ManifestKey.SNAPSHOT_ID, ID),
        fields.text(ManifestKey.SOURCE_NODE),
        matching(fields, ManifestKey.LSN, LSN),
        fields.flag(ManifestKey.LSN_EXACT, false),
        fields.has(ManifestKey.SLOT_NAME) ? matching(fields, ManifestKey.SLOT_NAME, SLOT) : null,
        fields.optionalText(ManifestKey.PUBLICATION),
        createdAt(fields),
        since2(fields, ManifestKey.DATABASE, isOld),
        isOld
            ? 0
            : (int) fields.number(ManifestKey.SERVER_VERSION_NUM, OLDEST_SERVER, NEWEST_SERVER),
        since2(fields, ManifestKey.ENCODING, isOld),
        since2(fields, ManifestKey.EXTENSION_VERSION, isOld),
        compression(fields),
        (int) fields.number(ManifestKey.PARALLEL_WORKERS, 0, MOST_WORKERS),
        schemaFile(fields, ManifestKey.SCHEMA_FILE, ManifestKey.SCHEMA_CHECKSUM),
        schemaFile(fields, ManifestKey.SCHEMA_ARCHIVE, ManifestKey.SCHEMA_ARCHIVE_CHECKSUM),
        tables,
        sequences,
        largeObjects,
        excluded);
  }

  private static void checkTotal(JsonFields fields, Manifest manifest) {
    long total = fields.number(ManifestKey.TOTAL_SIZE_BYTES, 0, Long.MAX_VALUE);
    if (manifest.formatVersion() == Manifest.FORMAT && total != manifest.totalSizeBytes()) {
      fields.add(ManifestKey.TOTAL_SIZE_BYTES, "is not the sum of its files");
    }
  }

  private static String since2(JsonFields fields, String key, boolean isOld) {
    return isOld ? "" : fields.text(key);
  }

  private static String matching(JsonFields fields, String key, Pattern pattern) {
    String text = fields.text(key);
    if (!text.isEmpty() && !pattern.matcher(text).matches()) {
      fields.add(key, "is not of the form " + pattern);
    }
    return text;
  }

  private static Instant createdAt(JsonFields fields) {
    String text = fields.text(ManifestKey.CREATED_AT);
    try {
      return text.isEmpty() ? Instant.EPOCH : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      fields.add(ManifestKey.CREATED_AT, "is not a time as in RFC 3339");
      return Instant.EPOCH;
    }
  }

  private static Compression compression(JsonFields fields) {
    String name = fields.text(ManifestKey.COMPRESSION);
    Compression compression = Compression.find(name);
    if (compression == null && !name.isEmpty()) {
      fields.add(ManifestKey.COMPRESSION, "is none of none, gzip, lz4, zstd");
    }
    return compression == null ? Compression.NONE : compression;
  }

  private @Nullable StoredFile schemaFile(JsonFields fields, String fileKey, String checksumKey) {
    if (!fields.has(fileKey) && !fields.has(checksumKey)) {
      return null;
    }
    return new StoredFile(
        file(fields, fileKey),
        StoredFile.UNKNOWN,
        checksum(fields, checksumKey),
        StoredFile.UNKNOWN);
  }

  private void table(String path) throws IOException {
    List<String> columns = new ArrayList<>();
    List<String> types = new ArrayList<>();
    List<Manifest.Part> parts = new ArrayList<>();
    JsonFields fields =
        in.object(
            path,
            Map.of(
                ManifestKey.COLUMNS, place -> columns.addAll(in.texts(place)),
                ManifestKey.COLUMN_TYPES, place -> types.addAll(in.texts(place)),
                ManifestKey.PARTS, place -> in.list(place, element -> part(element, parts))));
    if (fields != null) {
      tables.add(table(path, fields, columns, types, parts));
    }
  }

  private Manifest.Table table(
      String path,
      JsonFields fields,
      List<String> columns,
      List<String> types,
      List<Manifest.Part> parts) {
    String schema = fields.text(ManifestKey.SCHEMA);
    String name = fields.text(ManifestKey.NAME);
    if (!relations.add(List.of(schema, name))) {
      problems.add(path, "is a table that is there twice");
    }
    requireSince2(fields, ManifestKey.COLUMNS);
    if (fields.has(ManifestKey.COLUMN_TYPES) && types.size() != columns.size()) {
      fields.add(ManifestKey.COLUMN_TYPES, "has not one for each column");
    }
    if (!fields.has(ManifestKey.PARTS)) {
      parts.add(part(fields));
    } else if (parts.isEmpty()) {
      fields.add(ManifestKey.PARTS, "has none");
    }
    Manifest.Table table =
        new Manifest.Table(
            schema, name, columns, types, fields.optionalText(ManifestKey.FINGERPRINT), parts);
    checkSums(fields, table);
    return table;
  }

  private void part(String path, List<Manifest.Part> parts) throws IOException {
    JsonFields fields = in.object(path, Map.of());
    if (fields != null) {
      parts.add(part(fields));
    }
  }

  /** Of a table in several parts, what is told of the whole must agree. */
  private void checkSums(JsonFields fields, Manifest.Table table) {
    checkSum(fields, ManifestKey.ROW_COUNT, table.rowCount());
    checkSum(fields, ManifestKey.SIZE_BYTES, table.sizeBytes());
    checkSum(fields, ManifestKey.UNCOMPRESSED_BYTES, table.uncompressedBytes());
  }

  private static void checkSum(JsonFields fields, String key, long sum) {
    if (fields.has(ManifestKey.PARTS) && fields.number(key, 0, Long.MAX_VALUE) != sum) {
      fields.add(key, "is not the sum of its parts");
    }
  }

  private void requireSince2(JsonFields fields, String key) {
    if (!fields.has(key)) {
      lacking.add(fields.place(key));
    }
  }

  private Manifest.Part part(JsonFields fields) {
    requireSince2(fields, ManifestKey.UNCOMPRESSED_BYTES);
    return new Manifest.Part(
        new StoredFile(
            file(fields, ManifestKey.FILE),
            fields.number(ManifestKey.SIZE_BYTES, 0, Long.MAX_VALUE),
            checksum(fields, ManifestKey.CHECKSUM),
            fields.number(ManifestKey.UNCOMPRESSED_BYTES, 0, Long.MAX_VALUE, StoredFile.UNKNOWN)),
        fields.number(ManifestKey.ROW_COUNT, 0, Long.MAX_VALUE));
  }

  private String file(JsonFields fields, String key) {
    String file = fields.text(key);
    String problem = file.isEmpty() ? null : RelativePath.problem(file);
    if (problem != null) {
      fields.add(key, problem);
    } else if (!file.isEmpty() && !files.add(file)) {
      fields.add(key, "is a file that is there twice");
    }
    return file;
  }

  private static String checksum(JsonFields fields, String key) {
    String checksum = fields.text(key);
    if (!checksum.isEmpty() && !Checksum.isValid(checksum)) {
      fields.add(key, "is not \"sha256:\" and 64 hexadecimal digits");
    }
    return checksum;
  }

  private void sequence(String path) throws IOException {
    JsonFields fields = in.object(path, Map.of());
    if (fields == null) {
      return;
    }
    long value = fields.number(ManifestKey.VALUE, Long.MIN_VALUE, Long.MAX_VALUE);
    requireSince2(fields, ManifestKey.IS_CALLED);
    sequences.add(
        new Manifest.Sequence(
            fields.text(ManifestKey.SCHEMA),
            fields.text(ManifestKey.NAME),
            value,
            // Format 1 writes 0 for a sequence that was never used.
            fields.flag(ManifestKey.IS_CALLED, value != 0)));
  }

  private void excluded(String path) throws IOException {
    JsonFields fields = in.object(path, Map.of());
    if (fields == null) {
      return;
    }
    excluded.add(
        new Manifest.Excluded(
            fields.text(ManifestKey.SCHEMA),
            fields.text(ManifestKey.NAME),
            fields.text(ManifestKey.REASON)));
  }

  private void largeObjects(String path) throws IOException {
    JsonFields fields = in.object(path, Map.of());
    if (fields == null) {
      return;
    }
    largeObjects =
        new Manifest.LargeObjects(
            fields.number(ManifestKey.COUNT, 0, Long.MAX_VALUE), part(fields));
  }
}

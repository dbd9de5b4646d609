package org.pgwalrus.snapshot.files;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes a manifest as JSON: the same manifest gives the same bytes. */
final class ManifestWriter {

  private static final DefaultIndenter INDENTER = new DefaultIndenter("  ", "\n");

  private final JsonGenerator out;

  private ManifestWriter(JsonGenerator out) {
    this.out = out;
  }

  /** Writes all of it in UTF-8, and leaves the stream open. */
  static void write(Manifest manifest, OutputStream stream) throws IOException {
    JsonGenerator out =
        new JsonFactory()
            .createGenerator(stream)
            .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
            .setPrettyPrinter(printer());
    try (out) {
      new ManifestWriter(out).write(manifest);
      out.writeRaw('\n');
    }
  }

  private static DefaultPrettyPrinter printer() {
    Separators separators =
        Separators.createDefaultInstance()
            .withRootSeparator("")
            .withObjectFieldValueSpacing(Spacing.AFTER)
            .withObjectEmptySeparator("")
            .withArrayEmptySeparator("");
    return new DefaultPrettyPrinter(separators)
        .withObjectIndenter(INDENTER)
        .withArrayIndenter(INDENTER);
  }

  private void write(Manifest manifest) throws IOException {
    out.writeStartObject();
    out.writeNumberField(ManifestKey.FORMAT_VERSION, Manifest.FORMAT);
    text(ManifestKey.SNAPSHOT_ID, manifest.snapshotId());
    text(ManifestKey.SOURCE_NODE, manifest.sourceNode());
    text(ManifestKey.LSN, manifest.lsn());
    out.writeBooleanField(ManifestKey.LSN_EXACT, manifest.lsnExact());
    text(ManifestKey.SLOT_NAME, manifest.slotName());
    text(ManifestKey.PUBLICATION, manifest.publication());
    text(ManifestKey.CREATED_AT, manifest.createdAt().toString());
    text(ManifestKey.DATABASE, manifest.database());
    out.writeNumberField(ManifestKey.SERVER_VERSION_NUM, manifest.serverVersionNum());
    text(ManifestKey.ENCODING, manifest.encoding());
    text(ManifestKey.EXTENSION_VERSION, manifest.extensionVersion());
    text(ManifestKey.COMPRESSION, manifest.compression().sqlName());
    out.writeNumberField(ManifestKey.PARALLEL_WORKERS, manifest.parallelWorkers());
    out.writeNumberField(ManifestKey.TOTAL_SIZE_BYTES, manifest.totalSizeBytes());
    schemaFile(ManifestKey.SCHEMA_FILE, ManifestKey.SCHEMA_CHECKSUM, manifest.schema());
    schemaFile(
        ManifestKey.SCHEMA_ARCHIVE, ManifestKey.SCHEMA_ARCHIVE_CHECKSUM, manifest.schemaArchive());
    out.writeArrayFieldStart(ManifestKey.TABLES);
    for (Manifest.Table table : manifest.tables()) {
      table(table);
    }
    out.writeEndArray();
    out.writeArrayFieldStart(ManifestKey.SEQUENCES);
    for (Manifest.Sequence sequence : manifest.sequences()) {
      sequence(sequence);
    }
    out.writeEndArray();
    if (manifest.largeObjects() != null) {
      largeObjects(manifest.largeObjects());
    }
    out.writeArrayFieldStart(ManifestKey.EXCLUDED);
    for (Manifest.Excluded excluded : manifest.excluded()) {
      excluded(excluded);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  /** A text, which is left out when it is null. */
  private void text(String key, @Nullable String value) throws IOException {
    if (value != null) {
      out.writeStringField(key, value);
    }
  }

  private void schemaFile(String fileKey, String checksumKey, @Nullable StoredFile file)
      throws IOException {
    if (file != null) {
      text(fileKey, file.file());
      text(checksumKey, file.checksum());
    }
  }

  private void table(Manifest.Table table) throws IOException {
    out.writeStartObject();
    text(ManifestKey.SCHEMA, table.schema());
    text(ManifestKey.NAME, table.name());
    texts(ManifestKey.COLUMNS, table.columns());
    if (!table.types().isEmpty()) {
      texts(ManifestKey.COLUMN_TYPES, table.types());
    }
    text(ManifestKey.FINGERPRINT, table.fingerprint());
    if (table.parts().size() == 1) {
      part(table.parts().getFirst());
    } else {
      parts(table);
    }
    out.writeEndObject();
  }

  private void texts(String key, List<String> values) throws IOException {
    out.writeArrayFieldStart(key);
    for (String value : values) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  private void parts(Manifest.Table table) throws IOException {
    out.writeNumberField(ManifestKey.SIZE_BYTES, table.sizeBytes());
    out.writeNumberField(ManifestKey.ROW_COUNT, table.rowCount());
    out.writeNumberField(ManifestKey.UNCOMPRESSED_BYTES, table.uncompressedBytes());
    out.writeArrayFieldStart(ManifestKey.PARTS);
    for (Manifest.Part part : table.parts()) {
      out.writeStartObject();
      part(part);
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private void part(Manifest.Part part) throws IOException {
    text(ManifestKey.FILE, part.stored().file());
    out.writeNumberField(ManifestKey.SIZE_BYTES, part.stored().sizeBytes());
    text(ManifestKey.CHECKSUM, part.stored().checksum());
    out.writeNumberField(ManifestKey.ROW_COUNT, part.rowCount());
    out.writeNumberField(ManifestKey.UNCOMPRESSED_BYTES, part.stored().uncompressedBytes());
  }

  private void sequence(Manifest.Sequence sequence) throws IOException {
    out.writeStartObject();
    text(ManifestKey.SCHEMA, sequence.schema());
    text(ManifestKey.NAME, sequence.name());
    out.writeNumberField(ManifestKey.VALUE, sequence.value());
    out.writeBooleanField(ManifestKey.IS_CALLED, sequence.isCalled());
    out.writeEndObject();
  }

  private void largeObjects(Manifest.LargeObjects objects) throws IOException {
    out.writeObjectFieldStart(ManifestKey.LARGE_OBJECTS);
    out.writeNumberField(ManifestKey.COUNT, objects.count());
    part(objects.pages());
    out.writeEndObject();
  }

  private void excluded(Manifest.Excluded excluded) throws IOException {
    out.writeStartObject();
    text(ManifestKey.SCHEMA, excluded.schema());
    text(ManifestKey.NAME, excluded.name());
    text(ManifestKey.REASON, excluded.reason());
    out.writeEndObject();
  }
}

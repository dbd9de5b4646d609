package org.pgwalrus.snapshot.files;

/** The keys of the manifest: one place for what is written and what is read. */
final class ManifestKey {

  static final String FORMAT_VERSION = "format_version";
  static final String SNAPSHOT_ID = "snapshot_id";
  static final String SOURCE_NODE = "source_node";
  static final String LSN = "lsn";
  static final String LSN_EXACT = "lsn_exact";
  static final String SLOT_NAME = "slot_name";
  static final String PUBLICATION = "publication";
  static final String CREATED_AT = "created_at";
  static final String DATABASE = "database";
  static final String SERVER_VERSION_NUM = "server_version_num";
  static final String ENCODING = "encoding";
  static final String EXTENSION_VERSION = "extension_version";
  static final String COMPRESSION = "compression";
  static final String PARALLEL_WORKERS = "parallel_workers";
  static final String TOTAL_SIZE_BYTES = "total_size_bytes";
  static final String SCHEMA_FILE = "schema_file";
  static final String SCHEMA_CHECKSUM = "schema_checksum";
  static final String SCHEMA_ARCHIVE = "schema_archive";
  static final String SCHEMA_ARCHIVE_CHECKSUM = "schema_archive_checksum";
  static final String TABLES = "tables";
  static final String SEQUENCES = "sequences";
  static final String LARGE_OBJECTS = "large_objects";
  static final String EXCLUDED = "excluded";

  static final String SCHEMA = "schema";
  static final String NAME = "name";
  static final String COLUMNS = "columns";
  static final String COLUMN_TYPES = "column_types";
  static final String FINGERPRINT = "fingerprint";
  static final String PARTS = "parts";
  static final String FILE = "file";
  static final String SIZE_BYTES = "size_bytes";
  static final String CHECKSUM = "checksum";
  static final String ROW_COUNT = "row_count";
  static final String UNCOMPRESSED_BYTES = "uncompressed_bytes";
  static final String VALUE = "value";
  static final String IS_CALLED = "is_called";
  static final String COUNT = "count";
  static final String REASON = "reason";

  private ManifestKey() {}
}

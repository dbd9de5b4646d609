package org.pgwalrus.backend;

/**
 * What a running job shows of itself: one slot in shared memory. Zeros and empty texts at first.
 */
public enum ProgressField implements SharedField {
  WORK_QUEUE_ID(CType.LONG),
  OPERATION_TYPE(CType.TEXT, 32),
  /** The id of the snapshot or the merge, else that of the job. */
  OPERATION_ID(CType.TEXT, 64),
  /** {@code running}, then {@code complete}, {@code failed} or {@code cancelled}. */
  STATUS(CType.TEXT, 16),
  PHASE(CType.TEXT, 32),
  /** 0 to 100, never less than before. */
  OVERALL_PERCENT(CType.DOUBLE),
  TABLES_COMPLETED(CType.INT),
  TABLES_TOTAL(CType.INT),
  BYTES_PROCESSED(CType.LONG),
  BYTES_TOTAL(CType.LONG),
  ROWS_PROCESSED(CType.LONG),
  ROWS_TOTAL(CType.LONG),
  THROUGHPUT_BYTES_SEC(CType.DOUBLE),
  /** 0 while unknown. */
  ETA_SECONDS(CType.INT),
  CURRENT_TABLE(CType.TEXT, 128),
  ERROR_MESSAGE(CType.TEXT, 256),
  STARTED_AT(CType.TIMESTAMP),
  UPDATED_AT(CType.TIMESTAMP),
  /** Counts the notifications of this job. */
  SEQ(CType.LONG);

  private final CType type;
  private final int length;

  ProgressField(CType type) {
    this(type, 1);
  }

  ProgressField(CType type, int length) {
    this.type = type;
    this.length = length;
  }

  @Override
  public CType type() {
    return type;
  }

  @Override
  public int length() {
    return length;
  }
}

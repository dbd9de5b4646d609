package org.pgwalrus.backend;

/**
 * The fields of the server's structs that Java reads, under names of our own: the C compiler fills
 * in where each lies, compat.h knows what each is called in which major version.
 */
public enum StructField {
  CHECKPOINTER_REQUESTED("PgStat_CheckpointerStats", CType.LONG),
  CHECKPOINTER_TIMED("PgStat_CheckpointerStats", CType.LONG);

  private final String struct;
  private final CType type;

  StructField(String struct, CType type) {
    this.struct = struct;
    this.type = type;
  }

  /** The struct's name in C. */
  public String struct() {
    return struct;
  }

  /** The field's type. */
  public CType type() {
    return type;
  }

  /** The macro in compat.h that expands to the field's name. */
  public String macro() {
    return "WALRUS_" + name();
  }
}

package org.pgwalrus.backend;

/** A C type that both sides know, with its size in bytes. */
public enum CType {
  BOOL("bool", 1),
  INT("int32", 4),
  LONG("int64", 8),
  DOUBLE("double", 8),
  /** Microseconds since 2000-01-01 UTC; 0 means never. */
  TIMESTAMP("TimestampTz", 8),
  /** A string in an array of {@link #TEXT_SIZE} bytes, with its closing zero. */
  TEXT("char", CType.TEXT_SIZE);

  /** Bytes of a text field in the shared state. */
  public static final int TEXT_SIZE = 256;

  private final String cName;
  private final int size;

  CType(String cName, int size) {
    this.cName = cName;
    this.size = size;
  }

  /** The name in C. */
  public String cName() {
    return cName;
  }

  /** Bytes. */
  public int size() {
    return size;
  }
}

package org.pgwalrus.backend;

/** A C type that both sides know, with its size in bytes. */
public enum CType {
  BOOL("bool", 1),
  INT("int32", 4),
  LONG("int64", 8),
  DOUBLE("double", 8),
  /** Microseconds since 2000-01-01 UTC; 0 means never. */
  TIMESTAMP("TimestampTz", 8),
  /** A byte of a string; its array has room for a closing zero. */
  TEXT("char", 1);

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

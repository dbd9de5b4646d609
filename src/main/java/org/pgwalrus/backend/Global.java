package org.pgwalrus.backend;

/** Variables of the server, and one of the library, that Java reads in place. */
public enum Global {
  /** Seconds. */
  CHECKPOINT_TIMEOUT("CheckPointTimeout", CType.INT),
  CHECKPOINT_COMPLETION_TARGET("CheckPointCompletionTarget", CType.DOUBLE),
  /** MB. */
  MAX_WAL_SIZE("max_wal_size_mb", CType.INT),
  /** MB. */
  MIN_WAL_SIZE("min_wal_size_mb", CType.INT),
  /** Bytes. */
  WAL_SEGMENT_SIZE("wal_segment_size", CType.INT),
  /** Set when a signal waits to be served: long work in Java must poll it and return. */
  INTERRUPT_PENDING("InterruptPending", CType.INT),
  /** Whether a request or a reset waits to be taken. */
  ASKED("walrus_asked", CType.BOOL),
  /** Whether ALTER SYSTEM may be used; absent before PostgreSQL 17, where it always may. */
  ALLOW_ALTER_SYSTEM("AllowAlterSystem", CType.BOOL, true);

  private final String cName;
  private final CType type;
  private final boolean optional;

  Global(String cName, CType type) {
    this(cName, type, false);
  }

  Global(String cName, CType type, boolean optional) {
    this.cName = cName;
    this.type = type;
    this.optional = optional;
  }

  /** The variable's name. */
  public String cName() {
    return cName;
  }

  /** Its type. */
  public CType type() {
    return type;
  }

  /** Whether a server may lack it; compat.h then has no {@code WALRUS_HAVE_<name>}. */
  public boolean optional() {
    return optional;
  }
}

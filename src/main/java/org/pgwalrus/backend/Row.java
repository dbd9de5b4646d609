package org.pgwalrus.backend;

/**
 * The order of the symbol table: settings, globals, struct fields, state fields, single things, and
 * the fields of a job's progress.
 */
public final class Row {

  private Row() {}

  // By identity: a declaration is one object, and comparing records costs start-up time.
  @SuppressWarnings("ReferenceEquality")
  static int of(Setting setting) {
    int row = 0;
    while (Settings.ALL.get(row) != setting) {
      row++;
    }
    return row;
  }

  static int of(Global global) {
    return Settings.ALL.size() + global.ordinal();
  }

  static int of(StructField field) {
    return of(Global.values()[0]) + Global.values().length + field.ordinal();
  }

  static int of(StateField field) {
    return of(StructField.values()[0]) + StructField.values().length + field.ordinal();
  }

  /** The call frame. */
  static int frame() {
    return of(StateField.values()[0]) + StateField.values().length;
  }

  /** The guarded entry of all calls. */
  static int call() {
    return frame() + 1;
  }

  /** What wakes the main thread of a job worker. */
  static int wake() {
    return call() + 1;
  }

  /** The whole of the checkpointer's statistics; its row has the struct's size and no address. */
  static int checkpointerStats() {
    return wake() + 1;
  }

  /** The server's {@code PG_VERSION_NUM}, in place of an offset. */
  static int serverVersion() {
    return checkpointerStats() + 1;
  }

  static int of(ProgressField field) {
    return serverVersion() + 1 + field.ordinal();
  }

  /** How many rows there are. */
  static int count() {
    return of(ProgressField.values()[0]) + ProgressField.values().length;
  }
}

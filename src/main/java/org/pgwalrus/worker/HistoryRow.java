package org.pgwalrus.worker;

/** One row of {@code walrus.history}, from the decision until its effect is known. */
final class HistoryRow {

  private static final long NOT_WRITTEN = 0;

  final String action;
  final int oldMb;
  final int newMb;
  final String reason;
  final Json metadata;

  /** The event to announce with the row, empty for none. */
  final String event;

  private final long forcedCheckpoints;
  private final int timeoutSeconds;
  private final long wallMicros;

  private long id = NOT_WRITTEN;

  /** How often what it tells has happened while it was not written. */
  private int occurrences = 1;

  /** The numbers of a decision and when it was taken. */
  HistoryRow(
      String action,
      int oldMb,
      int newMb,
      String reason,
      Json metadata,
      String event,
      long forcedCheckpoints,
      int timeoutSeconds,
      long wallMicros) {
    this.action = action;
    this.oldMb = oldMb;
    this.newMb = newMb;
    this.reason = reason;
    this.metadata = metadata;
    this.event = event;
    this.forcedCheckpoints = forcedCheckpoints;
    this.timeoutSeconds = timeoutSeconds;
    this.wallMicros = wallMicros;
  }

  /** The row's id once it has been written, else 0. */
  long id() {
    return id;
  }

  void written(long newId) {
    id = newId;
  }

  /** Tells of one more occurrence; for a row that is not written yet. */
  void repeat() {
    occurrences++;
  }

  /** The columns, and the time in microseconds since 2000. */
  String columns() {
    Json all = new Json().merge(metadata);
    if (occurrences > 1) {
      all.put("repeat_count", occurrences);
    }
    return new Json()
        .put("at", wallMicros)
        .put("action", action)
        .put("old_size_mb", oldMb)
        .put("new_size_mb", newMb)
        .put("forced_checkpoints", forcedCheckpoints)
        .put("checkpoint_timeout_sec", timeoutSeconds)
        .put("reason", reason)
        .put("metadata", all)
        .toString();
  }

  /** What NOTIFY tells; the statement adds id, time and server. Empty for nothing. */
  String payload() {
    return event.isEmpty()
        ? ""
        : new Json()
            .put("event", event)
            .put("action", action)
            .put("old_size_mb", oldMb)
            .put("new_size_mb", newMb)
            .put("forced_checkpoints", forcedCheckpoints)
            .put("reason", reason)
            // Not known yet, and for what was only tried never.
            .raw("effective", "null")
            .toString();
  }
}

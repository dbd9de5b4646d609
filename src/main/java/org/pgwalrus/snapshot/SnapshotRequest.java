package org.pgwalrus.snapshot;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.Compression;

/**
 * What was asked for when a snapshot was queued.
 *
 * @param snapshotId the snapshot
 * @param path absolute, on the server
 * @param compression of the data files
 * @param level of the compression
 * @param parallel streams at once, 1 or more
 * @param keepSlot whether the replication slot outlives the job
 */
record SnapshotRequest(
    String snapshotId,
    String path,
    Compression compression,
    int level,
    int parallel,
    boolean keepSlot) {

  static SnapshotRequest of(Session session) {
    Compression compression = Compression.of(required(session, "compression"));
    String level = session.parameter("level");
    return new SnapshotRequest(
        session.operationId(),
        required(session, "output_path"),
        compression,
        level == null ? compression.defaultLevel() : Integer.parseInt(level),
        Integer.parseInt(required(session, "parallel")),
        "true".equals(session.parameter("keep_slot")));
  }

  private static String required(Session session, String name) {
    @Nullable String value = session.parameter(name);
    if (value == null) {
      throw new JobException(
          "the job has no parameter \"" + name + "\": queue it with steep_repl.start_snapshot()");
    }
    return value;
  }
}

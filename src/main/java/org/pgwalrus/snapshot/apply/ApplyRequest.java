package org.pgwalrus.snapshot.apply;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;

/**
 * What was asked for when the application of a snapshot was queued.
 *
 * @param snapshotId the snapshot
 * @param path absolute, on the server
 * @param parallel streams at once, 1 or more
 * @param verify whether all checksums are compared before anything is written
 * @param truncate whether tables that are not empty are emptied
 * @param createSchema whether the tables and what belongs to them are created
 * @param noOwner whether all that is created belongs to the job's role
 * @param analyze whether statistics are collected
 * @param sourceNode the node to follow afterwards, null for none
 */
record ApplyRequest(
    String snapshotId,
    String path,
    int parallel,
    boolean verify,
    boolean truncate,
    boolean createSchema,
    boolean noOwner,
    boolean analyze,
    @Nullable String sourceNode) {

  static ApplyRequest of(Session session) {
    return new ApplyRequest(
        session.operationId(),
        required(session, "input_path"),
        Integer.parseInt(required(session, "parallel")),
        flag(session, "verify"),
        flag(session, "truncate"),
        flag(session, "create_schema"),
        flag(session, "no_owner"),
        flag(session, "analyze"),
        session.parameter("source_node"));
  }

  private static boolean flag(Session session, String name) {
    return "true".equals(session.parameter(name));
  }

  private static String required(Session session, String name) {
    String value = session.parameter(name);
    if (value == null) {
      throw new JobException(
          "the job has no parameter \"" + name + "\": queue it with steep_repl.start_apply()");
    }
    return value;
  }
}

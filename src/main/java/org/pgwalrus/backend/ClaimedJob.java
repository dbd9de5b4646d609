package org.pgwalrus.backend;

/**
 * A job that is this worker's now.
 *
 * @param id its number in {@code steep_repl.work_queue}
 * @param operation its kind
 * @param operationId the id of its snapshot or merge, else its number
 * @param undo whether an earlier worker has died over it, and what it left is to be removed
 */
public record ClaimedJob(long id, String operation, String operationId, boolean undo) {}

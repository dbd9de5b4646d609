package org.pgwalrus.backend;

/**
 * Where the server is in its WAL.
 *
 * @param insertLsn the next byte to be inserted
 * @param redoLsn where the newest checkpoint began, from shared memory: it moves when a checkpoint
 *     starts, and the distance to it forces the next one
 * @param wallMicros the wall clock, microseconds since 2000
 */
public record WalPosition(long insertLsn, long redoLsn, long wallMicros) {}

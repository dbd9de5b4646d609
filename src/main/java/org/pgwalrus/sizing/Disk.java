package org.pgwalrus.sizing;

/**
 * The file system that holds {@code pg_wal}.
 *
 * @param freeMb MB free
 * @param walMb MB that {@code pg_wal} uses
 * @param retainedMb MB of WAL kept for slots, archiving or {@code wal_keep_size}, counted back from
 *     the insert position
 */
public record Disk(long freeMb, long walMb, long retainedMb) {}

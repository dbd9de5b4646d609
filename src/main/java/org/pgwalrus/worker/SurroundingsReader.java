package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.backend.LimitSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;
import org.pgwalrus.sizing.Disk;

/** Looks at the disk of pg_wal, at what keeps WAL there, and at the share of full-page images. */
final class SurroundingsReader {

  private static final long MB = 1L << 20;

  // Functions, not the views on them: half the time, and no rules of views in memory.

  /** pg_wal's bytes; bytes kept for slots; segments to archive; wal_keep_size; images; all WAL. */
  private static final String QUERY =
      "SELECT pg_catalog.concat_ws(' ',"
          + " (SELECT pg_catalog.sum(size) FROM pg_catalog.pg_ls_waldir()),"
          + " (SELECT coalesce(pg_catalog.max(pg_catalog.pg_wal_lsn_diff("
          + "pg_catalog.pg_current_wal_insert_lsn(), restart_lsn)), 0)::int8"
          + " FROM pg_catalog.pg_get_replication_slots() WHERE wal_status <> 'lost'),"
          + " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_ls_archive_statusdir()"
          + " WHERE name LIKE '%.ready'),"
          + " pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_keep_size')),"
          + " coalesce(w.stats->>'wal_fpi_bytes', ((w.stats->>'wal_fpi')::int8"
          + " * pg_catalog.current_setting('block_size')::int8)::text), w.stats->>'wal_bytes')"
          + " FROM (SELECT pg_catalog.to_jsonb(s) AS stats FROM pg_catalog.pg_stat_get_wal() s"
          // Not to be pulled up: the object would be made for each of its members.
          + " OFFSET 0) w";

  /** No room at all: what cannot be looked at must not be filled. */
  private static final Disk UNKNOWN = new Disk(0, 0, 0);

  private final Server server;
  private final ServerLog log;
  private boolean reportedFailure;

  SurroundingsReader(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
  }

  /** As they are now. */
  Surroundings read() {
    double reservePercent = server.get(LimitSettings.DISK_RESERVE);
    boolean wanted = reservePercent > 0;
    try {
      Surroundings found = parse(server.query(QUERY), wanted ? freeMb(reservePercent) : 0);
      reportedFailure = false;
      return wanted ? found : new Surroundings(null, found.fpiBytes(), found.walBytes());
    } catch (PgException e) {
      if (wanted && !reportedFailure) {
        log.warn("could not look at the disk of pg_wal, not growing", e);
      }
      reportedFailure = wanted;
      return new Surroundings(wanted ? UNKNOWN : null, 0, 0);
    }
  }

  /**
   * A server that uses all of its size has one segment more, the next to be written: so much that
   * the segment is left when the reserve is taken off.
   */
  private long freeMb(double reservePercent) {
    double segmentMb = server.walSegmentMb() * 100 / (100 - reservePercent);
    return Math.max(0, server.walDiskFreeBytes() / MB - (long) Math.ceil(segmentMb));
  }

  private Surroundings parse(@Nullable String line, long freeMb) {
    if (line == null) {
      return new Surroundings(UNKNOWN, 0, 0);
    }
    String[] numbers = line.split(" ", -1);
    long forSlots = Long.parseLong(numbers[1]);
    long toArchive = Long.parseLong(numbers[2]) * server.walSegmentMb() * MB;
    long kept = Long.parseLong(numbers[3]);
    long retained = Math.max(forSlots, Math.max(toArchive, kept));
    Disk disk = new Disk(freeMb, Long.parseLong(numbers[0]) / MB, retained / MB);
    return new Surroundings(disk, Long.parseLong(numbers[4]), Long.parseLong(numbers[5]));
  }
}

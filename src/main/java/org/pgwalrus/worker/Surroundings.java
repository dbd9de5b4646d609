package org.pgwalrus.worker;

import org.jspecify.annotations.Nullable;
import org.pgwalrus.sizing.Disk;

/**
 * What a decision needs beyond the samples.
 *
 * @param disk the file system of pg_wal, or null where nobody wants to know
 * @param fpiBytes bytes of full-page images since the statistics of WAL began; before PostgreSQL
 *     19, their number times the block size, which is more than was written where pages have holes
 * @param walBytes bytes of WAL in the same time, 0 where nobody could look
 */
record Surroundings(@Nullable Disk disk, long fpiBytes, long walBytes) {

  /** The share of full-page images in the WAL since an earlier look, 0 to 1; NaN without WAL. */
  double fpiShareSince(Surroundings earlier) {
    long bytes = walBytes - earlier.walBytes;
    long images = fpiBytes - earlier.fpiBytes;
    return earlier.walBytes == 0 || bytes <= 0 || images < 0
        ? Double.NaN
        : Math.min(1, (double) images / bytes);
  }
}

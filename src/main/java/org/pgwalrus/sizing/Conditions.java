package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * What a decision looks at beyond the samples.
 *
 * @param disk the file system of {@code pg_wal}, null if unknown or not asked
 * @param fullPageShare the share of full-page images in the WAL since the last decision, 0 to 1; 0
 *     where nobody knows
 */
public record Conditions(@Nullable Disk disk, double fullPageShare) {

  /** Only the disk is known. */
  public static Conditions of(@Nullable Disk disk) {
    return new Conditions(disk, 0);
  }
}

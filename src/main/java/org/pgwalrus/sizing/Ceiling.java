package org.pgwalrus.sizing;

import org.jspecify.annotations.Nullable;

/**
 * A size that growth does not go beyond.
 *
 * @param limit where it comes from
 * @param mb in MB
 */
public record Ceiling(Limit limit, int mb) {

  /** No ceiling stands in the way. */
  static final Ceiling NONE = new Ceiling(Limit.NONE, Integer.MAX_VALUE);

  /** The one that the administrator set. */
  static Ceiling max(Sample sample, Policy policy) {
    return new Ceiling(Limit.MAX, Policy.ceilingMb(policy.maxMb(), sample.walSegmentMb()));
  }

  /** The one that the disk sets, if it is known and to be looked at. */
  static Ceiling disk(Sample sample, Policy policy, @Nullable Disk disk) {
    CapPolicy caps = policy.caps();
    return disk == null || caps.diskReservePercent() == 0
        ? NONE
        : new Ceiling(Limit.DISK, caps.diskMb(disk, sample.maxWalSizeMb()));
  }

  /** The one that the recovery target sets, if there is one. */
  static Ceiling recovery(Policy policy) {
    CapPolicy caps = policy.caps();
    return caps.recoveryTargetSeconds() == 0
        ? NONE
        : new Ceiling(Limit.RECOVERY, caps.recoveryMb());
  }

  /** The lowest of all. */
  static Ceiling lowest(Sample sample, Policy policy, @Nullable Disk disk) {
    return max(sample, policy).lower(disk(sample, policy, disk)).lower(recovery(policy));
  }

  /**
   * What all ceilings leave of a size, in MB.
   *
   * @param wantedMb the size in MB
   * @param disk the file system of {@code pg_wal}, null if unknown
   */
  public static int leaveOf(int wantedMb, Sample sample, Policy policy, @Nullable Disk disk) {
    Ceiling lowest = lowest(sample, policy, disk);
    return wantedMb <= lowest.mb ? wantedMb : lowest.alignedMb(sample.walSegmentMb());
  }

  private Ceiling lower(Ceiling other) {
    return other.mb < mb ? other : this;
  }

  /** The largest whole number of segments below it, at least the two that PostgreSQL needs. */
  int alignedMb(int segmentMb) {
    return Math.max(mb - mb % segmentMb, Policy.LEAST_SEGMENTS * segmentMb);
  }

  /**
   * Whether it has been reported along with that one. The disk's moves with every file written, so
   * it is one and the same as long as it is in the way; the others are set, and new when changed.
   */
  boolean reportedAs(Ceiling other) {
    return limit == other.limit && (limit == Limit.DISK || mb == other.mb);
  }
}

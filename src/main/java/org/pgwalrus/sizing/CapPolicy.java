package org.pgwalrus.sizing;

/**
 * What else than {@code walrus.max} keeps growth within bounds.
 *
 * @param diskReservePercent the share of the file system that growth leaves free, 0 to 90; 0 for no
 *     look at the disk
 * @param recoveryTargetSeconds how long crash recovery may take, 0 for any time
 * @param replayRateMbPerSecond how fast WAL is assumed to be replayed, in MB/s, 1 or more
 */
public record CapPolicy(
    double diskReservePercent, int recoveryTargetSeconds, int replayRateMbPerSecond) {

  /**
   * The size in MB that the file system has room for. WAL kept beyond the current size is not given
   * back by checkpoints, so it is taken off.
   */
  public int diskMb(Disk disk, int currentMb) {
    double usableMb = ((double) disk.freeMb() + disk.walMb()) * (100 - diskReservePercent) / 100;
    double excessMb = Math.max(0, (double) disk.retainedMb() - currentMb);
    return (int) Math.max(0, usableMb - excessMb);
  }

  /** The size in MB whose replay, at worst all of it, meets the target. */
  int recoveryMb() {
    return (int) Math.min(Integer.MAX_VALUE, (long) recoveryTargetSeconds * replayRateMbPerSecond);
  }
}

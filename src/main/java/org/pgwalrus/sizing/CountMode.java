package org.pgwalrus.sizing;

/** Which requested checkpoints count as pressure. */
public enum CountMode {
  /** Only as many as the WAL written in the interval can have caused. */
  WAL,
  /** All of them, also those of CHECKPOINT, base backups or DROP DATABASE. */
  REQUESTED
}

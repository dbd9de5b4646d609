package org.pgwalrus.backend;

/** Why a running job has to end; jobs.h has the same order. */
public enum Interruption {
  NONE,
  /** Somebody has cancelled it. */
  CANCELLED,
  /** The worker was told to end. */
  TERMINATED,
  /** Its database may not run jobs any more. */
  DISABLED
}

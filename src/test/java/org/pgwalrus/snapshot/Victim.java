package org.pgwalrus.snapshot;

/** Who is killed while a job runs, and how. */
enum Victim {
  CLIENT,
  SESSION,
  COPIER_TERM,
  COPIER_KILL,
  WORKER_TERM,
  WORKER_INT,
  WORKER_KILL,
  SERVER_FAST,
  SERVER_IMMEDIATE,
  SERVER_KILL;

  /** Whether the job does not need who is killed. */
  boolean isOnlooker() {
    return this == CLIENT || this == SESSION;
  }
}

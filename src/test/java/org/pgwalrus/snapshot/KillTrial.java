package org.pgwalrus.snapshot;

/** A job that somebody is killed for, and what has to be true of it afterwards. */
interface KillTrial {

  /** The database whose queue it is in. */
  String database();

  /** The statement that queues it. */
  String start();

  /** Nobody was killed in time: all is there. */
  void assertComplete(String job);

  /** It has failed or was cancelled: nothing is left behind. */
  void assertUndone(String job);
}

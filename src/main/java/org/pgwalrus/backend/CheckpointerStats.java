package org.pgwalrus.backend;

/**
 * The checkpointer's cumulative counters.
 *
 * @param requested checkpoints that somebody asked for, by WAL volume or by command; {@link
 *     #UNAVAILABLE} when the server has no statistics
 * @param timed checkpoints that {@code checkpoint_timeout} started
 * @param resetMicros when the counters were last reset, microseconds since 2000
 */
public record CheckpointerStats(long requested, long timed, long resetMicros) {

  /** The counter's value when there are no statistics. */
  public static final long UNAVAILABLE = -1;
}

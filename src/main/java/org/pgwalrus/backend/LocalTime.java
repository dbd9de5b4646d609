package org.pgwalrus.backend;

/**
 * When it is in some time zone.
 *
 * @param dayOfWeek 0 for Sunday to 6 for Saturday, as {@code struct pg_tm} counts
 * @param hour 0 to 23
 */
public record LocalTime(int dayOfWeek, int hour) {}

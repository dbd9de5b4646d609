package org.pgwalrus.sizing;

/**
 * One check on the way to a decision, for people to read.
 *
 * @param check what was looked at
 * @param value what was found
 * @param result what followed
 */
public record Step(String check, String value, String result) {}

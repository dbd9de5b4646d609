package org.pgwalrus.cli.progress;

import org.jspecify.annotations.Nullable;

/**
 * What the tables say of an operation.
 *
 * @param hasEnded whether nothing more will happen
 * @param error why it failed
 */
public record State(String status, boolean hasEnded, @Nullable String error, Progress progress) {}

package org.pgwalrus.backend;

import org.jspecify.annotations.Nullable;

/**
 * What SQL functions have asked for.
 *
 * @param request the request, or null if there is none
 * @param argument its argument
 * @param role the name of the role that asks
 * @param reset whether {@code walrus.reset()} has cleared the shared state since the last look
 */
public record Asked(@Nullable Request request, String argument, String role, boolean reset) {

  /** Nobody has asked for anything. */
  public static final Asked NOTHING = new Asked(null, "", "", false);
}

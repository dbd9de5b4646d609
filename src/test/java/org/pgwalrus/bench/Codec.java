package org.pgwalrus.bench;

import java.util.List;
import java.util.stream.Stream;
import org.pgwalrus.cluster.Installation;

/**
 * A codec that both pg_dump and a snapshot know.
 *
 * @param name the snapshot's name for it, and its level
 * @param arguments how {@code start_snapshot()} is told
 * @param option how pg_dump is told
 */
record Codec(String name, String arguments, String option) {

  static final Codec NONE = new Codec("none", "p_compression => 'none'", "--compress=0");

  private static final int FIRST_WITH_NAMES = 16;

  /** All that the server's pg_dump has, at the same level. */
  static List<Codec> all() {
    Stream<Codec> old = Stream.of(NONE, of("gzip", 6, "6"));
    Stream<Codec> recent =
        Installation.get().major() < FIRST_WITH_NAMES
            ? Stream.of()
            : Stream.of(of("lz4", 1, "lz4:1"), of("zstd", 3, "zstd:3"));
    return Stream.concat(old, recent).toList();
  }

  private static Codec of(String name, int level, String option) {
    return new Codec(
        name + " " + level,
        "p_compression => '" + name + "', p_compression_level => " + level,
        "--compress=" + option);
  }
}

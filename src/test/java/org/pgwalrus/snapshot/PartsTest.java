package org.pgwalrus.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class PartsTest {

  private static final long MB = 1 << 20;

  private static SourceTable table(long bytes, long blocks) {
    return new SourceTable(
        "s", "t", List.of("a", "b\"c"), List.of("text", "text"), bytes, blocks, true);
  }

  @Test
  void aSmallTableIsWhole() {
    assertThat(Parts.of(List.of(table(100 * MB, 12800)), 1))
        .singleElement()
        .satisfies(part ->
            assertThat(part.copy("UTF8"))
                .isEqualTo(
                    "COPY \"s\".\"t\" (\"a\", \"b\"\"c\") TO STDOUT (FORMAT csv, HEADER,"
                        + " ENCODING 'UTF8')"));
  }

  @Test
  void aLargeOneIsReadByRangesOfItsBlocksWithoutAnEnd() {
    assertThat(Parts.of(table(300 * MB, 1000), 100 * MB))
        .extracting(part -> part.copy("LATIN1"))
        .containsExactly(
            select("ctid >= '(0,0)' AND ctid < '(333,0)'"),
            select("ctid >= '(333,0)' AND ctid < '(666,0)'"),
            select("ctid >= '(666,0)'"));
  }

  private static String select(String range) {
    return "COPY (SELECT \"a\", \"b\"\"c\" FROM ONLY \"s\".\"t\" WHERE "
        + range
        + ") TO STDOUT (FORMAT csv, HEADER, ENCODING 'LATIN1')";
  }

  @Test
  void whatCannotBeReadByRangesIsWhole() {
    assertThat(
            Parts.of(
                new SourceTable("s", "t", List.of("a"), List.of("text"), 5000 * MB, 9, false), MB))
        .hasSize(1);
    assertThat(Parts.of(new SourceTable("s", "t", List.of(), List.of(), 5000 * MB, 9, true), MB))
        .hasSize(1);
  }

  /** A table that is almost all TOAST has few blocks and is large all the same. */
  @Test
  void aTableIsDividedByAllItsBytes() {
    assertThat(Parts.of(List.of(table(10_000 * MB, 400)), 4)).hasSizeGreaterThan(9);
    assertThat(Parts.of(table(10_000 * MB, 3), MB)).hasSize(3);
  }

  @Test
  void partsCoverEachBlockOnce() {
    RandomGenerator random = RandomGeneratorFactory.getDefault().create(20261121);
    for (int round = 0; round < 1000; round++) {
      SourceTable table = table(random.nextLong(1L << 40), random.nextLong(1, 1 << 20));
      List<Part> parts = Parts.of(table, random.nextLong(MB, 1L << 30));
      long next = 0;
      for (Part part : parts) {
        assertThat(part.firstBlock()).isEqualTo(next);
        assertThat(part.endBlock()).isGreaterThan(next);
        next = part.endBlock();
      }
      assertThat(next).isEqualTo(Part.NO_END);
      assertThat(parts.stream().mapToLong(Part::bytes).sum()).isLessThanOrEqualTo(table.bytes());
    }
  }

  @Test
  void theLargestComeFirst() {
    assertThat(Parts.of(List.of(table(1, 1), table(60 * MB, 100), table(MB, 10)), 2))
        .extracting(Part::bytes)
        .containsExactly(60 * MB, MB, 1L);
  }
}

package org.pgwalrus.snapshot.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {

  private static final long SEED = 11;

  private final FileNames names = new FileNames(Compression.GZIP);

  @Test
  void aTableIsCalledBySchemaAndName() {
    assertThat(names.table("public", "orders")).isEqualTo("data/public.orders.csv.gz");
    assertThat(names.part("public", "orders", 3)).isEqualTo("data/public.orders.3.csv.gz");
    assertThat(names.largeObjects()).isEqualTo("data/large_objects.csv.gz");
    assertThat(new FileNames(Compression.NONE).table("a", "b-1")).isEqualTo("data/a.b-1.csv");
  }

  @Test
  void otherCharactersArePercentEncoded() {
    assertThat(names.table("my.schema", "a/b c%"))
        .isEqualTo("data/my%2Eschema.a%2Fb%20c%25.csv.gz");
    assertThat(names.table("..", "Zürich")).isEqualTo("data/%2E%2E.Z%C3%BCrich.csv.gz");
    assertThat(names.table("x", "\u0000\n~")).isEqualTo("data/x.%00%0A%7E.csv.gz");
  }

  @Test
  void namesThatDifferByCaseOnlyGetAnOrdinal() {
    assertThat(names.table("public", "Orders")).isEqualTo("data/public.Orders.csv.gz");
    assertThat(names.table("public", "orders")).isEqualTo("data/public.orders~2.csv.gz");
    assertThat(names.table("PUBLIC", "ORDERS")).isEqualTo("data/PUBLIC.ORDERS~3.csv.gz");
    assertThat(names.part("public", "orders", 1)).isEqualTo("data/public.orders~2.1.csv.gz");
  }

  @Test
  void theSameTableKeepsItsName() {
    assertThat(names.table("a", "b")).isEqualTo(names.table("a", "b"));
  }

  @Test
  void partsAreNeverAnotherTable() {
    assertThat(names.part("a", "b", 1)).isNotEqualTo(names.table("a", "b.1"));
  }

  @Test
  void overlongNamesAreCutBetweenCharacters() {
    String umlauts = "ü".repeat(31);
    String first = names.table(umlauts, umlauts + "a");
    String second = names.table(umlauts, umlauts + "b");
    assertThat(first).endsWith("~2.csv.gz").isNotEqualTo(second);
    assertThat(second).endsWith("~3.csv.gz");
    assertThat(first.replaceAll("%[0-9A-F]{2}", "")).doesNotContain("%");
  }

  @Test
  void allNamesFitAndAreTaken() {
    Random random = new Random(SEED);
    Set<String> all = new HashSet<>();
    int tables = 2000;
    for (int i = 0; i < tables; i++) {
      String schema = text(random);
      String table = text(random) + i;
      for (String file :
          List.of(names.table(schema, table), names.part(schema, table, Integer.MAX_VALUE))) {
        assertThat(file.substring("data/".length()) + FileNames.PARTIAL)
            .as("seed %s", SEED)
            .hasSizeLessThanOrEqualTo(255);
        assertThat(RelativePath.problem(file)).isNull();
        assertThat(FileNames.isKnown(file)).isTrue();
        assertThat(FileNames.isKnown(file + FileNames.PARTIAL)).isTrue();
        all.add(file.toLowerCase(Locale.ROOT));
      }
    }
    assertThat(all).hasSize(2 * tables);
  }

  @ParameterizedTest
  @ValueSource(strings = {"snap_20261129_123456_0a1b2c3d", "", "a/b", "100% +é.\n"})
  void aMarkTellsItsSnapshot(String id) {
    String mark = FileNames.mark(id + "x");
    assertThat(FileNames.isMark(mark)).isTrue();
    assertThat(FileNames.isKnown(mark)).isTrue();
    assertThat(RelativePath.problem(mark)).isNull();
    assertThat(FileNames.marked(mark)).isEqualTo(id + "x");
  }

  @ParameterizedTest
  @ValueSource(strings = {"owner.", "owner.%", "owner.%4g", "owner.a b", "ownerx", "x/owner.a"})
  void whatNobodyHasMadeIsNoMark(String name) {
    assertThat(FileNames.isMark(name)).isFalse();
    assertThat(FileNames.isKnown(name)).isFalse();
  }

  /** Up to 63 bytes, as the server's names have. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(1, 20);
    for (int i = 0; i < length; i++) {
      text.appendCodePoint("aA./%~\\\"é€\n ".codePointAt(random.nextInt(12)));
    }
    return text.toString();
  }
}

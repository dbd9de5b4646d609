package org.pgwalrus.snapshot.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SchemaChoiceTest {

  private static final String OWN = "(\"steep_repl\"|\"walrus\")";
  private static final String[] ALWAYS = {
    "--exclude-schema=" + OWN, "--exclude-table=" + OWN + ".*"
  };

  private static List<String> options(
      @Nullable List<String> inSchemas,
      List<String> notSchemas,
      @Nullable List<String> in,
      List<String> not) {
    List<String> all =
        new SchemaChoice(inSchemas, notSchemas, in, not, List.of(), List.of()).options();
    assertThat(all.subList(0, 2)).allMatch(option -> option.contains(OWN.substring(1)));
    return all.subList(2, all.size());
  }

  @Test
  void ourOwnSchemasAreNeverThere() {
    assertThat(new SchemaChoice(null, List.of(), null, List.of(), List.of(), List.of()).options())
        .containsExactly(ALWAYS);
    assertThat(
            new SchemaChoice(null, List.of("x"), null, List.of(), List.of(), List.of()).options())
        .containsExactly(
            "--exclude-schema=(\"x\"|\"steep_repl\"|\"walrus\")",
            "--exclude-table=(\"x\"|\"steep_repl\"|\"walrus\").*");
  }

  @Test
  void namesStandForThemselves() {
    assertThat(options(List.of("A*", "b\"?", "ü|("), List.of(), null, List.of()))
        .containsExactly("--schema=(\"A*\"|\"b\"\"?\"|\"ü|(\")");
  }

  @Test
  void aTableWithoutSchemaIsOfAnySchemaThatIsChosen() {
    assertThat(options(null, List.of(), List.of("t", "u"), List.of()))
        .containsExactly("--table=*.(\"t\"|\"u\")");
    assertThat(options(List.of("s"), List.of(), List.of("t"), List.of()))
        .containsExactly("--schema=(\"s\")", "--table=(\"s\").(\"t\")");
  }

  @Test
  void eachDotMayStandBehindASchema() {
    assertThat(options(null, List.of(), List.of("a.b.c"), List.of()))
        .containsExactly("--table=*.(\"a.b.c\")", "--table=\"a\".\"b.c\"", "--table=\"a.b\".\"c\"");
    assertThat(options(List.of("a"), List.of(), List.of("a.b", "c.d"), List.of()))
        .containsExactly(
            "--schema=(\"a\")", "--table=(\"a\").(\"a.b\"|\"c.d\")", "--table=\"a\".\"b\"");
  }

  @Test
  void quotedNamesAreUnderstoodAsWell() {
    assertThat(options(null, List.of(), null, List.of("\"S s\".\"T\"\"t\"")))
        .containsExactly(
            "--exclude-table=*.(\"\"\"S s\"\".\"\"T\"\"\"\"t\"\"\")",
            "--exclude-table=\"\"\"S s\"\"\".\"\"\"T\"\"\"\"t\"\"\"",
            "--exclude-table=\"S s\".\"T\"\"t\"");
  }

  @Test
  void nothingIsNotAll() {
    assertThat(options(List.of(), List.of(), null, List.of()))
        .containsExactly("--exclude-schema=*");
    assertThat(options(null, List.of(), List.of(), List.of()))
        .containsExactly("--exclude-table=*.*");
  }

  /** A server refuses a pattern that is too long. */
  @Test
  void partitionsAreNamedByTheHundred() {
    List<SchemaChoice.Table> many =
        IntStream.range(0, 101)
            .mapToObj(number -> new SchemaChoice.Table("s", "p" + number))
            .toList();
    SchemaChoice choice =
        new SchemaChoice(
            null,
            List.of(),
            List.of("p"),
            List.of("q"),
            many,
            List.of(new SchemaChoice.Table("a b", "q\"1"), new SchemaChoice.Table("c", "q2")));

    List<String> options = choice.options();

    assertThat(options.subList(2, options.size()))
        .contains("--table=*.(\"p\")", "--table=\"s\".(\"p100\")")
        .anyMatch(option -> option.startsWith("--table=\"s\".(\"p0\"|\"p1\"|"))
        .endsWith(
            "--exclude-table=*.(\"q\")",
            "--exclude-table=\"a b\".(\"q\"\"1\")",
            "--exclude-table=\"c\".(\"q2\")")
        .hasSize(6);
  }
}

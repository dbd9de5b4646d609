package org.pgwalrus.snapshot.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
    List<String> all = new SchemaChoice(inSchemas, notSchemas, in, not).options();
    assertThat(all.subList(0, 2)).allMatch(option -> option.contains(OWN.substring(1)));
    return all.subList(2, all.size());
  }

  @Test
  void ourOwnSchemasAreNeverThere() {
    assertThat(new SchemaChoice(null, List.of(), null, List.of()).options())
        .containsExactly(ALWAYS);
    assertThat(new SchemaChoice(null, List.of("x"), null, List.of()).options())
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
}

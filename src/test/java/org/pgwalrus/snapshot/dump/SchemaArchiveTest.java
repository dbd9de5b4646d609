package org.pgwalrus.snapshot.dump;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SchemaArchiveTest {

  private static final String LIST =
      """
      ;
      ; Archive created at 2026-11-28 09:00:00 UTC
      ;     dbname: rich
      ;
      2; 3079 16390 EXTENSION - steep_repl\s
      3573; 0 0 COMMENT - EXTENSION steep_repl\s
      7; 2615 16391 SCHEMA - walrus postgres
      8; 2615 16392 SCHEMA - walrus2 postgres
      9; 0 0 ACL - SCHEMA walrus postgres
      3; 3079 16400 EXTENSION - hstore\s
      215; 1259 16500 TABLE public steep_repl anna
      300; 2606 16600 FK CONSTRAINT public child child parent fkey anna
      301; 1259 16601 MATERIALIZED VIEW public kept anna
      """;

  @Test
  void entriesOfOurExtensionsAreLeftOut() {
    assertThat(SchemaArchive.parse(LIST).entries())
        .containsExactly(
            new SchemaArchive.Entry(8, "SCHEMA", "-", "walrus2", "postgres"),
            new SchemaArchive.Entry(3, "EXTENSION", "-", "hstore", ""),
            new SchemaArchive.Entry(215, "TABLE", "public", "steep_repl", "anna"),
            new SchemaArchive.Entry(
                300, "FK CONSTRAINT", "public", "child child parent fkey", "anna"),
            new SchemaArchive.Entry(301, "MATERIALIZED VIEW", "public", "kept", "anna"));
  }

  @Test
  void whatIsToBeRestoredIsNamedByNumbers() {
    assertThat(SchemaArchive.parse(LIST).useList()).isEqualTo("8;\n3;\n215;\n300;\n301;\n");
  }

  @Test
  void aForeignKeyIsFoundByItsTableAndItsName() {
    SchemaArchive archive =
        SchemaArchive.parse(
            """
            1; 0 0 FK CONSTRAINT a b t f k anna
            2; 0 0 FK CONSTRAINT public t fk anna
            3; 0 0 FK CONSTRAINT public t fk x anna
            4; 0 0 FK CONSTRAINT public u fk some one
            5; 0 0 CONSTRAINT public t fk anna
            6; 0 0 FK CONSTRAINT public v fk anna
            """);

    assertThat(archive.without(List.of("a b t\nf k", "public t fk", "public u fk")).useList())
        .isEqualTo("3;\n5;\n6;\n");
  }
}

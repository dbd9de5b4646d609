package org.pgwalrus.snapshot.dump;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScriptTest {

  @Test
  void leavesOutWhatOnlyPsqlUnderstands() {
    String script =
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict aB3\n\nSELECT 1;\n\n\\unrestrict aB3\n\n";

    assertThat(Script.statements(script)).isEqualTo("\nSELECT 1;\n\n\n");
  }

  @Test
  void leavesAsItIsWhatOlderVersionsWrite() {
    String script =
        "--\n-- PostgreSQL database dump\n--\n\nSET a = 1;\nSELECT '\n\\restrict b\n';\n";

    assertThat(Script.statements(script)).isEqualTo(script);
  }

  @Test
  void leavesOtherKeysAlone() {
    String script = "\\restrict a\nSELECT '\n\\unrestrict b\n';\n\\unrestrict a\n";

    assertThat(Script.statements(script)).isEqualTo("SELECT '\n\\unrestrict b\n';\n");
  }
}

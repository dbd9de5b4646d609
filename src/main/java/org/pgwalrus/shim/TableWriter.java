package org.pgwalrus.shim;

import java.util.List;
import org.pgwalrus.backend.Global;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.backend.Setting;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.backend.StructField;

/** Writes the symbol table, row by row in the order of {@link org.pgwalrus.backend.Row}. */
final class TableWriter {

  private final List<Setting> settings;

  TableWriter(List<Setting> settings) {
    this.settings = settings;
  }

  String table() {
    StringBuilder out = new StringBuilder();
    out.append("const WalrusRow walrus_table[] = {\n");
    for (Setting setting : settings) {
      out.append(variable(CText.variable(setting)));
    }
    for (Global global : Global.values()) {
      String row = variable(global.cName());
      out.append(global.optional() ? optional("WALRUS_HAVE_" + global.cName(), row) : row);
    }
    for (StructField field : StructField.values()) {
      out.append(
          "\t{NULL, offsetof(%1$s, %2$s), sizeof(((%1$s *) NULL)->%2$s)},\n"
              .formatted(field.struct(), field.macro()));
    }
    for (StateField field : StateField.values()) {
      out.append(variable("walrus_state." + field.cName()));
    }
    out.append(variable("walrus_frame"));
    out.append("\t{(const volatile void *) walrus_guarded_call, 0, sizeof(void *)},\n");
    out.append("\t{(const volatile void *) steep_wake, 0, sizeof(void *)},\n");
    out.append("\t{NULL, 0, sizeof(PgStat_CheckpointerStats)},\n");
    out.append("\t{NULL, PG_VERSION_NUM, sizeof(int32)},\n");
    for (ProgressField field : ProgressField.values()) {
      out.append(variable("steep_progress." + field.cName()));
    }
    out.append("};\n\nconst int walrus_table_rows = lengthof(walrus_table);\n");
    return out.toString();
  }

  private static String variable(String name) {
    return "\t{&" + name + ", 0, sizeof(" + name + ")},\n";
  }

  private static String optional(String condition, String row) {
    return "#ifdef " + condition + "\n" + row + "#else\n\t{NULL, 0, 0},\n#endif\n";
  }
}

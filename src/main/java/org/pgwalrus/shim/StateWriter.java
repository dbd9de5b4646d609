package org.pgwalrus.shim;

import java.util.zip.CRC32;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.ProgressField;
import org.pgwalrus.backend.SharedField;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.backend.StateField.Life;

/** Writes the structs in shared memory and their description. */
final class StateWriter {

  private StateWriter() {}

  static String struct() {
    StringBuilder out = new StringBuilder();
    out.append("/* Changes with every change of the fields below. */\n");
    out.append("#define WALRUS_STATE_LAYOUT 0x").append(layout()).append("\n\n");
    out.append(struct("WalrusState", StateField.values())).append('\n');
    return out.append(struct("SteepProgress", ProgressField.values())).toString();
  }

  private static String struct(String name, SharedField[] fields) {
    StringBuilder out = new StringBuilder("typedef struct " + name + "\n{\n");
    for (SharedField field : fields) {
      out.append('\t').append(field.type().cName()).append(' ').append(field.cName());
      out.append(field.length() > 1 ? "[" + field.length() + "];\n" : ";\n");
    }
    return out.append("} ").append(name).append(";\n").toString();
  }

  /** A function that clears the fields that walrus.reset() ends. */
  static String reset() {
    StringBuilder out = new StringBuilder();
    out.append("void\nwalrus_state_reset(WalrusState *state)\n{\n");
    for (StateField field : StateField.values()) {
      if (field.life() == Life.RESET) {
        String member = "state->" + field.cName();
        out.append("\tmemset(&").append(member).append(", 0, sizeof(").append(member);
        out.append("));\n");
      }
    }
    return out.append("}\n").toString();
  }

  /** The functions that append every field as a member of a JSON object. */
  static String json() {
    return json("walrus_state_to_json", "WalrusState", StateField.values())
        + "\n"
        + json("steep_progress_to_json", "SteepProgress", ProgressField.values());
  }

  private static String json(String function, String struct, SharedField[] fields) {
    StringBuilder out = new StringBuilder("void\n" + function);
    out.append("(StringInfo out, const ").append(struct).append(" *state)\n{\n");
    String separator = "";
    for (SharedField field : fields) {
      String key = CText.literal(separator + "\"" + field.cName() + "\": ");
      out.append("\tappendStringInfoString(out, ").append(key).append(");\n");
      out.append(member(field));
      separator = ", ";
    }
    return out.append("}\n").toString();
  }

  private static String member(SharedField field) {
    String value = "state->" + field.cName();
    SharedField count = field.count();
    if (count == null) {
      return "\t" + append(field.type(), value) + ";\n";
    }
    return """
    \tappendStringInfoChar(out, '[');
    \tfor (int i = 0; i < state->%s; i++)
    \t{
    \t\tappendStringInfoString(out, i > 0 ? ", " : "");
    \t\t%s;
    \t}
    \tappendStringInfoChar(out, ']');
    """
        .formatted(count.cName(), append(field.type(), value + "[i]"));
  }

  private static String append(CType type, String value) {
    return switch (type) {
      case BOOL -> "appendStringInfoString(out, " + value + " ? \"true\" : \"false\")";
      case INT -> "appendStringInfo(out, \"%d\", " + value + ")";
      case LONG -> "appendStringInfo(out, INT64_FORMAT, " + value + ")";
      case DOUBLE -> "appendStringInfo(out, \"%g\", " + value + ")";
      case TIMESTAMP -> "walrus_append_timestamp(out, " + value + ")";
      case TEXT -> "escape_json(out, " + value + ")";
    };
  }

  private static String layout() {
    CRC32 crc = new CRC32();
    for (StateField field : StateField.values()) {
      crc.update(
          (field.cName() + ':' + field.type() + ':' + field.length() + ';')
              .getBytes(ShimGenerator.CHARSET));
    }
    return Long.toHexString(crc.getValue());
  }
}

package org.pgwalrus.shim;

import java.util.zip.CRC32;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.StateField;
import org.pgwalrus.backend.StateField.Life;

/** Writes the struct of the shared state and its description. */
final class StateWriter {

  private StateWriter() {}

  static String struct() {
    StringBuilder out = new StringBuilder();
    out.append("/* Changes with every change of the fields below. */\n");
    out.append("#define WALRUS_STATE_LAYOUT 0x").append(layout()).append("\n\n");
    out.append("typedef struct WalrusState\n{\n");
    for (StateField field : StateField.values()) {
      out.append('\t').append(field.type().cName()).append(' ').append(field.cName());
      out.append(field.length() > 1 ? "[" + field.length() + "];\n" : ";\n");
    }
    return out.append("} WalrusState;\n").toString();
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

  /** A function that appends every field as a member of a JSON object. */
  static String json() {
    StringBuilder out = new StringBuilder();
    out.append("void\nwalrus_state_to_json(StringInfo out, const WalrusState *state)\n{\n");
    String separator = "";
    for (StateField field : StateField.values()) {
      String key = CText.literal(separator + "\"" + field.cName() + "\": ");
      out.append("\tappendStringInfoString(out, ").append(key).append(");\n");
      out.append(member(field));
      separator = ", ";
    }
    return out.append("}\n").toString();
  }

  private static String member(StateField field) {
    String value = "state->" + field.cName();
    StateField count = field.count();
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

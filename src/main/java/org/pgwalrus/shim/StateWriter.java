package org.pgwalrus.shim;

import java.util.zip.CRC32;
import org.pgwalrus.backend.CType;
import org.pgwalrus.backend.StateField;

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
      out.append(field.type() == CType.TEXT ? "[" + CType.TEXT_SIZE + "];\n" : ";\n");
    }
    return out.append("} WalrusState;\n").toString();
  }

  /** A function that appends every field as a member of a JSON object. */
  static String json() {
    StringBuilder out = new StringBuilder();
    out.append("void\nwalrus_state_to_json(StringInfo out, const WalrusState *state)\n{\n");
    String separator = "{";
    for (StateField field : StateField.values()) {
      String name = field.cName();
      String key = CText.literal(separator + "\"" + name + "\": ");
      out.append("\tappendStringInfoString(out, ").append(key).append(");\n");
      out.append("\t").append(append(field.type(), "state->" + name)).append(";\n");
      separator = ", ";
    }
    return out.append("\tappendStringInfoChar(out, '}');\n}\n").toString();
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
      crc.update((field.cName() + ':' + field.type() + ';').getBytes(ShimGenerator.CHARSET));
    }
    return Long.toHexString(crc.getValue());
  }
}

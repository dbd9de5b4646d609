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

  static String description() {
    StringBuilder out = new StringBuilder();
    out.append("const WalrusField walrus_state_fields[] = {\n");
    for (StateField field : StateField.values()) {
      String name = field.cName();
      out.append("\t{").append(CText.literal(name)).append(", WALRUS_").append(field.type());
      out.append(", offsetof(WalrusState, ").append(name).append(")},\n");
    }
    return out.append("};\n").toString();
  }

  private static String layout() {
    CRC32 crc = new CRC32();
    for (StateField field : StateField.values()) {
      crc.update((field.cName() + ':' + field.type() + ';').getBytes(ShimGenerator.CHARSET));
    }
    return Long.toHexString(crc.getValue());
  }
}

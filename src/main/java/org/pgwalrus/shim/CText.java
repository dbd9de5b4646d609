package org.pgwalrus.shim;

import org.pgwalrus.backend.Setting;

/** How names and strings look in C. */
final class CText {

  private CText() {}

  /** The variable of a setting: its name with underscores. */
  static String variable(Setting setting) {
    return setting.name().replace('.', '_');
  }

  /** A string literal; only printable ASCII can appear in a declaration. */
  static String literal(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' ' || c > '~') {
        throw new IllegalArgumentException("not printable ASCII: " + text);
      }
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c);
    }
    return out.append('"').toString();
  }
}

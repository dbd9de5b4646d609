package org.pgwalrus.snapshot;

/** Names and texts as SQL writes them, with standard_conforming_strings. */
final class Sql {

  private Sql() {}

  static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  static String name(String schema, String name) {
    return identifier(schema) + "." + identifier(name);
  }

  static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}

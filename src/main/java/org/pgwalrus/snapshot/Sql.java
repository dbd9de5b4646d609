package org.pgwalrus.snapshot;

/** Names and texts as SQL writes them, with standard_conforming_strings. */
public final class Sql {

  private Sql() {}

  /** A name between quotes. */
  public static String identifier(String name) {
    return "\"" + name.replace("\"", "\"\"") + "\"";
  }

  /** A name with its schema. */
  public static String name(String schema, String name) {
    return identifier(schema) + "." + identifier(name);
  }

  /** A text between quotes. */
  public static String literal(String text) {
    return "'" + text.replace("'", "''") + "'";
  }
}

package org.pgwalrus.snapshot.dump;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What is in an archive of pg_dump, as {@code pg_restore --list} tells it.
 *
 * @param entries in the order in which they are restored
 */
public record SchemaArchive(List<Entry> entries) {

  private static final Set<String> OWN_EXTENSIONS = Set.of("steep_repl", "pg_walrus");

  /** pg_restore prints a space for each. */
  private static final Pattern LINE_BREAK = Pattern.compile("[\\n\\r]");

  private static final Pattern LINE = Pattern.compile("(\\d+); \\d+ \\d+ (.*)");

  /** The types of two words and more. */
  private static final Pattern TYPE =
      Pattern.compile(
          "(ACCESS METHOD|BLOB METADATA|CHECK CONSTRAINT|DATABASE PROPERTIES|DEFAULT ACL"
              + "|EVENT TRIGGER|FK CONSTRAINT|FOREIGN DATA WRAPPER|FOREIGN SERVER|FOREIGN TABLE"
              + "|INDEX ATTACH|MATERIALIZED VIEW DATA|MATERIALIZED VIEW|OPERATOR CLASS"
              + "|OPERATOR FAMILY|PROCEDURAL LANGUAGE|PUBLICATION TABLES IN SCHEMA"
              + "|PUBLICATION TABLE|ROW SECURITY|SECURITY LABEL|SEQUENCE OWNED BY|SEQUENCE SET"
              + "|SHELL TYPE|STATISTICS DATA|SUBSCRIPTION TABLE|TABLE ATTACH|TABLE DATA"
              + "|TEXT SEARCH CONFIGURATION|TEXT SEARCH DICTIONARY|TEXT SEARCH PARSER"
              + "|TEXT SEARCH TEMPLATE|USER MAPPING|[A-Z]+) (\\S+) (.*) (\\S*)");

  /**
   * One of them. Where names have spaces, what is schema, name and owner is a guess: the list does
   * not tell them apart.
   *
   * @param id its number in the archive
   * @param type such as {@code TABLE} or {@code FK CONSTRAINT}
   * @param schema {@code -} when it is in none
   * @param name of a comment or an ACL with the type of its object before it
   * @param owner empty when it has none
   */
  public record Entry(int id, String type, String schema, String name, String owner) {

    /** What the list has before the owner. */
    String text() {
      return schema + " " + name;
    }

    /** Whether it is about an extension that brings snapshots, or its schema. */
    boolean isOwn() {
      return switch (type) {
        case "EXTENSION" -> OWN_EXTENSIONS.contains(name);
        case "SCHEMA" -> SchemaChoice.OWN_SCHEMAS.contains(name);
        case "COMMENT", "ACL", "SECURITY LABEL" -> isAboutOwn(name);
        default -> false;
      };
    }

    private static boolean isAboutOwn(String object) {
      return OWN_EXTENSIONS.stream().map("EXTENSION "::concat).anyMatch(object::equals)
          || SchemaChoice.OWN_SCHEMAS.stream().map("SCHEMA "::concat).anyMatch(object::equals);
    }
  }

  /** Copies the list. */
  public SchemaArchive {
    entries = List.copyOf(entries);
  }

  /** Reads what {@code pg_restore --list} has printed, without what belongs to our extensions. */
  static SchemaArchive parse(String list) {
    return new SchemaArchive(
        list.lines()
            .map(LINE::matcher)
            .filter(Matcher::matches)
            .map(line -> entry(Integer.parseInt(line.group(1)), line.group(2)))
            .filter(entry -> !entry.isOwn())
            .toList());
  }

  private static Entry entry(int id, String text) {
    Matcher parts = TYPE.matcher(text);
    return parts.matches()
        ? new Entry(id, parts.group(1), parts.group(2), parts.group(3), parts.group(4))
        : new Entry(id, "", "-", text, "");
  }

  /**
   * The same without some foreign keys, each given as its schema, its table and its own name with
   * spaces between them, which is how the list has it.
   */
  SchemaArchive without(List<String> foreignKeys) {
    Set<Integer> left = new HashSet<>();
    foreignKeys.forEach(key -> left.addAll(find(LINE_BREAK.matcher(key).replaceAll(" "))));
    return new SchemaArchive(entries.stream().filter(entry -> !left.contains(entry.id())).toList());
  }

  /** The name of an owner has spaces too, perhaps. */
  private List<Integer> find(String foreignKey) {
    List<Entry> keys =
        entries.stream().filter(entry -> entry.type().equals("FK CONSTRAINT")).toList();
    List<Integer> exact = ids(keys, entry -> entry.text().equals(foreignKey));
    return exact.isEmpty() ? ids(keys, entry -> entry.text().startsWith(foreignKey + " ")) : exact;
  }

  private static List<Integer> ids(List<Entry> entries, Predicate<Entry> which) {
    return entries.stream().filter(which).map(Entry::id).toList();
  }

  /** For {@code pg_restore --use-list}: numbers are all that it reads. */
  String useList() {
    return entries.stream().map(entry -> entry.id() + ";\n").collect(Collectors.joining());
  }
}

package org.pgwalrus.snapshot.files;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names the files of a snapshot: {@code data/<schema>.<table>.csv}, in ASCII, at most 255 bytes,
 * and different also where the file system does not tell capital letters from small ones. The same
 * tables in the same order get the same names.
 */
public final class FileNames {

  /** The manifest, written last. */
  public static final String MANIFEST = "manifest.json";

  /** The checksum of the manifest, as {@code sha256sum} writes it. */
  public static final String MANIFEST_CHECKSUM = "manifest.sha256";

  /** The DDL of all that is in the snapshot, for readers. */
  public static final String SCHEMA = "schema.sql";

  /** The same as an archive of pg_dump, in its custom format. */
  public static final String SCHEMA_ARCHIVE = "schema.dump";

  /** The directory of data files. */
  static final String DATA = "data";

  /** How a file is called until it is whole. */
  static final String PARTIAL = ".partial";

  private static final String MARK_PREFIX = "owner.";
  private static final String DATA_PREFIX = DATA + "/";
  private static final String LARGE_OBJECTS = "large_objects";
  private static final String LONGEST_EXTENSION = ".csv.zst";

  /** Leaves room for a part's number, {@code .2147483647}. */
  private static final int LONGEST_BASE =
      RelativePath.LONGEST_NAME - LONGEST_EXTENSION.length() - PARTIAL.length() - 11;

  private static final String PLAIN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

  private static final Pattern MARK =
      Pattern.compile(Pattern.quote(MARK_PREFIX) + "([A-Za-z0-9_-]|%[0-9A-F]{2})+");

  private static final Pattern KNOWN =
      Pattern.compile(
          DATA
              + "|("
              + DATA_PREFIX
              + "[A-Za-z0-9_%~.-]+\\.csv(\\.gz|\\.lz4|\\.zst)?|"
              + "manifest\\.json|manifest\\.sha256|schema\\.sql|schema\\.dump)(\\.partial)?");

  private final Compression compression;
  private final Map<List<String>, String> bases = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  /** Names for one snapshot. */
  public FileNames(Compression compression) {
    this.compression = compression;
  }

  /** The file of a whole table, relative to the snapshot directory. */
  public String table(String schema, String table) {
    return DATA_PREFIX + base(schema, table) + compression.extension();
  }

  /**
   * The file of a part of a table that is split.
   *
   * @param number 1 or greater
   */
  public String part(String schema, String table, int number) {
    return DATA_PREFIX + base(schema, table) + "." + number + compression.extension();
  }

  /** The file of all large objects; no table's name has no dot. */
  public String largeObjects() {
    return DATA_PREFIX + LARGE_OBJECTS + compression.extension();
  }

  /** The file that tells for which snapshot a directory is being filled. */
  static String mark(String snapshotId) {
    return MARK_PREFIX + encode(snapshotId);
  }

  static boolean isMark(String name) {
    return MARK.matcher(name).matches();
  }

  /** The id of the snapshot whose mark it is. */
  static String marked(String mark) {
    return URLDecoder.decode(mark.substring(MARK_PREFIX.length()), StandardCharsets.UTF_8);
  }

  /** Whether a path in the snapshot directory is one that this class gives. */
  static boolean isKnown(String path) {
    return isMark(path) || KNOWN.matcher(path).matches();
  }

  private String base(String schema, String table) {
    return bases.computeIfAbsent(
        List.of(schema, table), key -> free(encode(schema) + "." + encode(table)));
  }

  /** The name itself, or with an ordinal when it is taken or too long. */
  private String free(String name) {
    if (name.length() <= LONGEST_BASE && take(name)) {
      return name;
    }
    for (int ordinal = 2; ; ordinal++) {
      String suffix = "~" + ordinal;
      String candidate = shorten(name, LONGEST_BASE - suffix.length()) + suffix;
      if (take(candidate)) {
        return candidate;
      }
    }
  }

  private boolean take(String name) {
    return taken.add(name.toLowerCase(Locale.ROOT));
  }

  /** Cuts a name, but never within an encoded byte. */
  private static String shorten(String name, int length) {
    if (name.length() <= length) {
      return name;
    }
    int escape = name.lastIndexOf('%', length - 1);
    return name.substring(0, escape > length - 3 ? escape : length);
  }

  private static String encode(String name) {
    StringBuilder encoded = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      if (isPlain(b)) {
        encoded.append((char) b);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", b));
      }
    }
    return encoded.toString();
  }

  private static boolean isPlain(byte b) {
    return PLAIN.indexOf(b) >= 0;
  }
}

package org.pgwalrus.snapshot.dump;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What pg_restore writes for psql. */
final class Script {

  /** In the header, since the minor versions of August 2025; its key is in no other line. */
  private static final Pattern RESTRICT =
      Pattern.compile("\\A(?:(?:--.*)?\\n)*?\\\\restrict (\\w+)\\n");

  private Script() {}

  /** The statements alone, which the server understands without psql. */
  static String statements(String script) {
    Matcher restrict = RESTRICT.matcher(script);
    if (!restrict.find()) {
      return script;
    }
    String end = "\\unrestrict " + restrict.group(1) + "\n";
    return script.substring(restrict.end()).replace(end, "");
  }
}

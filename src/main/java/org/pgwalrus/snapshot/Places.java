package org.pgwalrus.snapshot;

import java.nio.file.Path;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.Placement;

/** Where the role of a job may have snapshots. */
public final class Places {

  private static final String SETTING = "SELECT pg_catalog.current_setting($1)";
  private static final String MAY = "SELECT pg_catalog.pg_has_role($1, 'USAGE')";

  private Places() {}

  /**
   * Looks at the settings and the rights of the role.
   *
   * @param forFiles the predefined role that may use any directory
   * @throws JobException when the role may use none
   */
  public static Placement of(Session session, String path, String forFiles) {
    Path data = Path.of(setting(session, "data_directory"));
    String root = setting(session, "steep_repl.snapshot_directory");
    if (!root.isEmpty()) {
      return new Placement(data, Path.of(root));
    }
    if (!"t".equals(session.execute(MAY, forFiles))) {
      throw new JobException(
          "permission denied for snapshot path \""
              + path
              + "\" (SQLSTATE 42501)\nHINT: Only members of role \""
              + forFiles
              + "\" may choose any directory of the server; a superuser can set"
              + " steep_repl.snapshot_directory.");
    }
    return new Placement(data, null);
  }

  private static String setting(Session session, String name) {
    return String.valueOf(session.executeAsOwner(SETTING, name));
  }
}

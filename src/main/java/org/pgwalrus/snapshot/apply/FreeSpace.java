package org.pgwalrus.snapshot.apply;

import java.nio.file.Path;
import java.util.OptionalLong;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.files.DiskSpace;

/** Whether the disk of the job's database has room for rows. */
final class FreeSpace {

  private static final String PLACE =
      "SELECT coalesce(nullif(pg_catalog.pg_tablespace_location(dattablespace), ''),"
          + " pg_catalog.current_setting('data_directory'))"
          + " FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()";
  private static final String PROBLEM =
      "SELECT pg_catalog.format('rows of %s at least have no room in \"%s\", where %s are free',"
          + " pg_catalog.pg_size_pretty($1::bigint), $2, pg_catalog.pg_size_pretty($3::bigint))";

  private FreeSpace() {}

  /**
   * Looks whether rows fit. A table takes no less than about the text of its rows; tables may lie
   * in other tablespaces than the database's, so what is told is a guess that errs on the side of
   * going on.
   *
   * @param rows bytes of text
   * @param freed bytes of tables that are emptied first
   */
  static void look(Session session, long rows, long freed, Problems problems) {
    Path place = Path.of(String.valueOf(session.executeAsOwner(PLACE)));
    OptionalLong free = DiskSpace.free(place);
    if (free.isEmpty()) {
      session.log("how much is free in \"" + place + "\" is unknown");
    } else if (rows > free.getAsLong() + freed) {
      problems.add(
          "53100",
          session.execute(
              PROBLEM, String.valueOf(rows), place.toString(), String.valueOf(free.getAsLong())));
    }
  }
}

package org.pgwalrus.trials;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.snapshot.dump.SchemaRestore;
import org.pgwalrus.snapshot.dump.SchemaRestore.Mode;
import org.pgwalrus.snapshot.dump.SchemaRestore.Section;
import org.pgwalrus.snapshot.files.ManifestFile;
import org.pgwalrus.snapshot.files.Placement;
import org.pgwalrus.snapshot.files.SnapshotDirectory;

/** Restores the schema of a snapshot. */
final class Restores {

  private static final String DATA = "SELECT current_setting('data_directory')";

  private Restores() {}

  /** "SECTION JOBS KEEP-OWNERS PATH". */
  static void perform(Session session, String argument) {
    String[] words = argument.split(" ", 4);
    Placement placement = new Placement(Path.of(session.executeAsOwner(DATA)), null);
    try (SnapshotDirectory snapshot = SnapshotDirectory.open(words[3], placement);
        SchemaRestore restore =
            new SchemaRestore(
                session,
                snapshot,
                ManifestFile.read(snapshot).manifest().schemaArchive(),
                List.of())) {
      Set<Mode> modes = Boolean.parseBoolean(words[2]) ? Set.of() : Set.of(Mode.WITHOUT_OWNERS);
      switch (Section.valueOf(words[0])) {
        case PRE_DATA -> restore.startPreData(modes, "");
        case POST_DATA -> restore.startPostData(modes, Integer.parseInt(words[1]));
      }
      while (restore.step()) {
        session.checkPoint();
      }
    }
  }
}

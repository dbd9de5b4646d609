package org.pgwalrus.snapshot.apply;

import java.util.Set;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Stage;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.dump.SchemaRestore;
import org.pgwalrus.snapshot.dump.SchemaRestore.Mode;
import org.pgwalrus.snapshot.dump.SchemaRestore.Section;
import org.pgwalrus.snapshot.files.Manifest;

/** A section of the schema on its way into the database; another try leaves it out. */
final class SchemaStep implements Stage.Step {

  private final SchemaRestore schema;
  private final Section section;
  private final int jobs;
  private final Set<Mode> modes;
  private final Target target;
  private final String note;
  private boolean isDone;
  private boolean isRunning;

  /**
   * A section that has not begun.
   *
   * @param isDone whether an earlier try has restored it
   * @param note the statement that writes down that it is restored
   */
  SchemaStep(
      SchemaRestore schema,
      Section section,
      int jobs,
      Set<Mode> modes,
      boolean isDone,
      Target target,
      String note) {
    this.schema = schema;
    this.section = section;
    this.jobs = jobs;
    this.modes = modes;
    this.isDone = isDone;
    this.target = target;
    this.note = note;
  }

  /** What is written down in the place of a file. */
  static String mark(Manifest manifest, Section section) {
    String archive = manifest.schemaArchive() == null ? "" : manifest.schemaArchive().file();
    return archive + " " + section;
  }

  /** The statement that writes it down. */
  static String written(long job, Manifest manifest, Section section) {
    return "INSERT INTO steep_repl.applied_files (work_queue_id, file, row_count) VALUES ("
        + job
        + ", "
        + Sql.literal(mark(manifest, section))
        + ", 0)";
  }

  @Override
  public boolean run(Progress progress) {
    if (isDone) {
      return false;
    }
    if (!isRunning) {
      progress.table("");
      start();
      isRunning = true;
    }
    if (schema.step()) {
      return true;
    }
    if (section == Section.POST_DATA) {
      target.rows(note);
    }
    isDone = true;
    return false;
  }

  private void start() {
    switch (section) {
      case PRE_DATA -> schema.startPreData(modes, note);
      case POST_DATA -> schema.startPostData(modes, jobs);
    }
  }
}

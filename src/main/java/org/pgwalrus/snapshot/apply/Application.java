package org.pgwalrus.snapshot.apply;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Streams;
import org.pgwalrus.snapshot.FileFailures;
import org.pgwalrus.snapshot.Places;
import org.pgwalrus.snapshot.dump.SchemaRestore;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.ManifestFile;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;

/**
 * The application of one snapshot. What is loaded is kept when it fails, for the next try; what was
 * set aside is put back.
 */
final class Application implements Job {

  private static final String FILE_ROLE = "pg_read_server_files";
  private static final String PUT_BACK = "SELECT steep_repl.put_back($1::bigint)";

  private final Session session;
  private @Nullable SnapshotDirectory directory;
  private @Nullable TableLoads loads;
  private @Nullable SchemaRestore schema;

  Application(Session session) {
    this.session = session;
  }

  @Override
  public Plan plan() {
    return FileFailures.told(this::begin);
  }

  private Plan begin() {
    ApplyRequest request = ApplyRequest.of(session);
    SnapshotDirectory opened =
        SnapshotDirectory.open(request.path(), Places.of(session, request.path(), FILE_ROLE));
    directory = opened;
    Manifest manifest = read(opened, request.snapshotId());
    Target target = new Target(session.copiers(), Streams.open(session));
    Set<String> loaded =
        Set.copyOf(target.texts("SELECT steep_repl.files_applied(" + session.id() + ")"));
    TableLoads planned = new TableLoads(session.copiers(), manifest, loaded);
    loads = planned;
    if (request.createSchema()) {
      schema = new SchemaRestore(session, opened, archive(manifest), manifest.excluded());
      manifest.excluded().stream()
          .filter(Manifest.Excluded::isForeignKey)
          .forEach(key ->
              session.log(key.schema() + "." + key.name() + " is not created: " + key.reason()));
    }
    return new Itinerary(session, request, opened, manifest, target, loaded, planned, schema)
        .plan();
  }

  private static StoredFile archive(Manifest manifest) {
    StoredFile archive = manifest.schemaArchive();
    if (archive == null) {
      throw new JobException(
          "snapshot \""
              + manifest.snapshotId()
              + "\" has no schema (SQLSTATE 55000)\n"
              + "HINT: Create the tables, and apply it without p_create_schema.");
    }
    return archive;
  }

  private static Manifest read(SnapshotDirectory directory, String snapshotId) {
    Manifest manifest = ManifestFile.read(directory).manifest();
    if (!manifest.snapshotId().equals(snapshotId)) {
      throw new JobException(
          "directory \""
              + directory.path()
              + "\" has snapshot \""
              + manifest.snapshotId()
              + "\" instead of \""
              + snapshotId
              + "\" (SQLSTATE SR003)");
    }
    return manifest;
  }

  @Override
  public void undo() {
    if (loads != null) {
      loads.close();
    }
    if (schema != null) {
      schema.close();
    }
    if (directory != null) {
      directory.close();
    }
    String left = session.execute(PUT_BACK, String.valueOf(session.id()));
    if (left != null) {
      throw new JobException(
          "foreign keys are still missing: "
              + left
              + "\nHINT: Mend what is said and call steep_repl.restore_constraints("
              + session.id()
              + ").");
    }
  }
}

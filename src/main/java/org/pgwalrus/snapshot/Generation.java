package org.pgwalrus.snapshot;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;
import org.pgwalrus.jobs.Streams;
import org.pgwalrus.snapshot.dump.SchemaExport;
import org.pgwalrus.snapshot.files.FileNames;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.ManifestFile;
import org.pgwalrus.snapshot.files.Placement;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.SnapshotFileException;

/** The generation of one snapshot: schema, data, sequences, and last of all the manifest. */
final class Generation implements Job {

  private static final String FILE_ROLE = "pg_write_server_files";
  private static final String BEGIN = "SELECT steep_repl.begin_directory($1::bigint, $2::boolean)";
  private static final String RECORD = "SELECT steep_repl.record_snapshot($1::bigint, $2, $3)";
  private static final String SOURCE_NODE =
      "SELECT source_node_id FROM steep_repl.snapshots WHERE snapshot_id = $1";
  private static final String WITHDRAW = "SELECT steep_repl.withdraw_snapshot($1)";
  private static final String BEGUN =
      "SELECT storage_path FROM steep_repl.snapshots WHERE snapshot_id = $1 AND directory_begun";
  private static final String VERSION = "SELECT steep_repl.version()";

  private final Session session;
  private final List<SourceTable> tables = new ArrayList<>();
  private final List<Manifest.Excluded> excluded = new ArrayList<>();
  private final Instant begun = Instant.now().truncatedTo(ChronoUnit.MICROS);
  private Map<List<String>, String> fingerprints = Map.of();
  private List<Manifest.Sequence> sequences = List.of();
  private @Nullable SnapshotRequest request;
  private @Nullable SnapshotDirectory directory;
  private @Nullable SnapshotSource source;
  private @Nullable TableCopies copies;
  private @Nullable SchemaExport schema;
  private @Nullable VacuumWarning vacuumWarning;
  private int streams;
  private boolean complete;
  private boolean recorded;

  Generation(Session session) {
    this.session = session;
  }

  @Override
  public Plan plan() {
    return FileFailures.told(this::begin);
  }

  private static Stage stage(Phase phase, int weight, long units, Stage.Step step) {
    return new Stage(phase, weight, units, progress -> FileFailures.told(() -> step.run(progress)));
  }

  private Plan begin() {
    SnapshotRequest wanted = SnapshotRequest.of(session);
    request = wanted;
    wanted.compression().load();
    directory = makeDirectory(wanted);
    SnapshotSource opened = SnapshotSource.open(session, wanted);
    source = opened;
    vacuumWarning = new VacuumWarning(System.nanoTime(), session::warn);
    SchemaExport export = startExport(opened);
    opened.readTables(tables, excluded, export::step);
    for (Manifest.Excluded left : excluded) {
      session.log(left.schema() + "." + left.name() + " is left out: " + left.reason());
    }
    List<Part> parts = Parts.of(tables, wanted.parallel());
    streams = Math.min(wanted.parallel(), parts.size());
    copies =
        new TableCopies(
            session,
            directory,
            wanted,
            parts,
            new FileNames(wanted.compression()),
            String.valueOf(session.execute("SELECT current_setting('server_encoding')")));
    long bytes = tables.stream().mapToLong(SourceTable::bytes).sum();
    return new Plan(
        tables.size(),
        0,
        bytes,
        List.of(
            stage(Phase.SCHEMA, 5, 1, this::prepare),
            stage(Phase.DATA, 85, bytes, this::copy),
            stage(Phase.SEQUENCES, 5, 1, this::readSequences),
            stage(Phase.FINALIZING, 5, 1, this::finish)));
  }

  /** It is written down before it is there, lest a crash leaves one that nobody knows of. */
  private SnapshotDirectory makeDirectory(SnapshotRequest wanted) {
    Placement placement = Places.of(session, wanted.path(), FILE_ROLE);
    try {
      return SnapshotDirectory.create(
          wanted.path(), placement, wanted.snapshotId(), () -> note(true));
    } catch (SnapshotFileException e) {
      if (e.isRefusal()) {
        takeBack();
      }
      throw e;
    }
  }

  /** Where that fails too, the undo finds nothing of the job's own. */
  private void takeBack() {
    try {
      note(false);
    } catch (RuntimeException e) {
      session.warn("could not write down that no directory was made: " + e.getMessage());
    }
  }

  private void note(boolean begun) {
    if (!"t"
        .equals(
            session.executeAsOwner(BEGIN, String.valueOf(session.id()), String.valueOf(begun)))) {
      throw new JobException("the job is not running any more");
    }
  }

  /** Starts pg_dump, which goes on while tables are read and rows copied. */
  private SchemaExport startExport(SnapshotSource from) {
    SchemaExport export =
        SchemaExport.start(
            session,
            require(directory),
            from.openMember(),
            from.snapshotName(),
            SchemaChoices.of(session));
    schema = export;
    return export;
  }

  private boolean prepare(Progress progress) {
    openStreams();
    require(source).startFingerprints();
    progress.advance(1);
    return false;
  }

  private void openStreams() {
    TableCopies to = require(copies);
    to.open(require(source).openStreams(streams - to.streams()));
  }

  private boolean copy(Progress progress) {
    require(vacuumWarning).check(System.nanoTime());
    boolean exporting = require(schema).step();
    if (!exporting && !complete) {
      // pg_dump has given its worker back.
      openStreams();
      Streams.check(session, require(copies).streams(), streams);
      complete = true;
    }
    boolean copying = require(copies).step(progress);
    if (exporting || copying) {
      session.copiers().workOrWait();
    }
    return exporting || copying;
  }

  private boolean readSequences(Progress progress) {
    progress.table("");
    fingerprints = require(source).endFingerprints();
    sequences = require(source).readSequences();
    return false;
  }

  private boolean finish(Progress progress) {
    if (recorded) {
      require(directory).release(session.operationId());
      require(directory).close();
      return false;
    }
    String slot = require(source).keepSlot();
    ManifestFile written = ManifestFile.write(require(directory), manifest(slot));
    session.executeAsOwner(
        RECORD,
        String.valueOf(session.id()),
        written.checksum(),
        SnapshotFacts.json(written.manifest()));
    recorded = true;
    return true;
  }

  private Manifest manifest(@Nullable String slot) {
    SnapshotRequest wanted = require(request);
    SnapshotSource from = require(source);
    return new Manifest(
        Manifest.FORMAT,
        wanted.snapshotId(),
        String.valueOf(session.execute(SOURCE_NODE, wanted.snapshotId())),
        from.lsn(),
        from.isExact(),
        slot,
        from.publication(),
        begun,
        String.valueOf(session.execute("SELECT current_database()")),
        Math.toIntExact(session.number("SELECT current_setting('server_version_num')")),
        require(copies).encoding(),
        String.valueOf(session.execute(VERSION)),
        wanted.compression(),
        wanted.parallel(),
        require(require(schema).sql()),
        require(require(schema).archive()),
        require(copies).tables(tables, fingerprints),
        sequences,
        null,
        excluded);
  }

  private static <T> T require(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the job has no plan");
    }
    return value;
  }

  @Override
  public void undo() {
    FileFailures.told(this::clear);
  }

  private boolean clear() {
    if (copies != null) {
      copies.abandon();
    }
    if (schema != null) {
      schema.close();
    }
    if (directory != null) {
      directory.close();
    }
    SnapshotSource.dropSlot(session, session.operationId());
    String path = session.executeAsOwner(BEGUN, session.operationId());
    if (path != null && !SnapshotDirectory.isGone(path)) {
      remove(path);
    }
    // Last, as by what is recorded another try knows a directory without a mark.
    session.executeAsOwner(WITHDRAW, session.operationId());
    return true;
  }

  /** Only what the job has made itself; what made it fail may be what lies there. */
  private void remove(String path) {
    try (SnapshotDirectory found =
        SnapshotDirectory.open(path, Places.of(session, path, FILE_ROLE))) {
      if (!OwnDirectory.remove(session, found, () -> {})) {
        found.release(session.operationId());
      }
    }
  }
}

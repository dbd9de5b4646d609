package org.pgwalrus.snapshot.apply;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;
import org.pgwalrus.jobs.Streams;
import org.pgwalrus.snapshot.FileFailures;
import org.pgwalrus.snapshot.Sql;
import org.pgwalrus.snapshot.dump.SchemaRestore;
import org.pgwalrus.snapshot.dump.SchemaRestore.Mode;
import org.pgwalrus.snapshot.dump.SchemaRestore.Section;
import org.pgwalrus.snapshot.files.Manifest;
import org.pgwalrus.snapshot.files.SnapshotDirectory;
import org.pgwalrus.snapshot.files.StoredFile;

/** The way of one application: first all that could stand against it, then stage by stage. */
final class Itinerary {

  private static final String RECORD = "SELECT steep_repl.record_application($1::bigint, $2)";

  /** Of databases that take the characters of any other. */
  private static final Set<String> ALL_CHARACTERS = Set.of("UTF8", "SQL_ASCII");

  private final Session session;
  private final ApplyRequest request;
  private final SnapshotDirectory directory;
  private final Manifest manifest;
  private final Target target;
  private final Set<String> loaded;
  private final TableLoads loads;
  private final TargetTables tables;
  private final @Nullable SchemaRestore schema;
  private final List<Copier> streams = new ArrayList<>();

  Itinerary(
      Session session,
      ApplyRequest request,
      SnapshotDirectory directory,
      Manifest manifest,
      Target target,
      Set<String> loaded,
      TableLoads loads,
      @Nullable SchemaRestore schema) {
    this.session = session;
    this.request = request;
    this.directory = directory;
    this.manifest = manifest;
    this.target = target;
    this.loaded = loaded;
    this.loads = loads;
    this.schema = schema;
    tables = new TargetTables(target, manifest.tables());
  }

  /** Looks at everything, changes nothing. */
  Plan plan() {
    Problems problems = new Problems();
    lookAtEncoding(problems);
    if (schema != null && !isRestored(Section.PRE_DATA)) {
      NewSchema.look(target, manifest, schema.archive(), !request.noOwner(), problems);
    } else {
      tables.look(loaded, request.truncate(), problems);
      Sequences.look(target, manifest.sequences(), problems);
    }
    if (request.sourceNode() != null) {
      lookAtSource(problems);
    }
    FreeSpace.look(session, loads.bytes(), request.truncate() ? tables.bytes() : 0, problems);
    problems.check(
        "snapshot \"" + manifest.snapshotId() + "\" cannot be applied",
        "Nothing was changed. Mend what is listed and apply it again.");
    return new Plan(loads.tables(), loads.rows(), loads.bytes(), stages());
  }

  private List<Stage> stages() {
    List<Stage> stages = new ArrayList<>();
    if (request.verify()) {
      stages.add(stage(Phase.VERIFY, 10, storedBytes(), this::verify));
    }
    if (schema == null) {
      stages.add(stage(Phase.SCHEMA, 1, 1, this::setAside));
    } else if (isBuiltAgain()) {
      stages.add(stage(Phase.SCHEMA, 1, 1, this::makeRoom));
    } else {
      stages.add(stage(Phase.SCHEMA, 4, 1, restore(schema, Section.PRE_DATA)));
    }
    stages.add(stage(Phase.DATA, 60, loads.bytes(), this::load));
    if (schema == null) {
      stages.add(
          stage(Phase.CONSTRAINTS, 10, 1, tasks(() -> ForeignKeys.tasks(target, session.id()))));
    } else {
      stages.add(stage(Phase.INDEXES, 20, 1, restore(schema, Section.POST_DATA)));
    }
    stages.add(stage(Phase.SEQUENCES, 1, 1, this::setSequences));
    if (schema != null) {
      stages.add(
          stage(Phase.FINALIZING, 2, 1, tasks(() -> Views.tasks(target, manifest.excluded()))));
    }
    if (request.analyze()) {
      stages.add(
          stage(
              Phase.FINALIZING,
              5,
              manifest.tables().size(),
              tasks(() -> Statistics.tasks(manifest.tables()))));
    }
    stages.add(stage(Phase.FINALIZING, 1, 1, this::finish));
    return stages;
  }

  private static Stage stage(Phase phase, int weight, long units, Stage.Step step) {
    return new Stage(phase, weight, units, progress -> FileFailures.told(() -> step.run(progress)));
  }

  private Stage.Step tasks(Supplier<List<Tasks.Task>> source) {
    return new TaskStep(
        session.copiers(),
        streams,
        () -> {
          openStreams();
          return source.get();
        });
  }

  private void openStreams() {
    if (streams.isEmpty()) {
      streams.addAll(
          Streams.openAsynchronous(
              session, Math.clamp(manifest.dataFiles().size(), 1, request.parallel())));
    }
  }

  /** Others need the workers. */
  private void closeStreams() {
    streams.forEach(session.copiers()::close);
    streams.clear();
  }

  private Stage.Step restore(SchemaRestore archive, Section section) {
    return new SchemaStep(
        archive,
        section,
        request.parallel(),
        modes(section),
        isRestored(section),
        target,
        SchemaStep.written(session.id(), manifest, section));
  }

  private Set<Mode> modes(Section section) {
    Set<Mode> modes = EnumSet.noneOf(Mode.class);
    if (request.noOwner()) {
      modes.add(Mode.WITHOUT_OWNERS);
    }
    if (section == Section.POST_DATA && isBuiltAgain()) {
      modes.add(Mode.ANEW);
    }
    return modes;
  }

  /** Whether an earlier try has come to the second section, perhaps, and not to its end. */
  private boolean isBuiltAgain() {
    return isRestored(Section.PRE_DATA) && !isRestored(Section.POST_DATA);
  }

  private boolean isRestored(Section section) {
    return loaded.contains(SchemaStep.mark(manifest, section));
  }

  private long storedBytes() {
    return manifest.files().stream()
        .mapToLong(StoredFile::sizeBytes)
        .filter(size -> size != StoredFile.UNKNOWN)
        .sum();
  }

  private boolean verify(Progress progress) {
    Checksums.verify(session, directory, manifest, request.parallel(), progress);
    return false;
  }

  /** Tables that an earlier try has begun to load were emptied by it. */
  private boolean setAside(Progress progress) {
    boolean empties = request.truncate() && loaded.isEmpty();
    tables.setAside(session.id(), empties ? manifest.tables() : List.of());
    return false;
  }

  private boolean makeRoom(Progress progress) {
    tables.dropPartitionedKeys();
    return false;
  }

  private boolean load(Progress progress) {
    if (!loads.isOpen()) {
      openStreams();
      loads.open(
          new Stream.Context(
              session.id(),
              loads.threads(),
              directory,
              manifest.compression(),
              manifest.encoding(),
              request.truncate() || request.createSchema()),
          streams);
    }
    if (loads.step(progress)) {
      return true;
    }
    closeStreams();
    return false;
  }

  private boolean setSequences(Progress progress) {
    progress.table("");
    target.rows("SELECT steep_repl.put_triggers_back(" + session.id() + ")");
    Sequences.set(target, manifest);
    return false;
  }

  private boolean finish(Progress progress) {
    progress.table("");
    String subscription = request.sourceNode() == null ? null : subscribe();
    session.executeAsOwner(
        RECORD,
        String.valueOf(session.id()),
        String.format(
            "{\"tables\":%d,\"rows\":%d%s}",
            manifest.tables().size(),
            manifest.tables().stream().mapToLong(Manifest.Table::rowCount).sum(),
            subscription == null ? "" : ",\"subscription\":" + Json.text(subscription)));
    if (schema != null) {
      schema.close();
    }
    directory.close();
    return false;
  }

  /** Whether the database has all characters that the snapshot may have. */
  private void lookAtEncoding(Problems problems) {
    String own = String.valueOf(session.execute("SELECT current_setting('server_encoding')"));
    boolean isTold = !manifest.encoding().isEmpty();
    if (isTold && !own.equals(manifest.encoding()) && !ALL_CHARACTERS.contains(own)) {
      problems.add(
          "22P05",
          "the encoding of the snapshot is "
              + manifest.encoding()
              + ", and of the database "
              + own
              + ", which does not have all of its characters");
    }
  }

  private void lookAtSource(Problems problems) {
    target
        .rows(
            "SELECT p.code, p.problem FROM steep_repl.subscription_problems("
                + String.join(", ", String.valueOf(session.id()), slot(), lsn())
                + ") AS p")
        .forEach(row -> problems.add(row.get(0), row.get(1)));
  }

  private String subscribe() {
    return target
        .texts(
            "SELECT steep_repl.subscribe("
                + String.join(
                    ", ",
                    String.valueOf(session.id()),
                    slot(),
                    Sql.literal(String.valueOf(manifest.publication())),
                    lsn())
                + ")")
        .getFirst();
  }

  private String slot() {
    return Sql.literal(String.valueOf(manifest.slotName()));
  }

  private String lsn() {
    return Sql.literal(manifest.lsn()) + "::pg_lsn";
  }
}

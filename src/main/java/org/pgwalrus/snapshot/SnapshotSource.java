package org.pgwalrus.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Copier;
import org.pgwalrus.jobs.Copiers;
import org.pgwalrus.jobs.JobException;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Streams;
import org.pgwalrus.snapshot.files.Manifest;

/**
 * The database at one instant: sessions that all see the same snapshot, in a lock group whose
 * leader holds the tables, so that nobody drops or rewrites one of them meanwhile.
 */
final class SnapshotSource {

  private static final String MAY_REPLICATE =
      "SELECT current_setting('wal_level') = 'logical' AND (rolreplication OR rolsuper)"
          + " FROM pg_catalog.pg_roles WHERE rolname = current_user";
  private static final String CHECK_REPLICATION = "SELECT steep_repl.check_replication()";
  private static final String PUBLISH = "SELECT steep_repl.publish_snapshot($1::bigint)";
  private static final String DROP_SLOT =
      "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_catalog.pg_replication_slots"
          + " WHERE slot_name = $1 AND NOT active";
  private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

  /** Of the leader, which lasts as long as there is something to copy. */
  private static final String EXPORT = "SELECT pg_export_snapshot()";

  /** Rows that a policy hides must not be missing without a word. */
  private static final String ALL_ROWS = "SET LOCAL row_security = off";

  private static final String FINGERPRINTS =
      "SELECT table_schema, table_name, fingerprint FROM steep_repl.table_fingerprints()";

  private static final String CHECK_NAMES =
      "SELECT steep_repl.check_snapshot_names(w.params) FROM steep_repl.work_queue AS w"
          + " WHERE w.id = ";
  private static final String HOLLOW_VIEWS =
      "SELECT n.nspname, c.relname FROM steep_repl.work_queue AS w, pg_catalog.pg_class AS c"
          + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
          + " WHERE c.relkind = 'm' AND NOT c.relispopulated"
          + " AND steep_repl.is_chosen_schema(n.nspname, w.params) AND w.id = ";

  private static final String LOST_FOREIGN_KEYS =
      "SELECT k.table_schema, k.table_name, k.constraint_name, k.refers_to"
          + " FROM steep_repl.work_queue AS w, steep_repl.lost_foreign_keys(w.params) AS k"
          + " WHERE w.id = ";

  /** In one statement: a statement has its limits too. */
  private static final int TABLES_AT_ONCE = 200;

  private final Session session;
  private final Copiers copiers;
  private final Copier leader;
  private final int leaderPid;
  private @Nullable Copier slot;
  private @Nullable String slotName;
  private @Nullable String publication;
  private String snapshot = "";
  private String lsn = "";

  private SnapshotSource(Session session) {
    this.session = session;
    copiers = session.copiers();
    leader = Streams.open(session);
    leaderPid = Integer.parseInt(first(leader, "SELECT pg_backend_pid()"));
    leader.lead();
    copiers.await(leader);
    leader.check();
  }

  /** Takes the snapshot. */
  static SnapshotSource open(Session session, SnapshotRequest request) {
    SnapshotSource source = new SnapshotSource(session);
    if (request.keepSlot()) {
      session.execute(CHECK_REPLICATION);
    }
    if ("t".equals(session.execute(MAY_REPLICATE))) {
      source.exportSlot(request);
    } else {
      session.log("the role has no replication slot: lsn is not exact");
      source.export();
    }
    return source;
  }

  private List<List<@Nullable String>> rows(Copier copier, String sql) {
    return rows(copier, sql, () -> {});
  }

  private List<List<@Nullable String>> rows(Copier copier, String sql, Runnable meanwhile) {
    copier.run(sql);
    copiers.await(copier, meanwhile);
    return copier.rows();
  }

  private String first(Copier copier, String sql) {
    return String.valueOf(rows(copier, sql).getFirst().getFirst());
  }

  private void exportSlot(SnapshotRequest request) {
    if (request.keepSlot()) {
      publication = session.execute(PUBLISH, String.valueOf(session.id()));
    }
    Copier exporter = Streams.open(session);
    String name = slotName(request.snapshotId());
    exporter.exportSlot(name);
    copiers.await(exporter);
    List<@Nullable String> made = exporter.rows().getFirst();
    snapshot = String.valueOf(made.get(0));
    lsn = String.valueOf(made.get(1));
    slotName = name;
    begin(leader);
    snapshot = first(leader, EXPORT);
    if (request.keepSlot()) {
      slot = exporter;
    } else {
      copiers.close(exporter);
    }
  }

  private static String slotName(String snapshotId) {
    return "steep_" + snapshotId.replaceAll("[^a-z0-9_]", "_");
  }

  /** Drops what {@link #keepSlot()} has kept for a snapshot that comes to nothing. */
  static void dropSlot(Session session, String snapshotId) {
    session.execute(DROP_SLOT, slotName(snapshotId));
  }

  private void export() {
    lsn = first(leader, "SELECT pg_current_wal_insert_lsn()");
    rows(leader, BEGIN);
    snapshot = first(leader, EXPORT);
  }

  private void begin(Copier copier) {
    rows(copier, BEGIN);
    rows(copier, "SET TRANSACTION SNAPSHOT " + Sql.literal(snapshot));
  }

  /** Opens a session whose locks are no obstacle to the others, nor theirs to it. */
  Copier openMember() {
    return join(Streams.open(session));
  }

  private Copier join(Copier copier) {
    copier.join(leaderPid);
    copiers.await(copier);
    copier.check();
    return copier;
  }

  /** Opens as many streams as there are workers to spare, none perhaps. */
  List<Copier> openStreams(int wanted) {
    List<Copier> streams = Streams.openSpare(session, wanted);
    for (Copier stream : streams) {
      begin(join(stream));
      rows(stream, ALL_ROWS);
    }
    return streams;
  }

  /** The position in the WAL that the snapshot shows. */
  String lsn() {
    return lsn;
  }

  /** Whether that is the beginning of a slot's changes. */
  boolean isExact() {
    return slotName != null;
  }

  /** The name that others import the snapshot by. */
  String snapshotName() {
    return snapshot;
  }

  /** What whoever follows the slot subscribes to, null when there is none. */
  @Nullable String publication() {
    return publication;
  }

  /** Makes the slot last; its name, null when there is none. */
  @Nullable String keepSlot() {
    if (slot == null) {
      return null;
    }
    slot.keepSlot();
    copiers.await(slot);
    slot.check();
    return slotName;
  }

  /**
   * The tables, which are held from now on, and what is left out. Sizes are of just before that,
   * and no more than a hint how to divide a table.
   *
   * @param meanwhile what else the main thread does while it waits
   */
  void readTables(List<SourceTable> tables, List<Manifest.Excluded> excluded, Runnable meanwhile) {
    // Tables may have been renamed since the job was queued.
    rows(leader, CHECK_NAMES + session.id(), meanwhile);
    String sql =
        "SELECT t.table_schema, t.table_name, t.excluded, t.relation,"
            + hexadecimal("t.columns")
            + hexadecimal("steep_repl.column_types(t.relation)")
            + " CASE WHEN t.excluded IS NULL THEN coalesce(pg_table_size(t.relation), 0) END,"
            + " CASE WHEN t.excluded IS NULL THEN coalesce(pg_relation_size(t.relation), 0)"
            + " / current_setting('block_size')::bigint END, t.splittable"
            + " FROM steep_repl.work_queue AS w, steep_repl.snapshot_tables(w.params) AS t"
            + " WHERE w.id = "
            + session.id();
    List<String> relations = new ArrayList<>();
    for (List<@Nullable String> row : rows(leader, sql, meanwhile)) {
      String schema = String.valueOf(row.get(0));
      String name = String.valueOf(row.get(1));
      String reason = row.get(2);
      if (reason == null) {
        tables.add(
            new SourceTable(
                schema,
                name,
                texts(row.get(4)),
                texts(row.get(5)),
                Long.parseLong(String.valueOf(row.get(6))),
                Long.parseLong(String.valueOf(row.get(7))),
                "t".equals(row.get(8))));
        relations.add(String.valueOf(row.get(3)));
      } else {
        excluded.add(new Manifest.Excluded(schema, name, reason));
      }
    }
    excludeLargeObjects(excluded);
    for (List<@Nullable String> row : rows(leader, LOST_FOREIGN_KEYS + session.id(), meanwhile)) {
      excluded.add(
          Manifest.Excluded.foreignKey(
              String.valueOf(row.get(0)),
              String.valueOf(row.get(1)),
              String.valueOf(row.get(2)),
              String.valueOf(row.get(3))));
    }
    for (List<@Nullable String> row : rows(leader, HOLLOW_VIEWS + session.id(), meanwhile)) {
      excluded.add(
          Manifest.Excluded.hollowView(String.valueOf(row.get(0)), String.valueOf(row.get(1))));
    }
    lock(tables, meanwhile);
    requireUnchanged(relations, meanwhile);
  }

  /** What was emptied or rewritten between the snapshot and the locks shows no rows to it. */
  private void requireUnchanged(List<String> relations, Runnable meanwhile) {
    // The row of the catalog is of the snapshot, the functions look at the table as it is now.
    String changed =
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class AS c"
            + " JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace"
            + " WHERE (c.relfilenode, c.oid) IS DISTINCT FROM (pg_relation_filenode(c.oid),"
            + " to_regclass(format('%I.%I', n.nspname, c.relname))::oid) AND c.oid = ANY ('{"
            + String.join(",", relations)
            + "}') ORDER BY 1 LIMIT 10";
    List<String> names =
        rows(leader, changed, meanwhile).stream()
            .map(row -> String.valueOf(row.getFirst()))
            .toList();
    if (!names.isEmpty()) {
      throw new JobException(
          "tables were emptied, rewritten or created again while the snapshot began: "
              + String.join(", ", names)
              + " (SQLSTATE 40001)\nHINT: Take the snapshot again.");
    }
  }

  private void excludeLargeObjects(List<Manifest.Excluded> excluded) {
    String count = first(leader, "SELECT count(*) FROM pg_largeobject_metadata");
    if (!count.equals("0")) {
      excluded.add(new Manifest.Excluded("pg_catalog", "pg_largeobject", count + " large objects"));
    }
  }

  /** The texts of an array in a form that needs no quotes. */
  private static String hexadecimal(String array) {
    return " (SELECT string_agg(encode(convert_to(a.text, 'UTF8'), 'hex'), ' ' ORDER BY a.n)"
        + " FROM unnest("
        + array
        + ") WITH ORDINALITY AS a(text, n)),";
  }

  private static List<String> texts(@Nullable String hexadecimal) {
    List<String> texts = new ArrayList<>();
    if (hexadecimal != null) {
      for (String text : hexadecimal.split(" ", -1)) {
        texts.add(new String(HexFormat.of().parseHex(text), UTF_8));
      }
    }
    return texts;
  }

  /** Begins to compute the fingerprints of all tables, while others copy their rows. */
  void startFingerprints() {
    leader.run(FINGERPRINTS);
  }

  /** The fingerprints that were begun, by schema and name of the table. */
  Map<List<String>, String> endFingerprints() {
    copiers.await(leader);
    Map<List<String>, String> fingerprints = new HashMap<>();
    for (List<@Nullable String> row : leader.rows()) {
      fingerprints.put(
          List.of(String.valueOf(row.get(0)), String.valueOf(row.get(1))),
          String.valueOf(row.get(2)));
    }
    return fingerprints;
  }

  /** Holds tables against being dropped, rewritten or emptied. */
  private void lock(List<SourceTable> tables, Runnable meanwhile) {
    for (int i = 0; i < tables.size(); i += TABLES_AT_ONCE) {
      String some =
          tables.subList(i, Math.min(tables.size(), i + TABLES_AT_ONCE)).stream()
              .map(table -> "ONLY " + Sql.name(table.schema(), table.name()))
              .collect(joining(", "));
      rows(leader, "LOCK TABLE " + some + " IN ACCESS SHARE MODE", meanwhile);
    }
  }

  /** The values of the sequences. */
  List<Manifest.Sequence> readSequences() {
    String sql =
        "SELECT s.sequence_schema, s.sequence_name FROM steep_repl.work_queue AS w,"
            + " steep_repl.snapshot_sequences(w.params) AS s WHERE w.id = "
            + session.id();
    List<List<@Nullable String>> names = rows(leader, sql);
    List<Manifest.Sequence> sequences = new ArrayList<>();
    for (int i = 0; i < names.size(); i += TABLES_AT_ONCE) {
      String union =
          names.subList(i, Math.min(names.size(), i + TABLES_AT_ONCE)).stream()
              .map(SnapshotSource::valueOf)
              .collect(joining(" UNION ALL "));
      for (List<@Nullable String> row : rows(leader, union)) {
        sequences.add(
            new Manifest.Sequence(
                String.valueOf(row.get(0)),
                String.valueOf(row.get(1)),
                Long.parseLong(String.valueOf(row.get(2))),
                "t".equals(row.get(3))));
      }
    }
    return sequences;
  }

  private static String valueOf(List<@Nullable String> sequence) {
    String schema = String.valueOf(sequence.get(0));
    String name = String.valueOf(sequence.get(1));
    return "SELECT "
        + Sql.literal(schema)
        + ", "
        + Sql.literal(name)
        + ", last_value, is_called FROM "
        + Sql.name(schema, name);
  }
}

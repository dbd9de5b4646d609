package org.pgwalrus.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pgwalrus.jobs.Job;
import org.pgwalrus.jobs.JobKind;
import org.pgwalrus.jobs.Phase;
import org.pgwalrus.jobs.Plan;
import org.pgwalrus.jobs.Progress;
import org.pgwalrus.jobs.Session;
import org.pgwalrus.jobs.Stage;

/**
 * Captures the fingerprints of all tables of a node, schema by schema, and puts them in the place
 * of the former ones when all are there.
 */
public final class SchemaCapture implements JobKind {

  private static final String COUNT = "SELECT steep_repl.count_tables_to_capture($1::bigint)";
  private static final String NEXT = "SELECT steep_repl.next_schema_to_capture($1::bigint, $2)";
  private static final String STAGE = "SELECT steep_repl.stage_fingerprints($1::bigint, $2)";
  private static final String PUBLISH = "SELECT steep_repl.publish_fingerprints($1::bigint)";
  private static final String DISCARD = "SELECT steep_repl.discard_fingerprints($1::bigint)";

  /** Found by the service loader. */
  public SchemaCapture() {}

  @Override
  public String operation() {
    return "schema_capture";
  }

  @Override
  public Job open(Session session) {
    return new Capture(session);
  }

  private static final class Capture implements Job {

    private final Session session;
    private final String id;
    private @Nullable String schema = "";
    private boolean published;

    Capture(Session session) {
      this.session = session;
      id = String.valueOf(session.id());
    }

    @Override
    public Plan plan() {
      int tables = Math.toIntExact(session.number(COUNT, id));
      return new Plan(
          tables,
          0,
          0,
          List.of(
              new Stage(Phase.SCHEMA, 90, tables, this::captureSchema),
              new Stage(Phase.FINALIZING, 10, 1, this::publish)));
    }

    private boolean captureSchema(Progress progress) {
      schema = session.execute(NEXT, id, String.valueOf(schema));
      if (schema == null) {
        progress.table("");
        return false;
      }
      progress.table(schema + ".*");
      int captured = Math.toIntExact(session.number(STAGE, id, schema));
      progress.tables(captured);
      progress.advance(captured);
      return true;
    }

    private boolean publish(Progress progress) {
      if (published) {
        return false;
      }
      session.execute(PUBLISH, id);
      published = true;
      return true;
    }

    @Override
    public void undo() {
      session.execute(DISCARD, id);
    }
  }
}

package org.pgwalrus.worker;

import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.backend.PgException;
import org.pgwalrus.backend.Server;

/** Announces what happens on {@code walrus.notify_channel}. */
final class Events {

  private static final String SEND = "SELECT " + notifying("$1::jsonb");

  private final Server server;
  private final ServerLog log;

  Events(Server server) {
    this.server = server;
    this.log = new ServerLog(server);
  }

  /** The SQL expression that sends a payload, with what every event has. */
  static String notifying(String payload) {
    return "pg_catalog.pg_notify(pg_catalog.current_setting('walrus.notify_channel'), ("
        + payload
        + " || pg_catalog.jsonb_build_object("
        + "'server', pg_catalog.current_setting('cluster_name'), 'timestamp',"
        + " pg_catalog.to_char(pg_catalog.now() AT TIME ZONE 'UTC',"
        + " 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')))::text)::text";
  }

  /** Whether somebody may listen for what a row of this action tells. */
  boolean wanted(String action) {
    if (server.get(OperationSettings.NOTIFY_CHANNEL).isEmpty()) {
      return false;
    }
    return !action.equals("dry_run") || server.get(OperationSettings.NOTIFY_DRY_RUN);
  }

  /** Announces something that has no row of its own. */
  void send(String event, Json payload) {
    if (server.get(OperationSettings.NOTIFY_CHANNEL).isEmpty()) {
      return;
    }
    try {
      server.execute(SEND, payload.put("event", event).raw("id", "null").toString(), "");
    } catch (PgException e) {
      log.warn("failed to announce " + event, e);
    }
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.PgException;

/** Every line names the extension, so that people find it. */
class ServerLogTest {

  private final FakeServer server = new FakeServer();
  private final ServerLog log = new ServerLog(server);

  @Test
  void eachLevelHasThePrefix() {
    log.debug("for the curious", "Detail.");
    log.log("for the record", "Detail.");
    log.warn("for the admin", "Detail.", "Hint.");

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(Level.DEBUG1, "pg_walrus: for the curious", "Detail.", ""),
            new FakeServer.Line(Level.LOG, "pg_walrus: for the record", "Detail.", ""),
            new FakeServer.Line(Level.WARNING, "pg_walrus: for the admin", "Detail.", "Hint."));
  }

  @Test
  void aDryRunIsMarkedAsSuch() {
    log.dryRun("would do it", "Detail.");

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(Level.LOG, "pg_walrus [DRY-RUN]: would do it", "Detail.", ""));
  }

  @Test
  void anErrorIsToldWithAllThatTheServerSaid() {
    log.warn("failed", new PgException("58030", "disk is full", "No space.", "Make some."));

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING, "pg_walrus: failed: disk is full", "No space.", "Make some."));
  }
}

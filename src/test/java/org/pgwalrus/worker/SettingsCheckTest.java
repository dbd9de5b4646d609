package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;

/** Settings that the server would refuse to start with. WAL segments have 16 MB here. */
class SettingsCheckTest {

  private final FakeServer server = new FakeServer();
  private final SettingsCheck check = new SettingsCheck(server);

  @Test
  void aCeilingOfTwoSegmentsIsFine() {
    server.max = 32;
    check.warn();

    assertThat(server.log).isEmpty();
  }

  @Test
  void aLowerCeilingIsToldOnceForEachValue() {
    server.max = 31;
    check.warn();
    check.warn();
    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: walrus.max of 31 MB is below two WAL segments; using 32 MB",
                "",
                "Set walrus.max to a size that max_wal_size may have."));

    server.max = 2;
    check.warn();
    server.max = 64;
    check.warn();
    assertThat(server.log).hasSize(2);

    server.max = 2;
    check.warn();
    assertThat(server.log).as("set anew").hasSize(3);
  }
}

package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.Level;
import org.pgwalrus.backend.Settings;
import org.pgwalrus.backend.ShrinkSettings;
import org.pgwalrus.backend.StateField;

/** Settings that cannot be followed together. WAL segments have 16 MB here. */
class SettingsCheckTest {

  private static final String LOW_MAX =
      "walrus.max of 31 MB is below two WAL segments; using 32 MB";

  private static final String CROSSED =
      "walrus.min_size of 5000 MB is above walrus.max of 4096 MB; using walrus.max for both";

  private final FakeServer server = new FakeServer();
  private final SettingsCheck check = new SettingsCheck(server);

  private String shown() {
    return server.state().text(StateField.CONFIG_WARNINGS);
  }

  @Test
  void theDefaultsAreFine() {
    check.warn();

    assertThat(server.log).isEmpty();
    assertThat(shown()).isEqualTo("[]");
  }

  @Test
  void sizesOfTwoSegmentsAreFine() {
    server.set(Settings.MAX, 32);
    server.set(ShrinkSettings.MIN_SIZE, 32);
    check.warn();

    assertThat(server.log).isEmpty();
  }

  @Test
  void aCeilingBelowTwoSegmentsIsTold() {
    server.set(Settings.MAX, 31);
    server.set(ShrinkSettings.MIN_SIZE, 31);
    check.warn();

    assertThat(server.log)
        .containsExactly(
            new FakeServer.Line(Level.WARNING, "pg_walrus: " + LOW_MAX, "", ""),
            new FakeServer.Line(
                Level.WARNING,
                "pg_walrus: walrus.min_size of 31 MB is below two WAL segments; using 32 MB",
                "",
                ""));
  }

  @Test
  void aFloorAboveTheCeilingIsTold() {
    server.set(ShrinkSettings.MIN_SIZE, 5000);
    check.warn();

    assertThat(server.warnings()).containsExactly("pg_walrus: " + CROSSED);
  }

  @Test
  void aMinWalSizeAboveMaxWalSizeIsTold() {
    server.minWalSizeMb = 2048;
    check.warn();

    assertThat(server.warnings())
        .containsExactly(
            "pg_walrus: min_wal_size of 2048 MB is above max_wal_size; shrinking frees no disk"
                + " space below it");
  }

  @Test
  void eachIsToldOnceUntilItsSettingsChange() {
    server.set(ShrinkSettings.MIN_SIZE, 5000);
    check.warn();
    check.warn();
    assertThat(server.warnings()).hasSize(1);

    server.minWalSizeMb = 2048;
    check.warn();
    assertThat(server.warnings()).as("the new one alone").hasSize(2);

    server.set(ShrinkSettings.MIN_SIZE, 6000);
    check.warn();
    assertThat(server.warnings()).hasSize(3);

    server.set(ShrinkSettings.MIN_SIZE, 1024);
    check.warn();
    server.set(ShrinkSettings.MIN_SIZE, 6000);
    check.warn();
    assertThat(server.warnings()).as("set anew").hasSize(4);
  }

  @Test
  void allAreShownAsLongAsTheyHold() {
    server.set(ShrinkSettings.MIN_SIZE, 5000);
    server.set(Settings.MAX, 4096);
    check.warn();
    assertThat(shown()).isEqualTo("[\"" + CROSSED + "\"]");

    server.set(ShrinkSettings.MIN_SIZE, 1024);
    check.warn();
    assertThat(shown()).isEqualTo("[]");
  }

  @Test
  void allOfThemTogetherFitIntoTheirField() {
    server.set(Settings.MAX, 2);
    server.set(ShrinkSettings.MIN_SIZE, 31);
    server.minWalSizeMb = Integer.MAX_VALUE;
    check.warn();

    assertThat(server.warnings()).hasSize(4);
    assertThat(shown())
        .isEqualTo(
            server.warnings().stream()
                .map(warning -> "\"" + warning.substring("pg_walrus: ".length()) + "\"")
                .collect(Collectors.joining(", ", "[", "]")));
  }

  @Test
  void whatAnEarlierWorkerLeftInTheSharedStateIsForgotten() {
    server.state().set(StateField.CONFIG_WARNINGS, "[\"old\"]");
    new SettingsCheck(server).warn();

    assertThat(shown()).isEqualTo("[]");
  }
}

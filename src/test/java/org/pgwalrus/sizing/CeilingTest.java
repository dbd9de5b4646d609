package org.pgwalrus.sizing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.pgwalrus.sizing.Scenario.scenario;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What growth does not go beyond, and how often that is reported. */
class CeilingTest {

  @ParameterizedTest(name = "{0}: {1} MB free, {2} MB of WAL, {3} MB kept, reserve {4} %: {5} MB")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          C4                      |                3000 |                1000 |                   0 | 20 |       3200
          C6                      |                 100 |                 900 |                   0 | 20 |        800
          kept within the size    |                3000 |                1000 |                1024 | 20 |       3200
          kept beyond the size    |                3000 |                1000 |                1524 | 20 |       2700
          kept beyond all         |                3000 |                1000 |                9000 | 20 |          0
          the most that is left   |                1000 |                   0 |                   0 | 90 |        100
          part of a MB            |                 101 |                   0 |                   0 | 50 |         50
          full                    |                   0 |                   0 |                   0 | 20 |          0
          more than can be set    | 9223372036854775807 | 9223372036854775807 |                   0 | 20 | 2147483647
          more kept than there is |                   1 |                   1 | 9223372036854775807 | 20 |          0
          """)
  void theDiskGivesWhatTheReserveLeaves(
      String what, long freeMb, long walMb, long retainedMb, double reservePercent, int capMb) {
    Disk disk = new Disk(freeMb, walMb, retainedMb);

    assertThat(new CapPolicy(reservePercent, 0, 100).diskMb(disk, 1024)).isEqualTo(capMb);
  }

  @ParameterizedTest(name = "{0}: {1} s at {2} MB/s: {3} MB")
  @CsvSource({"C5, 30, 100, 3000", "most, 86400, 100000, 2147483647"})
  void theRecoveryTargetGivesWhatCanBeReplayed(String id, int seconds, int rate, int capMb) {
    assertThat(new CapPolicy(20, seconds, rate).recoveryMb()).isEqualTo(capMb);
  }

  @Test
  void whatIsOffOrUnknownLimitsNothing() {
    Sample sample = scenario().end();
    Policy off = scenario().caps(0, 0, 100).policy();

    assertThat(Ceiling.disk(sample, off, new Disk(1, 1, 1))).isEqualTo(Ceiling.NONE);
    assertThat(Ceiling.disk(sample, scenario().policy(), null)).isEqualTo(Ceiling.NONE);
    assertThat(Ceiling.recovery(off)).isEqualTo(Ceiling.NONE);
  }

  @Test
  void noCeilingIsBelowTwoSegments() {
    assertThat(new Ceiling(Limit.DISK, 0).alignedMb(16)).isEqualTo(32);
    assertThat(new Ceiling(Limit.DISK, 47).alignedMb(16)).isEqualTo(32);
    assertThat(new Ceiling(Limit.DISK, 48).alignedMb(16)).isEqualTo(48);
  }

  @Test
  void anEpisodeIsReportedOnce() {
    assertThat(reports(3, 3, 3)).containsExactly(true, false, false);
  }

  @Test
  void aQuietIntervalEndsTheEpisode() {
    assertThat(reports(3, 0, 3)).containsExactly(true, false, true);
  }

  @Test
  void aSizeWithinTheCeilingEndsTheEpisode() {
    Outcome outcome = scenario().delta(3).reported(Limit.MAX, 4096).outcome();

    assertThat(outcome.state().reported()).isEqualTo(Ceiling.NONE);
  }

  @Test
  void anotherCeilingIsReportedAnew() {
    Scenario scenario = scenario().size(8192).delta(3).reported(Limit.MAX, 4096);

    assertThat(reported(scenario)).isFalse();
    assertThat(reported(scenario.ceiling(6144))).isTrue();
    assertThat(scenario.outcome().state().reported()).isEqualTo(new Ceiling(Limit.MAX, 6144));
  }

  @Test
  void aDiskThatFillsIsOneEpisode() {
    Scenario scenario = scenario().delta(5).reported(Limit.DISK, 900).disk(100, 900, 0);

    assertThat(reported(scenario)).isFalse();
    assertThat(reported(scenario.caps(20, 5, 100))).isTrue(); // the recovery target, at 500 MB
  }

  @Test
  void aCeilingBelowTwoSegmentsIsReportedAsTwoSegments() {
    assertThat(scenario().ceiling(16).delta(3).outcome().state().reported())
        .isEqualTo(new Ceiling(Limit.MAX, 32));
  }

  @Test
  void aGrowthThatTheCeilingCutsIsReportedAndTheNextRefusalIsNot() {
    Scenario scenario = scenario().size(2048).delta(5);
    Outcome grown = scenario.outcome();

    Outcome refused = scenario.size(4096).step(scenario.sample(600, 10, 0, 0), grown.state());

    assertThat(((Decision.Resize) grown.decision()).reportLimit()).isTrue();
    assertThat(((Decision.AlreadyThere) refused.decision()).reportLimit()).isFalse();
  }

  @Test
  void whatIsBlockedOrTriedIsReportedAsWell() {
    Scenario blocked = scenario().size(2048).delta(5).limit(0, 0);
    Scenario tried = scenario().size(2048).delta(5).trial();

    assertThat(((Decision.Blocked) blocked.decision()).reportLimit()).isTrue();
    assertThat(((Decision.Trial) tried.decision()).reportLimit()).isTrue();
  }

  private static boolean reported(Scenario scenario) {
    return ((Decision.AlreadyThere) scenario.decision()).reportLimit();
  }

  /** Whether each of these deltas in turn, at the ceiling, is reported. */
  private static List<Boolean> reports(long... deltas) {
    Scenario scenario = scenario().size(4096);
    State state = scenario.started();
    List<Boolean> reports = new ArrayList<>();
    long requested = 0;
    for (int i = 0; i < deltas.length; i++) {
      requested += deltas[i];
      Outcome outcome = scenario.step(scenario.sample(300.0 * (i + 1), requested, 0, 0), state);
      state = outcome.state();
      reports.add(outcome.decision() instanceof Decision.AlreadyThere at && at.reportLimit());
    }
    return reports;
  }
}

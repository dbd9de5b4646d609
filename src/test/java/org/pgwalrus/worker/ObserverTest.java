package org.pgwalrus.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.pgwalrus.backend.LocalTime;
import org.pgwalrus.backend.OperationSettings;
import org.pgwalrus.sizing.Sample;

/** One look at the server. */
class ObserverTest {

  private final FakeServer server = new FakeServer();
  private final Profiles profiles = new Profiles(server, new Events(server));
  private final Observer observer = new Observer(server, new PolicyReader(server), profiles);

  @Test
  void aSampleHasEveryNumberInItsPlace() {
    server.requested = 101;
    server.statsResetMicros = 102;
    server.insertLsn = 203 * FakeServer.MB;
    server.maxWalSizeMb = 104;
    server.timeoutSeconds = 105;

    Look look = observer.look(10_500_000_000L);

    assertThat(look.sample())
        .isEqualTo(
            new Sample(
                10.5, 101, 102, 203 * FakeServer.MB, 103 * FakeServer.MB, 104, 105, 0.9, 16));
    assertThat(look.nanos()).isEqualTo(10_500_000_000L);
    assertThat(look.stats().timed()).isEqualTo(3);
    assertThat(look.wal().wallMicros()).isEqualTo(FakeServer.WALL_MICROS);
    assertThat(look.policy()).isEqualTo(Examples.policy());
    assertThat(look.profile()).isEmpty();
  }

  /** Counted twice it would only be too much; missed, its WAL would have no checkpoint. */
  @Test
  void aCheckpointBetweenTheTwoReadingsIsCounted() {
    server.afterWalPosition = () -> server.requested++;

    assertThat(observer.look(server.nanos).sample().requestedCheckpoints()).isEqualTo(58);
  }

  @Test
  void thePolicyIsThatOfTheProfileInForce() {
    server.set(OperationSettings.PROFILES, "[day]");
    server.database.answer(FakeDatabase.PROFILE_COUNT, "1");
    server.database.answer(FakeDatabase.PROFILE, "day;6;22;Mon;;;;8192;;".replace(';', '\u001f'));
    profiles.refresh();
    server.localTime = new LocalTime(1, 12);

    Look look = observer.look(server.nanos);

    assertThat(look.profile()).isEqualTo("day");
    assertThat(look.policy().maxMb()).isEqualTo(8192);
    assertThat(look.under(Examples.policy().asTrial()).policy().trial()).isTrue();
  }
}
